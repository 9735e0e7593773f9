"""Addresses in templates: a page has some thirty, nearly all the same ones again and again."""

from __future__ import annotations

from functools import lru_cache

from flask import Flask, request, url_for


def init_app(app: Flask) -> None:
    """Let templates call this ``url_for`` in place of Flask's."""
    app.jinja_env.globals["url_for"] = _url_for


def _url_for(endpoint: str, **values: object) -> str:
    """Return what Flask's ``url_for`` does; from memory where the address is for ever the same.

    That is so for addresses within the site of which all parts are words: a relative endpoint
    depends on the request, an external address on its host.
    """
    words = all(type(value) is str for value in values.values())
    if not words or endpoint.startswith(".") or not values.keys().isdisjoint(_OUTSIDE):
        return url_for(endpoint, **values)  # type: ignore[arg-type]
    return _known(request.script_root, endpoint, tuple(values.items()))


_OUTSIDE = {"_external", "_scheme", "_method"}


@lru_cache(maxsize=4096)
def _known(_root: str, endpoint: str, values: tuple[tuple[str, str], ...]) -> str:
    return url_for(endpoint, **dict(values))  # type: ignore[arg-type]
