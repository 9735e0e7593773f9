"""Signing in with an account of the school, against a provider on loopback."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlsplit
from urllib.request import HTTPRedirectHandler, Request, build_opener

import pytest
from flask import Flask

from pedabot.extensions import db
from pedabot.storage import people
from pedabot.storage.identities import Identity
from pedabot.storage.people import Role, User
from tests.conftest import PASSWORD, Cast, Visit, Visitor, settings
from tests.oidc_provider import CLIENT_ID, CLIENT_SECRET, UNKNOWN_KEY, OidcProvider
from tests.web.pages import check_page, text_of

CALLBACK = "http://localhost/sign-in/school/callback"


@pytest.fixture
def provider() -> Iterator[OidcProvider]:
    with OidcProvider(CALLBACK) as running:
        yield running


@pytest.fixture
def environ(instance: Path, provider: OidcProvider) -> dict[str, str]:
    return settings(
        instance,
        PEDABOT_OIDC_DISCOVERY_URL=provider.discovery_url,
        PEDABOT_OIDC_CLIENT_ID=CLIENT_ID,
        PEDABOT_OIDC_CLIENT_SECRET=CLIENT_SECRET,
        PEDABOT_OIDC_NEW_ACCOUNTS="true",
        PEDABOT_OIDC_TEACHER_CLAIM="roles",
        PEDABOT_OIDC_TEACHER_VALUES="professeur, staff",
    )


class _Stay(HTTPRedirectHandler):
    """The browser of the test follows the redirect, not this opener."""

    def redirect_request(self, *_args: Any) -> Request | None:
        return None


def at_the_provider(address: str) -> str:
    """Give consent as a browser would; returns the path on which it comes back."""
    with pytest.raises(HTTPError) as answer:
        build_opener(_Stay).open(address, timeout=10)
    answer.value.close()
    parts = urlsplit(answer.value.headers["Location"])
    return f"{parts.path}?{parts.query}"


def come_back(browser: Visitor) -> Any:
    """Go to the provider and come back; returns the response of the callback."""
    start = browser.get("/sign-in/school")
    assert start.status_code == 302, start.text
    return browser.get(at_the_provider(start.location))


def link(browser: Visitor) -> Any:
    """Link the account of the signed-in browser with that of the provider."""
    assert browser.post("/account/school").status_code == 200
    return come_back(browser)


def test_nothing_is_asked_of_the_provider_before_somebody_signs_in(
    visit: Visit, provider: OidcProvider
) -> None:
    page = visit().get("/sign-in").text
    check_page(page)
    assert "Compte de l'école" in text_of(page)
    assert provider.requests == []


def test_an_account_with_a_password_is_linked_and_opened(
    app: Flask, visit: Visit, provider: OidcProvider
) -> None:
    browser = visit("student")
    check_page(browser.get("/account").text)
    assert "C'est lié" in text_of(browser.get(link(browser).location).text)
    check_page(browser.get("/account").text)
    newcomer = visit()
    assert come_back(newcomer).location == "/"
    assert "student" in newcomer.get("/account").text
    assert provider.scopes == {"openid", "profile"}
    with app.app_context():
        identity = db.session.query(Identity).one()
        assert (identity.issuer, identity.subject) == (provider.url, "4711")


def test_a_link_is_not_made_for_another_account_or_without_being_asked_for(
    app: Flask, visit: Visit
) -> None:
    link(visit("student"))
    other = visit("classmate")
    assert "déjà lié" in text_of(other.get(link(other).location).text)
    assert come_back(visit("outsider")).location == "/"  # signs in as the one who is linked
    with app.app_context():
        assert db.session.query(Identity).one().user.username == "student"


def test_a_link_is_taken_back_only_where_a_password_is_left(app: Flask, visit: Visit) -> None:
    browser = visit("student")
    link(browser)
    with app.app_context():
        user = people.find_user("student")
        assert user is not None
        kept, user.password_hash = user.password_hash, None
        db.session.commit()
        browser.post("/account/school/unlink")
        assert db.session.query(Identity).count() == 1
        user.password_hash = kept
        db.session.commit()
    browser.post("/account/school/unlink")
    with app.app_context():
        assert db.session.query(Identity).count() == 0


def test_somebody_unknown_becomes_a_student_of_the_class_of_the_code(
    app: Flask, visit: Visit, cast: Cast, provider: OidcProvider
) -> None:
    provider.claims = {"preferred_username": "zoe.dupont"}
    browser = visit()
    assert come_back(browser).location == "/sign-in/school/new"
    page = browser.get("/sign-in/school/new").text
    check_page(page)
    assert 'value="zoe.dupont"' in page
    wrong = browser.post("/sign-in/school/new", data={"username": "Zoé", "code": "ZZZZZZZZ"})
    assert wrong.status_code == 422
    taken = browser.post(
        "/sign-in/school/new", data={"username": "student", "code": cast.join_code}
    )
    assert "déjà pris" in text_of(taken.text)
    data = {"username": "Zoé", "code": cast.join_code}
    assert browser.post("/sign-in/school/new", data=data).status_code == 303
    browser.post("/privacy")
    assert "BTS SIO 2" in browser.get("/account").text
    with app.app_context():
        zoe = people.find_user("Zoé")
        assert zoe is not None
        assert (zoe.role, zoe.password_hash) == (Role.STUDENT, None)
    assert browser.get("/sign-in/school/new").status_code == 410


@pytest.mark.parametrize("told_by", ["claims", "told"])
def test_the_configured_claim_makes_a_teacher_of_a_new_account(
    app: Flask, visit: Visit, provider: OidcProvider, told_by: str
) -> None:
    setattr(provider, told_by, {"roles": ["parent", "Professeur"]})
    browser = visit()
    come_back(browser)
    assert browser.post("/sign-in/school/new", data={"username": "Curie"}).status_code == 303
    browser.post("/privacy")
    assert browser.get("/admin").status_code == 200


def test_where_new_accounts_are_not_allowed_one_reads_how_to_link(app: Flask, visit: Visit) -> None:
    app.config["PEDABOT_OIDC_NEW_ACCOUNTS"] = False
    browser = visit()
    refused = come_back(browser)
    assert refused.status_code == 403
    check_page(refused.text)
    assert "lie-le depuis ton compte" in text_of(refused.text)
    assert browser.get("/sign-in/school/new").status_code == 410


def test_a_deactivated_account_stays_closed(app: Flask, visit: Visit, cast: Cast) -> None:
    link(visit("student"))
    path = f"/admin/accounts/{cast.slugs['student']}/activity"
    visit("admin").post(path, data={"active": "0"})
    refused = come_back(visit())
    assert refused.status_code == 403
    assert "désactivé" in text_of(refused.text)


@pytest.mark.parametrize(
    "claims",
    [
        {"nonce": "another"},
        {"aud": "another client"},
        {"iss": "http://another.example"},
        {"exp": int(time.time()) - 3600},
    ],
    ids=["nonce", "audience", "issuer", "expired"],
)
def test_an_id_token_that_is_not_for_us_is_refused(
    visit: Visit, provider: OidcProvider, claims: dict[str, Any]
) -> None:
    provider.claims = claims
    browser = visit()
    refused = come_back(browser)
    assert refused.status_code == 502
    check_page(refused.text)
    assert "n'a pas marché" in text_of(refused.text)
    assert browser.get("/sign-in/school/new").status_code == 410


def test_an_id_token_of_an_unknown_key_is_refused(visit: Visit, provider: OidcProvider) -> None:
    provider.key = UNKNOWN_KEY
    assert come_back(visit()).status_code == 502


def test_consent_that_is_denied_is_said(visit: Visit, provider: OidcProvider) -> None:
    provider.denies = True
    refused = come_back(visit())
    assert refused.status_code == 403
    assert "refusée ou annulée" in text_of(refused.text)


def test_a_way_back_counts_once_and_only_in_the_browser_that_went(visit: Visit) -> None:
    browser = visit()
    path = at_the_provider(browser.get("/sign-in/school").location)
    assert visit().get(path).status_code == 502
    assert browser.get(path).status_code == 303
    assert browser.get(path).status_code == 502


def test_while_the_provider_is_dead_passwords_go_on(
    visit: Visit, environ: dict[str, str], provider: OidcProvider
) -> None:
    browser = visit()
    provider.__exit__()
    refused = browser.get("/sign-in/school")
    provider.__enter__()
    assert refused.status_code == 502
    check_page(refused.text)
    assert 'name="password"' in refused.text
    data = {"username": "student", "password": PASSWORD}
    assert browser.post("/sign-in", data=data).status_code == 303


def test_without_a_provider_there_is_no_trace_of_it(app: Flask, visit: Visit) -> None:
    app.extensions["pedabot_school"] = None  # as create_app() does without the setting
    browser = visit("student")
    assert browser.get("/sign-in/school").status_code == 404
    assert "école" not in text_of(browser.get("/account").text)


def test_erasing_the_account_erases_the_link(app: Flask, visit: Visit) -> None:
    link(visit("student"))
    with app.app_context():
        db.session.execute(db.delete(User).where(User.username == "student"))
        db.session.commit()
        assert db.session.query(Identity).count() == 0
