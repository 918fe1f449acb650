"""The web app against forged forms, foreign hosts, broken headers and paths, and bodies too large or too slow."""

from __future__ import annotations

import re
import socket
from collections.abc import AsyncGenerator, Iterator
from contextlib import asynccontextmanager
from html import unescape
from itertools import product
from typing import Any
from urllib.parse import quote, urlsplit

import httpx2
import pytest
from starlette.testclient import TestClient

from api.addresses import address_of
from api.app import create_app
from api.http.app import create_app as create_api
from api.http.request_limits import RequestLimits
from api.sessions import COOKIE
from api.web.frame.static_files import file_address
from infra.identity.limits import Buckets
from infra.privacy.names.words import words
from tests.depth import LONG
from tests.security.conftest import Site, serving

STRINGS = (
    "' OR 1=1 --",
    "'; DROP TABLE status; --",
    '" UNION SELECT wrapped_key FROM chart --',
    "{{ 7 * 7 }}",
    "{% raw %}{{ ''.__class__ }}",
    "${7*7}#{7*7}",
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "javascript:alert(1)",
    "../../etc/passwd",
    "..%2f..%2fetc%2fpasswd",
    "%0d%0aSet-Cookie: planted=1",
    "\r\nSet-Cookie: planted=1",
    "\u202eevil",
    "A" * 5_000,
)
PAGES = ("/clients", "/dashboards/completion", "/dashboards/census", "/dashboards/status", "/clients/NONE")
INPUTS = ("state", "level", "site", "program", "after", "by", "from", "to", "where", "measure", "as_of", "kind", "show")
NAMES = [text for text in STRINGS if len(text) <= 200]


@pytest.fixture(scope="module")
def people(site: Site) -> Iterator[dict[str, httpx2.Client]]:
    """Signed-in browsers that are kept for the module."""
    found = {role: site.signed_in(role) for role in ("clinician", "auditor")}
    for browser in found.values():
        site.clients.remove(browser)
    yield found
    for browser in found.values():
        browser.close()


def token(browser: httpx2.Client) -> str:
    found = re.search(r'name="csrf" value="(\w{64})"', browser.get("/clients").text)
    assert found
    return found[1]


def test_a_form_without_its_token_or_with_anothers_is_refused(site: Site) -> None:
    mine, other = site.signed_in("clinician"), site.signed_in("auditor")
    for given in ({}, {"csrf": ""}, {"csrf": token(other)}, {"csrf": "0" * 64}, {"csrf": "é"}):
        assert mine.post("/clients/find", data={"chart": "x", **given}).status_code == 403
    assert mine.post("/clients/find", data={"chart": "borne by nobody", "csrf": token(mine)}).status_code == 404


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
    ids=str,
)
def test_a_form_from_another_site_is_refused_even_with_the_token(site: Site, headers: dict[str, str]) -> None:
    browser = site.signed_in("clinician")
    form = {"chart": "x", "csrf": token(browser)}
    assert browser.post("/clients/find", data=form, headers=headers).status_code == 403
    assert browser.post("/sign-out", data=form, headers=headers).status_code == 403
    assert browser.get("/clients").status_code == 200


def test_a_session_cookie_alone_records_nothing_through_the_api(site: Site) -> None:
    browser = site.signed_in("clinician")
    body = {"occurred_at": "2026-01-01T00:00:00Z", "data": {"name": "Simulated", "birth_date": "1990-01-01"}}
    path = "/api/v1/clients/CSRF-1/commands/register-client"
    assert browser.post(path, json=body).status_code == 403
    assert browser.post(path, json=body, headers={"Origin": "https://evil.example"}).status_code == 403
    assert browser.post(path, json=body, headers={"X-CSRF-Token": token(browser)}).status_code == 201


def test_every_form_that_posts_carries_a_token(site: Site) -> None:
    browser = site.signed_in("clinician")
    for path in ("/today", "/clients", "/definitions", "/dashboards/status"):
        page = browser.get(path).text
        forms = re.findall(r'<form[^>]*method="post"[^>]*>(?!<input type="hidden" name="csrf" value="\w{64}">)', page)
        assert forms == [], path


