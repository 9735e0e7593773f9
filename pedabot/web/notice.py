"""Whether somebody has yet to read the privacy notice as it is now."""

from __future__ import annotations

from flask import Flask, current_app, redirect, request, url_for
from werkzeug.wrappers import Response

from pedabot.storage.people import User
from pedabot.teaching import processing

ALWAYS_OPEN = {"records.copy", "records.erase"}
"""Rights that nobody has to read anything for."""


def init_app(app: Flask) -> None:
    """Make the version once: settings do not change while a process lives."""
    app.extensions["pedabot_notice"] = processing.notice_version(app.config)


def version() -> str:
    """Return the version of the notice that is in force."""
    return str(current_app.extensions["pedabot_notice"])


def is_due(user: User) -> bool:
    """Tell whether the account has not read the notice that is in force."""
    return user.notice_version != version()


def before(user: User) -> Response | None:
    """Return the way to the notice if it comes before the page that is asked for.

    Only pages are held back: what somebody has written is never lost to a notice.
    """
    page = request.method == "GET" and request.headers.get("HX-Request") != "true"
    if not page or request.endpoint in ALWAYS_OPEN or not is_due(user):
        return None
    return redirect(url_for("privacy.show", next=request.full_path.rstrip("?")))
