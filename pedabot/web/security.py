"""The headers of every response, and the session's cookie."""

from __future__ import annotations

from flask import Flask, Response, current_app, request
from flask.sessions import SecureCookieSessionInterface

CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'self'",
        "object-src 'none'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    )
)
HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=()",
    "Cross-Origin-Opener-Policy": "same-origin",
}


THIS_MACHINE = {"127.0.0.1", "localhost", "[::1]"}


class SessionCookie(SecureCookieSessionInterface):
    """Sends the session over HTTPS only, save where nothing leaves the machine.

    Browsers make the same exception for ``http://localhost``; other programs do not.
    """

    def get_cookie_secure(self, app: Flask) -> bool:
        """Tell whether the cookie of this response is for HTTPS only."""
        return bool(app.config["SESSION_COOKIE_SECURE"]) and not on_this_machine()


def on_this_machine() -> bool:
    """Tell whether the page was opened by plain HTTP at an address of this very machine."""
    return not request.is_secure and request.host.rsplit(":", 1)[0] in THIS_MACHINE


def session_is_lost() -> bool:
    """Tell whether the browser will keep the session's cookie to itself."""
    secure = SessionCookie().get_cookie_secure(current_app)
    return secure and not request.is_secure


def init_app(app: Flask) -> None:
    """Add the headers to every response, and guard the cookie."""
    app.session_interface = SessionCookie()
    app.after_request(_add_headers)


def _add_headers(response: Response) -> Response:
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    if request.is_secure:
        response.headers.setdefault("Strict-Transport-Security", "max-age=31536000")
    if request.endpoint != "static":
        # Personal pages must not stay in a shared computer's cache.
        response.headers.setdefault("Cache-Control", "no-store")
    return response
