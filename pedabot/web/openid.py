"""The school's accounts through OpenID Connect: the only importer of Authlib.

Nothing is asked of the provider before somebody signs in: discovery is lazy.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from authlib.common.errors import AuthlibBaseError
from authlib.integrations.flask_client import OAuth
from flask import Flask
from joserfc.errors import JoseError
from requests import RequestException
from werkzeug.wrappers import Response

from pedabot.teaching.school_accounts import DeniedError, SchoolAccount, SchoolError

TIMEOUT_SECONDS = 5.0


class Provider:
    """The provider of the settings, spoken to with state, nonce and PKCE."""

    def __init__(self, app: Flask) -> None:
        settings = app.config
        self._teacher_claim = settings["PEDABOT_OIDC_TEACHER_CLAIM"]
        listed = settings["PEDABOT_OIDC_TEACHER_VALUES"].split(",")
        self._teacher_values = {value.strip().casefold() for value in listed if value.strip()}
        self._makes_accounts = settings["PEDABOT_OIDC_NEW_ACCOUNTS"]
        self._name_claim = settings["PEDABOT_OIDC_NAME_CLAIM"]
        self._client = OAuth(app).register(
            "school",
            client_id=settings["PEDABOT_OIDC_CLIENT_ID"],
            client_secret=settings["PEDABOT_OIDC_CLIENT_SECRET"] or None,
            server_metadata_url=settings["PEDABOT_OIDC_DISCOVERY_URL"],
            client_kwargs={
                "scope": settings["PEDABOT_OIDC_SCOPES"],
                "code_challenge_method": "S256",
                "default_timeout": TIMEOUT_SECONDS,
            },
        )

    def redirect(self, callback: str) -> Response:
        """Return the way to the provider, which comes back to ``callback``.

        Raises:
            SchoolError: if the provider does not answer.
        """
        try:
            response: Response = self._client.authorize_redirect(callback)
        except (AuthlibBaseError, RequestException, RuntimeError, KeyError, ValueError) as error:
            raise SchoolError(type(error).__name__) from error
        return response

    def account(self) -> SchoolAccount:
        """Return who comes back with this request, once state, nonce and signature are right.

        Raises:
            DeniedError: if the provider says no.
            SchoolError: if anything is missing, wrong or expired.
        """
        try:
            token = self._client.authorize_access_token()
            claims = token["userinfo"]
            extra = self._more_claims(token, claims)
            return self._read({**extra, **claims})
        except AuthlibBaseError as error:
            kind = DeniedError if error.error == "access_denied" else SchoolError
            raise kind(error.error) from error
        except (JoseError, RequestException, RuntimeError, KeyError, ValueError) as error:
            raise SchoolError(type(error).__name__) from error

    def _more_claims(self, token: Mapping[str, Any], claims: Mapping[str, Any]) -> dict[str, Any]:
        """Ask for what a new account needs and the id token lacks, if it is told elsewhere."""
        if not self._makes_accounts:
            return {}
        wanted = {self._name_claim, self._teacher_claim} - {""} - set(claims)
        if not wanted or not self._client.load_server_metadata().get("userinfo_endpoint"):
            return {}
        told = dict(self._client.userinfo(token=token))
        return told if told.get("sub") == claims["sub"] else {}

    def _read(self, claims: Mapping[str, Any]) -> SchoolAccount:
        return SchoolAccount(
            issuer=str(claims["iss"])[:255],
            subject=str(claims["sub"])[:255],
            name=str(claims.get(self._name_claim) or "")[:32],
            teaches=self._says_teacher(claims),
        )

    def _says_teacher(self, claims: Mapping[str, Any]) -> bool:
        """Tell whether the configured claim names a teacher; an e-mail counts by its domain."""
        value = claims.get(self._teacher_claim) if self._teacher_claim else None
        if self._teacher_claim == "email":
            verified = claims.get("email_verified") is True
            value = str(value).rpartition("@")[2] if value and verified else None
        values = value if isinstance(value, list) else [value]
        return any(str(word).casefold() in self._teacher_values for word in values if word)
