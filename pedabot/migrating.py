"""Flask-Migrate, and Alembic with it, at their first use: a server that only serves needs none."""

from __future__ import annotations

from typing import Any

from flask import Flask

from pedabot.extensions import db


class Migrations:
    """Stands where Flask-Migrate looks for its settings until something asks for more of them."""

    def __init__(self, app: Flask, directory: str) -> None:
        self._app = app
        self.directory = directory
        app.extensions["migrate"] = self

    def __getattr__(self, name: str) -> Any:
        # A tenth of a second of a cold start.
        from flask_migrate import Migrate

        Migrate(self._app, db, directory=self.directory)
        return getattr(self._app.extensions["migrate"], name)
