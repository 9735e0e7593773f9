"""The figures for Prometheus: whom they are shown; what they count is tested on a real server."""

from __future__ import annotations

from pathlib import Path

import pytest
from flask import Flask

from pedabot import create_app
from pedabot.settings import ConfigurationError
from tests.conftest import Visit, settings

TOKEN = "a token that is long enough"


@pytest.fixture
def environ(instance: Path, request: pytest.FixtureRequest) -> dict[str, str]:
    return settings(instance, **getattr(request, "param", {}))


def test_without_a_setting_there_is_no_such_page_and_nothing_is_counted(
    app: Flask, visit: Visit
) -> None:
    assert visit("admin").get("/metrics").status_code == 404
    assert not (Path(app.instance_path) / "metrics").exists()


@pytest.mark.parametrize("environ", [{"PEDABOT_METRICS_TOKEN": TOKEN}], indirect=True)
def test_the_token_alone_opens_it(visit: Visit) -> None:
    browser = visit("admin")
    assert browser.get("/metrics").status_code == 403
    for wrong in ("", "Bearer", "Bearer é", f"Bearer {TOKEN}x", "Bearer a"):
        assert browser.get("/metrics", headers={"Authorization": wrong}).status_code == 403
    page = browser.get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"})
    assert page.status_code == 200
    assert page.content_type.startswith("text/plain; version=")
    assert 'pedabot_calls{state="waiting"} 0.0' in page.text


@pytest.mark.parametrize("environ", [{"PEDABOT_METRICS_ADDRESSES": "10.1.0.0/16"}], indirect=True)
def test_an_address_of_the_list_opens_it(visit: Visit) -> None:
    browser = visit()
    seen = {
        address: browser.get("/metrics", environ_base={"REMOTE_ADDR": address}).status_code
        for address in ("10.1.2.3", "10.2.0.1", "::1", "", "127.0.0.1")
    }
    assert seen == {"10.1.2.3": 200, "10.2.0.1": 403, "::1": 403, "": 403, "127.0.0.1": 403}


@pytest.mark.parametrize(
    ("setting", "value"),
    [("PEDABOT_METRICS_ADDRESSES", "the school"), ("PEDABOT_METRICS_TOKEN", "short")],
)
def test_what_would_open_it_to_others_is_refused(tmp_path: Path, setting: str, value: str) -> None:
    with pytest.raises(ConfigurationError, match=setting):
        create_app(settings(tmp_path, **{setting: value}))
