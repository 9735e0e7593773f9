"""Requests that ask are taken up in turn."""

from __future__ import annotations

from flask import Flask, request

from pedabot import turns

ENDPOINTS = frozenset({"chat.start", "chat.ask", "chat.anew", "chat.stream"})


def init_app(app: Flask) -> None:
    """Let requests that ask wait for their turn, which ends with their view."""
    app.before_request(_take_turn)
    app.teardown_request(_end_turn)


def _take_turn() -> None:
    if request.endpoint in ENDPOINTS:
        _ = request.form  # a slow sender is waited for before, and holds nobody up
        turns.take()


def _end_turn(_error: BaseException | None) -> None:
    turns.give_back()
