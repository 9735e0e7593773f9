"""Guessing passwords is slow, and nobody can use the limit to keep somebody else out."""

from __future__ import annotations

from pathlib import Path

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from pedabot.extensions import db
from pedabot.storage import password_links, people
from tests.conftest import PASSWORD, Visit, Visitor, settings

NEW_PASSWORD = "another horse battery"


@pytest.fixture
def environ(instance: Path) -> dict[str, str]:
    limits = {"PEDABOT_SIGN_IN_LIMIT": "3 per minute", "PEDABOT_JOIN_LIMIT": "3 per minute"}
    return settings(instance, **limits)


def _try(
    browser: Visitor, password: str, name: str = "student", address: str = "10.0.0.1"
) -> TestResponse:
    return browser.post(
        "/sign-in",
        data={"username": name, "password": password},
        environ_overrides={"REMOTE_ADDR": address},
    )


def _use_up(browser: Visitor, name: str = "student", address: str = "10.0.0.1") -> None:
    """Try wrong passwords until the right one is refused too."""
    tries = [_try(browser, "wrong one", name, address).status_code for _ in range(4)]
    assert tries.count(422) >= 2
    assert tries[-1] == 429
    assert _try(browser, PASSWORD, name, address).status_code == 429


def test_a_classmate_cannot_lock_out_a_browser_that_was_used_before(visit: Visit) -> None:
    own = visit()
    assert _try(own, PASSWORD).status_code == 303
    own.post("/sign-out")
    _use_up(visit())  # at the same address: the school has only one
    assert _try(own, PASSWORD).status_code == 303


def test_a_classmates_own_browser_gains_no_tries(visit: Visit) -> None:
    classmate = visit("classmate")
    _use_up(classmate)


def test_a_known_browser_has_a_limit_too(visit: Visit) -> None:
    own = visit()
    assert _try(own, PASSWORD).status_code == 303
    thief = visit()
    cookie = own.get_cookie("pedabot-device")
    assert cookie is not None
    thief.set_cookie("pedabot-device", cookie.value)
    _use_up(thief)


@pytest.mark.parametrize("forged", ["x", "eyJpZCI6IngiLCJhY2NvdW50cyI6W119.AAAA", "null"])
def test_a_forged_device_cookie_is_as_none(visit: Visit, forged: str) -> None:
    thief = visit()
    thief.set_cookie("pedabot-device", forged)
    _use_up(thief)


def test_the_device_cookie_names_nobody(visit: Visit) -> None:
    cookie = visit("student").get_cookie("pedabot-device")
    assert cookie is not None
    assert cookie.http_only
    assert "student" not in cookie.decoded_value


def test_a_link_opens_an_account_that_is_locked_for_new_browsers(app: Flask, visit: Visit) -> None:
    _use_up(visit())
    with app.app_context():
        user = people.find_user("student")
        assert user is not None
        token = password_links.add_password_link(user)
        db.session.commit()
    own = visit()
    data = {"password": NEW_PASSWORD, "repeated": NEW_PASSWORD}
    assert own.post(f"/password/{token}", data=data).status_code == 303
    own.post("/sign-out")
    assert _try(own, NEW_PASSWORD).status_code == 303  # it is known now


def test_addresses_of_one_network_count_as_one(visit: Visit) -> None:
    _use_up(visit(), address="2001:db8:1:2::1")
    assert _try(visit(), PASSWORD, address="2001:db8:1:2:ffff::9").status_code == 429
    assert _try(visit(), PASSWORD, address="2001:db8:1:3::1").status_code == 303
    assert _try(visit(), PASSWORD, address="10.0.0.1").status_code == 303


def test_codes_are_not_guessed_from_many_addresses_of_one_network(visit: Visit) -> None:
    def guess(address: str) -> int:
        form = {"code": "BCDFGHJK"}
        return (
            visit()
            .post("/password", data=form, environ_overrides={"REMOTE_ADDR": address})
            .status_code
        )

    assert [guess(f"2001:db8:7:7::{n}") for n in range(1, 8)][-1] == 429
    assert guess("2001:db8:7:8::1") == 422


def test_ipv4_written_as_ipv6_is_no_network(visit: Visit) -> None:
    _use_up(visit(), address="::ffff:10.0.0.7")
    assert _try(visit(), PASSWORD, address="::ffff:10.0.0.8").status_code == 303


def test_many_addresses_share_an_hourly_limit_and_spare_known_browsers(visit: Visit) -> None:
    own = visit()
    assert _try(own, PASSWORD, "outsider").status_code == 303
    # No such password is hashed: the form refuses it before, and it counts all the same.
    thief = visit()
    tried = [_try(thief, "", "outsider", f"10.1.{n // 250}.{n % 250}") for n in range(199)]
    assert {response.status_code for response in tried} == {422}
    assert _try(thief, PASSWORD, "outsider", "10.9.9.9").status_code == 429
    assert _try(own, PASSWORD, "outsider").status_code == 303
