"""Browsers in which an account has signed in before: their tries are counted apart.

The design is OWASP's "slow down online guessing attacks with device cookies". A classmate may use
up the tries of an account for browsers that it never used, but never those of its own browsers.
"""

from __future__ import annotations

import hmac
import secrets
from hashlib import sha256
from typing import Any

from flask import Response, after_this_request, current_app, request
from itsdangerous import BadSignature, URLSafeSerializer

from pedabot.storage.people import username_key
from pedabot.web.security import cookie_is_secure, cookie_name

COOKIE = "pedabot-device"
SECONDS = 365 * 24 * 3600
MOST_ACCOUNTS = 30
"""On a computer of the school; the one that has not signed in for longest is forgotten."""


def remember(username: str) -> None:
    """Let this browser know with the response that the account has signed in here."""
    known = _known()
    marks = [mark for mark in known["accounts"] if mark != _mark(username)]
    known["accounts"] = [*marks, _mark(username)][-MOST_ACCOUNTS:]

    @after_this_request
    def _set_cookie(response: Response) -> Response:
        response.set_cookie(
            cookie_name(COOKIE),
            _signer().dumps(known),
            max_age=SECONDS,
            secure=cookie_is_secure(),
            httponly=True,
            samesite="Lax",
        )
        return response


def known_browser(username: str) -> str | None:
    """Return the id of this browser if the account has signed in here before, else None."""
    known = _known()
    return str(known["id"]) if _mark(username) in known["accounts"] else None


def _known() -> dict[str, Any]:
    """Read the cookie; one that is not ours is as none."""
    fresh: dict[str, Any] = {"id": secrets.token_urlsafe(12), "accounts": []}
    try:
        found = _signer().loads(request.cookies.get(cookie_name(COOKIE), ""))
    except BadSignature:
        return fresh
    return dict(found)


def _mark(username: str) -> str:
    """Return a mark for an account; without our secret it tells nobody the name."""
    key = _secret()
    return hmac.new(key, username_key(username).encode(), sha256).hexdigest()[:24]


def _signer() -> URLSafeSerializer:
    return URLSafeSerializer(
        _secret(), salt="pedabot.devices", signer_kwargs={"digest_method": sha256}
    )


def _secret() -> bytes:
    return str(current_app.config["SECRET_KEY"]).encode()
