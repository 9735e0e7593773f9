"""Headers of every response, and the names to which the server answers."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest
from flask import Flask

from tests.conftest import Visit, settings
from tests.web.pages import check_page, text_of


@pytest.fixture
def environ(instance: Path) -> dict[str, str]:
    return settings(instance, PEDABOT_HOSTS="pedabot.lycee.example, 192.168.1.20:8000, [fd00::20]")


RESPONSES = ["/sign-in", "/chat", "/nowhere", "/static/css/base.css", "/healthz"]


@pytest.mark.parametrize("path", RESPONSES)
def test_every_response_bears_the_headers(visit: Visit, path: str) -> None:
    headers = visit().get(path, base_url="https://pedabot.lycee.example", buffered=True).headers
    policy = dict(part.split(" ", 1) for part in headers["Content-Security-Policy"].split("; "))
    assert policy == {
        "default-src": "'self'",
        "object-src": "'none'",
        "base-uri": "'none'",
        "form-action": "'self'",
        "frame-ancestors": "'none'",
    }
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
    for power in ("camera", "microphone", "geolocation", "payment", "usb"):
        assert f"{power}=()" in headers["Permissions-Policy"]
    assert headers["Strict-Transport-Security"] == "max-age=31536000; includeSubDomains"
    assert ("no-store" in headers["Cache-Control"]) is not path.startswith("/static")
    assert "Server" not in headers or "ython" not in headers["Server"]


def test_nobody_is_bound_to_https_over_plain_http(visit: Visit) -> None:
    response = visit().get("/sign-in", base_url="http://pedabot.lycee.example")
    assert "Strict-Transport-Security" not in response.headers


@pytest.mark.parametrize(
    ("host", "code"),
    [
        ("pedabot.lycee.example", 200),
        ("PEDABOT.lycee.example:8443", 200),
        ("192.168.1.20", 200),
        ("[fd00::20]:8000", 200),
        ("127.0.0.1:8000", 200),
        ("[::1]", 200),
        ("evil.example", 421),
        ("pedabot.lycee.example.evil.example", 421),
        ("evil.example:80@pedabot.lycee.example", 421),
    ],
)
def test_only_names_of_the_settings_are_answered(visit: Visit, host: str, code: int) -> None:
    response = visit().get("/sign-in", base_url="https://localhost", headers={"Host": host})
    assert response.status_code == code
    assert "evil.example" not in response.text


def test_an_unknown_name_gets_a_page_that_says_what_to_do(visit: Visit) -> None:
    page = visit().get("/sign-in", headers={"Host": "evil.example"}).text
    check_page(page)
    assert "PEDABOT_HOSTS" in text_of(page)


@pytest.mark.parametrize("host", ["", "a b", "<script>", "a/b", "x:99999999", "\x7f", "[::"])
def test_a_host_that_is_none_is_no_error_of_ours(app: Flask, visit: Visit, host: str) -> None:
    app.config["PEDABOT_HOSTS"] = ""
    response = visit().get("/sign-in", headers={"Host": host})
    assert response.status_code < 500
    assert "<script>" not in response.text


def test_static_texts_are_compressed_for_who_can_read_that(app: Flask) -> None:
    browser, path = app.test_client(), "/static/js/app.js"
    plain = browser.get(path, buffered=True)
    small = browser.get(path, headers={"Accept-Encoding": "gzip, br"}, buffered=True)
    assert plain.content_encoding is None
    assert small.content_encoding == "gzip"
    assert gzip.decompress(small.data) == plain.data
    assert len(small.data) < len(plain.data) / 2
    assert small.content_length == len(small.data)
    assert small.content_type == plain.content_type
    for response in (plain, small):
        assert "Accept-Encoding" in response.headers["Vary"]
        assert "max-age=31536000" in response.headers["Cache-Control"]
    for codings in ("identity", "gzip;q=0"):
        refused = browser.get(path, headers={"Accept-Encoding": codings}, buffered=True)
        assert refused.content_encoding is None


def test_what_a_browser_has_of_a_static_file_is_not_sent_again(app: Flask) -> None:
    browser, path = app.test_client(), "/static/js/app.js"
    for coding in ("identity", "gzip"):
        headers = {"Accept-Encoding": coding}
        etag = browser.get(path, headers=headers, buffered=True).headers["ETag"]
        again = browser.get(path, headers={**headers, "If-None-Match": etag}, buffered=True)
        assert again.status_code == 304
        assert again.data == b""
        part = browser.get(path, headers={**headers, "Range": "bytes=0-9"}, buffered=True)
        assert part.status_code == 206
        assert part.content_encoding is None
        assert len(part.data) == 10


def test_fonts_and_small_files_are_sent_as_they_are(app: Flask) -> None:
    folder = Path(app.static_folder or "")
    font = next(folder.rglob("*.woff2")).relative_to(folder).as_posix()
    for name in (font, "icon.svg"):
        sent = app.test_client().get(
            f"/static/{name}", headers={"Accept-Encoding": "gzip"}, buffered=True
        )
        assert sent.content_encoding is None
        assert sent.data == (folder / name).read_bytes()
