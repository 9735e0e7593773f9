"""How long a session believes what it has loaded."""

from __future__ import annotations

from pedabot.extensions import db


def keep_what_is_loaded() -> None:
    """Let the session of this request keep what it has loaded when it commits.

    By default each commit lets everything be read again, and asking commits a dozen times. What
    another request may change meanwhile must then be read with ``populate_existing``.
    """
    db.session().expire_on_commit = False
