"""Is the process there?"""

from __future__ import annotations

from flask import Blueprint

from pedabot.web.access import public
from pedabot.web.limits import limiter

bp = Blueprint("health", __name__)


@bp.get("/healthz")
@public
@limiter.exempt
def healthz() -> tuple[str, dict[str, str]]:
    """Answer as long as the process lives."""
    return "ok\n", {"Content-Type": "text/plain; charset=utf-8"}
