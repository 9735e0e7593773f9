"""How often: by account, never by address alone, since a whole school sits behind one."""

from __future__ import annotations

from flask import current_app, request
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from flask_login import current_user
from limits import parse_many

from pedabot.storage.people import username_key
from pedabot.web.i18n import gettext as _


def account_key() -> str:
    """Return the account that asks; where nobody is signed in, its address."""
    if current_user.is_authenticated:
        return f"account:{current_user.id}"
    return f"address:{get_remote_address()}"


def name_tried_key() -> str:
    """Return the name with which a sign-in is tried, at the address where it is tried.

    A classmate elsewhere cannot use up somebody's tries, nor one pupil those of the school.
    """
    return f"name:{username_key(request.form.get('username', ''))}:{get_remote_address()}"


def _setting(name: str) -> str:
    return str(current_app.config[name])


limiter = Limiter(account_key, application_limits=[lambda: _setting("PEDABOT_REQUEST_LIMIT")])

sign_ins = limiter.limit(
    lambda: _setting("PEDABOT_SIGN_IN_LIMIT"), key_func=name_tried_key, methods=["POST"]
)
password_changes = limiter.limit(lambda: _setting("PEDABOT_SIGN_IN_LIMIT"), methods=["POST"])
copies = limiter.limit("10 per hour")
joins = limiter.limit(lambda: _setting("PEDABOT_JOIN_LIMIT"), methods=["POST"])


def in_words(limits: str) -> str:
    """Write limits such as ``12 per minute; 300 per day`` as a teacher would read them."""
    names = {
        "second": _("seconde"),
        "minute": _("minute"),
        "hour": _("heure"),
        "day": _("jour"),
        "month": _("mois"),
        "year": _("an"),
    }
    return ", ".join(
        _("%(number)s par %(period)s", number=limit.amount, period=names[limit.GRANULARITY.name])
        if limit.multiples == 1
        else str(limit)
        for limit in parse_many(limits)
    )
