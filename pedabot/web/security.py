"""The headers of every response, the names by which the server is known, and its cookies."""

from __future__ import annotations

import re
from hashlib import sha256

from flask import Flask, Response, abort, current_app, request
from flask.sessions import SecureCookieSessionInterface

from pedabot.config import known_names

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
    "Permissions-Policy": (
        "accelerometer=(), browsing-topics=(), camera=(), display-capture=(), geolocation=(),"
        " gyroscope=(), magnetometer=(), microphone=(), midi=(), payment=(), usb=()"
    ),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
STRICT_TRANSPORT_SECURITY = "max-age=31536000; includeSubDomains"

THIS_MACHINE = ("127.0.0.1", "localhost", "[::1]")


class SessionCookie(SecureCookieSessionInterface):
    """Sends the session over HTTPS only, save where nothing leaves the machine.

    Browsers make the same exception for ``http://localhost``; other programs do not. Under the
    prefix ``__Host-`` no other site of the domain, nor anybody on plain HTTP, can set it.
    """

    digest_method = staticmethod(sha256)

    def get_cookie_name(self, app: Flask) -> str:
        """Return the name of the cookie of this response."""
        return cookie_name(super().get_cookie_name(app))

    def get_cookie_secure(self, app: Flask) -> bool:
        """Tell whether the cookie of this response is for HTTPS only."""
        return cookie_is_secure()


def cookie_is_secure() -> bool:
    """Tell whether the cookies of this response are for HTTPS only."""
    return bool(current_app.config["SESSION_COOKIE_SECURE"]) and not on_this_machine()


def cookie_name(name: str) -> str:
    """Return the name of a cookie of this response, with its prefix if it is for HTTPS only."""
    return f"__Host-{name}" if cookie_is_secure() else name


def on_this_machine() -> bool:
    """Tell whether the page was opened by plain HTTP at an address of this very machine."""
    return not request.is_secure and _name_of_host() in THIS_MACHINE


def session_is_lost() -> bool:
    """Tell whether the browser will keep the session's cookie to itself."""
    return cookie_is_secure() and not request.is_secure


def init_app(app: Flask) -> None:
    """Refuse unknown hosts, add the headers to every response, and guard the cookie."""
    app.session_interface = SessionCookie()
    app.before_request(_refuse_other_hosts)
    app.after_request(_add_headers)


def _refuse_other_hosts() -> None:
    """Answer only to the names of the settings, if there are any: links are made from the host."""
    names = known_names(current_app.config["PEDABOT_HOSTS"])
    if names and _name_of_host() not in (*names, *THIS_MACHINE):
        abort(421)


def _name_of_host() -> str:
    return re.sub(r":\d+$", "", request.host).lower()


def _add_headers(response: Response) -> Response:
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    if request.is_secure:
        response.headers.setdefault("Strict-Transport-Security", STRICT_TRANSPORT_SECURITY)
    if request.endpoint != "static":
        # Personal pages must not stay in a shared computer's cache.
        response.headers.setdefault("Cache-Control", "no-store")
    return response
