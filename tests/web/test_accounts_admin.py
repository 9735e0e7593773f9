"""All accounts, in the hands of an administrator."""

from __future__ import annotations

import pytest
from flask import Flask

from pedabot.extensions import db
from pedabot.storage import people
from pedabot.storage.people import Role
from pedabot.web.admin.accounts import PER_PAGE
from tests.conftest import Cast, Visit
from tests.web.pages import check_page


def listed(page: str) -> list[str]:
    """Return the names of the accounts that a page lists."""
    found = check_page(page).iterfind(".//ul[@class='people accounts']//strong")
    return [str(name.text) for name in found]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("?q=STRANGER", ["stranger"]),
        ("?q=_", []),
        ("?q=nobody", []),
        ("?role=admin", ["admin"]),
        ("?role=teacher", ["colleague", "stranger", "teacher"]),
        ("?active=0", []),
        ("?after=outsider", ["stranger", "student", "teacher"]),
    ],
)
def test_accounts_are_searched(visit: Visit, query: str, expected: list[str]) -> None:
    assert listed(visit("admin").get(f"/admin/accounts{query}").text) == expected


def test_a_long_list_is_read_page_by_page(app: Flask, visit: Visit) -> None:
    with app.app_context():
        for number in range(PER_PAGE):
            people.add_user(f"pupil {number:03}", Role.STUDENT)
        db.session.commit()
    admin = visit("admin")
    first = admin.get("/admin/accounts").text
    more = check_page(first).find(".//a[.='Suite']")
    assert more is not None
    second = admin.get(str(more.get("href"))).text
    assert len(listed(first)) == PER_PAGE
    assert listed(first) + listed(second) == sorted(listed(first) + listed(second))
    assert len(listed(first) + listed(second)) == PER_PAGE + 7


def test_another_role_counts_at_the_next_sign_in(visit: Visit, cast: Cast) -> None:
    admin, student = visit("admin"), visit("student")
    path = f"/admin/accounts/{cast.slugs['student']}/role"
    assert admin.post(path, data={"role": "teacher"}).status_code == 303
    assert student.get("/chat").status_code == 302
    assert visit("student").get("/admin").status_code == 200
    admin.post(path, data={"role": "student"})
    assert visit("student").get("/admin").status_code == 403
    assert admin.post(path, data={"role": "king"}).status_code == 400


def test_nobody_closes_the_door_behind_themselves(visit: Visit, cast: Cast) -> None:
    admin, own = visit("admin"), f"/admin/accounts/{cast.slugs['admin']}"
    assert admin.post(f"{own}/activity", data={"active": "0"}).status_code == 403
    assert admin.post(f"{own}/role", data={"role": "student"}).status_code == 403
    assert admin.get("/admin/accounts").status_code == 200
