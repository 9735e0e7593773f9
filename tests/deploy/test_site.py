"""What visitors of the site get from nginx and from PedaBot behind it."""

from __future__ import annotations

import gzip
import http.client
import json
import re
import ssl
import threading

import pytest

from pedabot.web.security import STRICT_TRANSPORT_SECURITY
from tests.deploy.site import (
    NAME,
    NEEDS_NGINX,
    PATIENCE,
    ROOT,
    TOKEN,
    Nginx,
    Visitor,
    begin,
    frames,
    sign_in,
    wait_for,
)
from tests.mistral_server import Announced, MistralServer, stream

pytestmark = NEEDS_NGINX


def test_a_stream_arrives_piece_by_piece(student: Visitor, api: MistralServer) -> None:
    go_on = threading.Event()
    api.script(stream("Premier morceau. ", go_on, "Second morceau."))
    seen = frames(begin(student))
    for name, data in seen:
        assert "Second" not in data
        if name == "tail" and "Premier" in data:
            break
    assert not go_on.is_set()  # nothing after the first piece has been sent by the model
    go_on.set()
    rest = dict(seen)
    assert "Second morceau." in rest["whole"]
    assert "end" in rest


def test_the_address_of_the_visitor_is_right_and_cannot_be_forged(nginx: Nginx) -> None:
    authority = nginx.tls / "authority.crt"
    here = Visitor(nginx.https, authority, address="127.0.0.2")

    def try_as(claimed: str) -> int:
        forged = {"X_Forwarded_For": claimed, "X_Real_IP": claimed, "Forwarded": f"for={claimed}"}
        return sign_in(here, "wrong password", **forged)

    tries = [try_as(f"127.0.1.{n}") for n in range(16)]
    # Each of the two processes lets four through, whatever address is claimed.
    assert set(tries) == {422, 429}
    assert tries.count(422) <= 8
    assert sign_in(Visitor(nginx.https, authority, address="127.0.1.1"), "wrong password") == 422


def test_a_host_or_a_scheme_that_is_claimed_counts_for_nothing(visitor: Visitor) -> None:
    page = visitor.get("/chat", X_Forwarded_Host="evil.example", X_Forwarded_Proto="http")
    assert page.status == 302
    assert "evil.example" not in page.headers["Location"]
    assert page.headers["Strict-Transport-Security"]


def test_another_name_gets_no_answer_and_http_leads_to_https(nginx: Nginx) -> None:
    stranger = Visitor(nginx.https, nginx.tls / "authority.crt", name="evil.example")
    with pytest.raises(ssl.SSLError):
        stranger.get("/")
    answer = by_plain_http(nginx, "/chat?question=a")
    assert (answer.status, answer.headers["Location"]) == (301, f"https://{NAME}/chat?question=a")


def by_plain_http(nginx: Nginx, path: str) -> http.client.HTTPResponse:
    plain = http.client.HTTPConnection("127.0.0.1", nginx.http)
    plain.request("GET", path, headers={"Host": "evil.example"})
    answer = plain.getresponse()
    plain.close()
    return answer


def test_a_monitor_that_forgot_https_is_not_led_there(nginx: Nginx) -> None:
    assert by_plain_http(nginx, "/metrics").status == 404


def test_what_is_far_too_large_is_refused_before_pedabot_reads_it(student: Visitor) -> None:
    refused = student.open("/chat", b"a" * 9_500_000)
    assert refused.status == 413
    assert "C’est trop grand" in refused.read().decode()


def test_what_pedabot_finds_too_large_gets_its_own_page(student: Visitor) -> None:
    kind = {"Content-Type": "application/x-www-form-urlencoded"}
    refused = student.open("/account/password", b"a=" + b"a" * 2_000_000, kind)
    assert refused.status == 413
    assert "1 Mo" in refused.read().decode()


