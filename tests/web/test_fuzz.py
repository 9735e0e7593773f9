"""Thousands of odd requests: none is an error of ours.

``python -m pytest tests/web/test_fuzz.py -n0 --requests 20000`` sends so many, to a new school for
each 500; the suite sends 500.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from flask import Flask
from hypothesis import HealthCheck, Phase, given
from hypothesis import settings as hypothesis_settings

from tests.conftest import Cast, Visit, settings
from tests.web.fuzzing import Request, Tally, furnish, requests

AT_ONCE = 500
EVERYTHING = "1000000 per second"


@pytest.fixture
def environ(instance: Path) -> dict[str, str]:
    limits = ("QUESTION", "SIGN_IN", "JOIN", "REQUEST")
    return settings(instance, **{f"PEDABOT_{name}_LIMIT": EVERYTHING for name in limits})


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    wanted = int(metafunc.config.getoption("--requests"))
    metafunc.parametrize("school_number", range(max(1, wanted // AT_ONCE)))


def test_no_request_is_an_error_of_ours(
    app: Flask, visit: Visit, cast: Cast, school_number: int
) -> None:
    site, tally = furnish(app, visit, cast), Tally()
    assert sum(map(len, site.fields.values())) > 100  # the forms were found

    @given(requests(site))
    @hypothesis_settings(
        max_examples=AT_ONCE,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    def send(request: Request) -> None:
        tally.send(site, request)

    send()
    assert tally.faults == []
    assert sum(tally.codes.values()) >= AT_ONCE * 0.9
    assert tally.codes[200] + tally.codes[303] > AT_ONCE / 20
    assert len(tally.endpoints) > len({rule.endpoint for rule in site.rules}) / 2
