"""A small OpenID Connect provider on loopback: discovery, keys, consent, tokens, userinfo.

It checks what a real one checks (client, redirect address, PKCE, codes that work once), and can be
told to go wrong. Who signs in there is ``subject``; consent is given at once unless ``denies``.
"""

from __future__ import annotations

import json
import secrets
import threading
import time
from base64 import b64decode, urlsafe_b64encode
from dataclasses import dataclass, field
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import RSAKey

CLIENT_ID, CLIENT_SECRET = "pedabot", "a secret of the client"
KEY = RSAKey.generate_key(2048, {"kid": "first", "use": "sig"})
UNKNOWN_KEY = RSAKey.generate_key(2048, {"kid": "first", "use": "sig"})


@dataclass
class OidcProvider:
    """The provider; ``claims`` change the id token, ``told`` is what userinfo adds."""

    redirect_uri: str
    subject: str = "4711"
    denies: bool = False
    claims: dict[str, Any] = field(default_factory=dict)
    told: dict[str, Any] = field(default_factory=dict)
    key: RSAKey = field(default_factory=lambda: KEY)
    requests: list[str] = field(default_factory=list)
    scopes: set[str] = field(default_factory=set)
    _codes: dict[str, dict[str, str]] = field(default_factory=dict)

    def __enter__(self) -> OidcProvider:
        provider = self

        class Handler(_Handler):
            """Requests to this provider."""

        Handler.provider = provider
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()
        return self

    def __exit__(self, *_args: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    @property
    def discovery_url(self) -> str:
        return f"{self.url}/.well-known/openid-configuration"

    def discovery(self) -> dict[str, Any]:
        return {
            "issuer": self.url,
            "authorization_endpoint": f"{self.url}/authorise",
            "token_endpoint": f"{self.url}/token",
            "userinfo_endpoint": f"{self.url}/userinfo",
            "jwks_uri": f"{self.url}/keys",
            "response_types_supported": ["code"],
            "subject_types_supported": ["pairwise"],
            "id_token_signing_alg_values_supported": ["RS256"],
        }

    def authorise(self, query: dict[str, str]) -> str:
        """Return where the browser goes next."""
        assert query["client_id"] == CLIENT_ID
        assert query["redirect_uri"] == self.redirect_uri, query["redirect_uri"]
        assert query["response_type"] == "code"
        assert query["code_challenge_method"] == "S256"
        assert query["nonce"]
        self.scopes = set(query["scope"].split())
        if self.denies:
            answer = {"error": "access_denied", "state": query["state"]}
        else:
            code = secrets.token_urlsafe(16)
            self._codes[code] = query
            answer = {"code": code, "state": query["state"]}
        return f"{self.redirect_uri}?{urlencode(answer)}"

    def token(self, form: dict[str, str], authorization: str) -> dict[str, Any] | None:
        """Exchange a code, once, for tokens; None refuses."""
        query = self._codes.pop(form.get("code", ""), None)
        given = b64decode(authorization.removeprefix("Basic ")).decode()
        digest = sha256(form.get("code_verifier", "").encode()).digest()
        proof = urlsafe_b64encode(digest).rstrip(b"=").decode()
        if query is None or unquote(given) != f"{CLIENT_ID}:{CLIENT_SECRET}":
            return None
        if proof != query["code_challenge"] or form["redirect_uri"] != self.redirect_uri:
            return None
        return {
            "access_token": "an access token",
            "token_type": "Bearer",
            "expires_in": 300,
            "id_token": self._id_token(query["nonce"]),
        }

    def _id_token(self, nonce: str) -> str:
        now = int(time.time())
        claims = {
            "iss": self.url,
            "sub": self.subject,
            "aud": CLIENT_ID,
            "nonce": nonce,
            "iat": now,
            "exp": now + 300,
            **self.claims,
        }
        return jwt.encode({"alg": "RS256", "kid": "first"}, claims, self.key)


class _Handler(BaseHTTPRequestHandler):
    provider: OidcProvider

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        self.provider.requests.append(parts.path)
        if parts.path == "/authorise":
            query = {name: values[0] for name, values in parse_qs(parts.query).items()}
            self.send_response(302)
            self.send_header("Location", self.provider.authorise(query))
            self.end_headers()
            return
        self._answer(
            {
                "/.well-known/openid-configuration": self.provider.discovery(),
                "/keys": {"keys": [KEY.as_dict(private=False)]},
                "/userinfo": {"sub": self.provider.subject, **self.provider.told},
            }[parts.path]
        )

    def do_POST(self) -> None:
        self.provider.requests.append(self.path)
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        form = {name: values[0] for name, values in parse_qs(body).items()}
        token = self.provider.token(form, self.headers["Authorization"] or "")
        self._answer(token or {"error": "invalid_grant"}, 200 if token else 400)

    def _answer(self, data: dict[str, Any], code: int = 200) -> None:
        body = json.dumps(data).encode()
        self.send_response(code)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_args: object) -> None:
        """Keep the tests' output clean."""