def test_static_files_come_from_nginx_compressed_and_for_ever(visitor: Visitor) -> None:
    page = visitor.get("/").text
    found = re.search(r'href="(/static/css/base\.css\?v=[0-9a-f]+)"', page)
    assert found is not None
    file = visitor.open(found[1], headers={"Accept-Encoding": "gzip"})
    assert gzip.decompress(file.read()) == (ROOT / "pedabot/static/css/base.css").read_bytes()
    assert file.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert file.headers["Content-Encoding"] == "gzip"
    assert file.headers["X-Content-Type-Options"] == "nosniff"
    assert "frame-ancestors 'none'" in file.headers["Content-Security-Policy"]
    assert file.headers["Strict-Transport-Security"] == STRICT_TRANSPORT_SECURITY
    assert "X-Request-ID" not in file.headers  # PedaBot was not asked
    assert visitor.get("/static/css/base.css").headers["Cache-Control"] == "no-cache"
    assert visitor.get("/static/../config.py").status == 404
    assert visitor.get("/static/..%2fconfig.py").status == 404


def test_the_log_of_nginx_has_the_id_and_no_question(visitor: Visitor, nginx: Nginx) -> None:
    page = visitor.get("/nowhere?question=Zanzibar", Referer=f"https://{NAME}/?q=Zanzibar")

    def lines() -> list[dict[str, object]]:
        log = (nginx.folder / "pedabot.log").read_text(encoding="utf-8")
        assert "Zanzibar" not in log
        found = [json.loads(line) for line in log.splitlines()]
        return [line for line in found if line["path"] == "/nowhere"]

    wait_for(lambda: bool(lines()), "the log has no line")  # it is written after the answer
    line = lines()[-1]
    assert (line["status"], line["address"]) == (404, "127.0.0.1")
    assert str(line["request"]) in page.text


def test_health_and_figures_are_for_this_machine(nginx: Nginx, visitor: Visitor) -> None:
    assert json.loads(visitor.get("/readyz").text)["ready"] is True
    elsewhere = Visitor(nginx.https, nginx.tls / "authority.crt", address="127.0.0.4")
    assert elsewhere.get("/readyz").status == 403
    assert elsewhere.get("/metrics", Authorization=f"Bearer {TOKEN}").status == 403
    assert elsewhere.get("/healthz").text == "ok\n"


def figures(visitor: Visitor) -> dict[str, float]:
    page = visitor.get("/metrics", Authorization=f"Bearer {TOKEN}")
    lines = [line.rsplit(" ", 1) for line in page.text.splitlines() if not line.startswith("#")]
    return {name: float(value) for name, value in lines}


def test_the_figures_are_those_of_all_processes(
    visitor: Visitor, student: Visitor, api: MistralServer
) -> None:
    healthy = 'pedabot_request_seconds_count{method="GET",route="/healthz",status="200"}'
    before = figures(visitor)
    for _ in range(20):  # both processes have some of them
        visitor.get("/healthz")
    asked, go_on = threading.Event(), threading.Event()
    api.script(stream("Un ", Announced(asked), go_on, "deux"))
    answer = frames(begin(student, "Pourquoi élaguer un réseau ?"))
    assert next(answer)[0]
    assert asked.wait(PATIENCE)
    during = figures(visitor)
    assert during["pedabot_streams_open"] == 1
    assert during['pedabot_calls{state="under_way"}'] == 1
    go_on.set()
    assert list(answer)[-1][0] == "end"
    after = figures(visitor)
    assert after[healthy] - before.get(healthy, 0) == 20
    assert after["pedabot_streams_open"] == 0
    attempts = (
        'pedabot_attempts_total{engine="mistral",model="mistral-small-latest",outcome="complete"}'
    )
    assert after[attempts] - before.get(attempts, 0) == 1
    model = 'engine="mistral",model="mistral-small-latest"'
    assert after[f"pedabot_first_token_seconds_count{{{model}}}"] >= 1
    assert after[f'pedabot_tokens_total{{direction="out",{model}}}'] >= 34
    state = 'pedabot_breaker{model="mistral-small-latest",state="closed"}'
    assert after[state] == 1
