"""How often: by account, never by address alone, since a whole school sits behind one."""

from __future__ import annotations

from collections.abc import Callable
from ipaddress import IPv6Address, ip_address, ip_network
from typing import Any, TypeVar, cast

from flask import current_app, request
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from flask_login import current_user
from limits import RateLimitItem, parse_many

from pedabot.storage.people import username_key
from pedabot.web import devices
from pedabot.web.i18n import gettext as _

View = TypeVar("View", bound=Callable[..., Any])


def account_key() -> str:
    """Return the account that asks; where nobody is signed in, the network it comes from."""
    if current_user.is_authenticated:
        return f"account:{current_user.id}"
    return f"address:{_network()}"


def name_tried_key() -> str:
    """Return the name with which a sign-in is tried, and the browser or the network that tries.

    A browser in which the account has signed in before has tries of its own: a classmate cannot use
    them up, nor one pupil those of the school.
    """
    name = _name_tried()
    return f"name:{username_key(name)}:{devices.known_browser(name) or _network()}"


def _name_tried() -> str:
    return request.form.get("username", "")


def _network() -> str:
    """Return the address of the visitor; of IPv6 the network, where each home has 2^64 of them."""
    address = get_remote_address()
    try:
        known = ip_address(address)
    except ValueError:
        return address
    if isinstance(known, IPv6Address) and not known.ipv4_mapped:
        return str(ip_network((known, 64), strict=False))
    return address


def _setting(name: str) -> str:
    return str(current_app.config[name])


limiter = Limiter(account_key, application_limits=[lambda: _setting("PEDABOT_REQUEST_LIMIT")])

_by_network = limiter.limit(
    lambda: _setting("PEDABOT_SIGN_IN_LIMIT"), key_func=name_tried_key, methods=["POST"]
)
_from_anywhere = limiter.limit(
    "200 per hour",
    key_func=lambda: f"name:{username_key(_name_tried())}",
    methods=["POST"],
    exempt_when=lambda: devices.known_browser(_name_tried()) is not None,
)


def sign_ins(view: View) -> View:
    """Limit the passwords that are tried for a name, from one place and from all together."""
    return cast(View, _by_network(_from_anywhere(view)))


password_changes = limiter.limit(lambda: _setting("PEDABOT_SIGN_IN_LIMIT"), methods=["POST"])
copies = limiter.limit("10 per hour")
joins = limiter.limit(lambda: _setting("PEDABOT_JOIN_LIMIT"), methods=["POST"])


def in_words(limits: str) -> str:
    """Write limits such as ``12 per minute; 300 per day`` as a teacher would read them."""
    return ", ".join(_limit_in_words(limit) for limit in parse_many(limits))


def _limit_in_words(limit: RateLimitItem) -> str:
    one, many = {
        "second": (_("seconde"), _("toutes les %(num)s secondes", num=limit.multiples)),
        "minute": (_("minute"), _("toutes les %(num)s minutes", num=limit.multiples)),
        "hour": (_("heure"), _("toutes les %(num)s heures", num=limit.multiples)),
        "day": (_("jour"), _("tous les %(num)s jours", num=limit.multiples)),
        "month": (_("mois"), _("tous les %(num)s mois", num=limit.multiples)),
        "year": (_("an"), _("tous les %(num)s ans", num=limit.multiples)),
    }[limit.GRANULARITY.name]
    if limit.multiples > 1:
        return f"{limit.amount} {many}"
    return _("%(number)s par %(period)s", number=limit.amount, period=one)