@pytest.mark.parametrize(
    "path", ["/", "/clients", "/dashboards/completion", "/nowhere", "/api/v1/clients", file_address("app.css")]
)
def test_every_answer_has_its_headers(site: Site, path: str) -> None:
    answer = site.signed_in("clinician").get(path)
    policy = dict(part.split(" ", 1) for part in answer.headers["content-security-policy"].split("; "))
    assert policy["default-src"] == "'none'"
    assert policy["script-src"] == "'self'"
    assert policy["frame-ancestors"] == policy["base-uri"] == "'none'"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["x-frame-options"] == "DENY"
    assert "server" not in answer.headers
    if not path.startswith("/static/"):
        assert "no-store" in answer.headers["cache-control"]


def test_no_page_has_a_script_of_its_own(site: Site) -> None:
    browser = site.signed_in("clinician")
    for path in ("/today", "/clients", "/dashboards/completion", "/definitions"):
        page = browser.get(path).text
        for tag in re.findall(r"<script\b[^>]*>", page):
            assert "src=" in tag or 'type="application/json"' in tag, tag
        assert not re.search(r"<[^>]+\son\w+=", page)
        assert not re.search(r"(?:href|src|action)=.?javascript:", page)


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "127.0.0.1@evil.example", "a b", ""])
def test_another_host_is_not_answered_for(site: Site, host: str) -> None:
    assert site.browser().get("/", headers={"Host": host}).status_code in {400, 421}


def test_the_cookie_is_out_of_reach_of_scripts_and_under_https_bound_to_the_host(site: Site) -> None:
    browser = TestClient(create_app(site.services), base_url="https://127.0.0.1", follow_redirects=False)
    cookie = browser.get("/sign-in").headers["set-cookie"]
    assert cookie.startswith("__Host-carejourney_sign_in=")
    for word in ("HttpOnly", "Secure", "SameSite=lax", "Path=/"):
        assert word in cookie
    assert "Domain" not in cookie
    assert browser.get("/").headers["strict-transport-security"].startswith("max-age=")
    plain = site.signed_in("clinician").cookies[COOKIE]
    browser.cookies.set(COOKIE, plain)  # a cookie that came unencrypted opens nothing here
    assert browser.get("/clients").status_code == 303


@pytest.mark.parametrize("text", STRINGS, ids=lambda text: re.sub(r"\W+", "-", text)[:30])
def test_a_hostile_text_stays_a_text_in_every_input_of_the_pages(people: dict[str, httpx2.Client], text: str) -> None:
    """By day a text with a tag goes into every input of each page, any other into every input of one page."""
    browser = people["clinician"]
    plain = text.replace("\r\n", "")
    for place, (path, name) in enumerate(product(PAGES, INPUTS)):
        if LONG or "<" in text or (place + STRINGS.index(text)) % len(PAGES) == 0:
            answer = browser.get(path, params={name: text})
            assert answer.status_code in {200, 400, 404}, (path, name)
            _harmless(answer)
    _harmless(browser.get(f"/sign-in?{httpx2.QueryParams(next=plain)}"))


@pytest.mark.parametrize("text", NAMES, ids=lambda text: re.sub(r"\W+", "-", text)[:30])
def test_a_search_for_a_hostile_text_finds_who_bears_it_and_nobody_else(site: Site, text: str) -> None:
    """First the chart of exactly this number, else the charts whose names hold all of its words, else nothing."""
    browser, api = site.signed_in("clinician"), site.api("clinician")
    reference = f"BEARER-{NAMES.index(text)}"
    body = {"occurred_at": "2026-01-01T00:00:00Z", "data": {"name": text, "birth_date": "1990-01-01"}}
    kept = api.post(f"/api/v1/clients/{reference}/commands/register-client", json=body).status_code == 201
    site.services.catch_up()  # a search asks read models, which follow the log
    found = browser.post("/clients/find", data={"chart": text, "csrf": token(browser)})
    _harmless(found)
    if api.get(f"/api/v1/clients/{quote(text, safe='')}").status_code == 200:
        assert (found.status_code, found.headers["location"]) == (303, address_of(text.strip()))
        return
    assert found.status_code == (200 if kept and words(text) else 404)
    rows = re.findall(
        r'<a href="/clients/[^"]+">(.*?)</a> <small class="number">([^<]+)</small>', found.text, re.DOTALL
    )
    assert (reference in {number for _, number in rows}) == (kept and bool(words(text)))
    for name, _ in rows:
        assert set(words(text)) <= set(words(unescape(name)))


def _harmless(answer: httpx2.Response) -> None:
    assert "planted" not in answer.headers.get("set-cookie", "")
    assert "evil" not in (urlsplit(answer.headers.get("location", "")).hostname or "")
    assert "<script>alert" not in answer.text
    assert "<img src=x" not in answer.text
    assert "root:" not in answer.text


