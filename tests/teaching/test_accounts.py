"""Accounts in the hands of an administrator."""

from __future__ import annotations

import pytest

from pedabot.extensions import db
from pedabot.storage import people
from pedabot.storage.people import Role
from pedabot.teaching import accounts
from pedabot.teaching.accounts import LastAdminError


@pytest.mark.usefixtures("context")
def test_the_last_administrator_stays() -> None:
    first, second = people.add_user("first", Role.ADMIN), people.add_user("second", Role.ADMIN)
    db.session.commit()
    accounts.deactivate(first)
    with pytest.raises(LastAdminError):
        accounts.change_role(second, Role.TEACHER)
    with pytest.raises(LastAdminError):
        accounts.deactivate(second)
    assert second.is_active
    accounts.reactivate(first)
    accounts.change_role(second, Role.TEACHER)
    assert second.role is Role.TEACHER