@pytest.mark.parametrize(
    "path",
    ["/static/../app.py", "/static/x/%2e%2e/app.py", "/static/x/..%2f..%2fhttp%2fapp.py", "/static/x/....//app.py"],
)
def test_no_path_leads_out_of_the_static_files(site: Site, path: str) -> None:
    raw = _raw_request(site, f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n".encode())
    assert raw.split(b" ")[1] in {b"404", b"303"}
    assert b"import" not in raw


def test_a_body_too_large_is_refused_before_it_is_read(site: Site) -> None:
    browser = site.signed_in("clinician")
    assert browser.post("/clients/find", content=b"a" * 300_000, headers=FORM).status_code == 413
    raw = b"POST /clients/find HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 900000000\r\n\r\n"
    assert _raw_request(site, raw).split(b" ")[1] == b"413"
    api = site.api("clinician")
    path = "/api/v1/clients/A-1/commands/register-client"
    assert api.post(path, content=b"{" + b" " * 1_100_000 + b"}", headers=JSON).status_code == 413


def test_a_body_of_another_kind_is_refused(site: Site) -> None:
    browser = site.signed_in("clinician")
    files = {"chart": ("a.txt", b"x")}
    assert browser.post("/clients/find", files=files).status_code == 415
    assert browser.post("/clients/find", content=b"{}", headers=JSON).status_code == 415
    assert browser.post("/clients/find", content=b"a=%ff%00", headers=FORM).status_code == 400


@pytest.mark.parametrize("path", ["/clients/find", "/api/v1/clients/A-1/commands/register-client"])
def test_a_body_that_does_not_come_is_not_waited_for(site: Site, path: str) -> None:
    """Slow bodies: the limit is set short here, so that the test does not take as long as an attacker would."""
    app = create_app(site.services)
    app.router.lifespan_context = _nothing  # the services belong to the other server
    for layer in app.user_middleware:
        if layer.cls is RequestLimits:
            layer.kwargs["seconds"] = 0.2
    listening = socket.socket()
    listening.bind(("127.0.0.1", 0))
    slow = Site(f"http://127.0.0.1:{listening.getsockname()[1]}", site.services, site.provider)
    bearer = site.provider.tokens("clinician")["access_token"]
    head = f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {bearer}\r\n"
    kind = "application/json" if path.startswith("/api") else "application/x-www-form-urlencoded"
    with serving(app, listening):
        raw = _raw_request(slow, f"{head}Content-Type: {kind}\r\nContent-Length: 100\r\n\r\n{{".encode())
    assert raw.split(b" ")[1] == b"408"


def test_one_address_is_slowed_down_and_the_others_are_not() -> None:
    buckets = Buckets(2, 60, lambda: 0.0)
    assert [buckets.take("a") > 0 for _ in range(3)] == [False, False, True]
    assert buckets.take("b") == 0


def test_too_many_requests_are_told_when_to_come_again(site: Site) -> None:
    app = create_api(site.services)
    for layer in app.user_middleware:
        if layer.cls is RequestLimits:
            layer.kwargs["requests"] = Buckets(3, 60, lambda: 0.0)
    caller = TestClient(app, base_url="http://127.0.0.1")
    answers = [caller.get("/api/v1/clients") for _ in range(5)]
    assert [answer.status_code for answer in answers] == [401, 401, 401, 429, 429]
    assert int(answers[-1].headers["retry-after"]) == 20
    assert caller.get("/healthz").status_code == 200


def test_a_flood_of_callers_costs_bounded_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("infra.identity.limits._MOST", 100)
    buckets = Buckets(1, 60, lambda: 0.0)
    for number in range(1_000):
        buckets.take(str(number))
    assert len(buckets) == 100


FORM = {"Content-Type": "application/x-www-form-urlencoded"}
JSON = {"Content-Type": "application/json"}


@asynccontextmanager
async def _nothing(_: Any) -> AsyncGenerator[None]:
    yield


def _raw_request(site: Site, request: bytes) -> bytes:
    """Send bytes as they are and read what comes back until the connection ends or pauses with a whole head."""
    parts = urlsplit(site.url)
    with socket.create_connection((parts.hostname or "", parts.port or 0), timeout=20) as connection:
        connection.sendall(request)
        answer = b""
        while b"\r\n\r\n" not in answer:
            more = connection.recv(65_536)
            if not more:
                break
            answer += more
    return answer
