"""Texts that mean something to a database, a template, a shell or a browser, through every text input of the API."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import httpx2
import pytest

from api.http.access import AMENDING_COMMANDS
from api.http.examples import EXAMPLES
from tests.security.conftest import Site
from tests.security.test_web_attacks import STRINGS

SENT = [text for text in STRINGS if len(text) <= 200]


@pytest.fixture(scope="module")
def api(site: Site) -> Iterator[httpx2.Client]:
    token = site.provider.tokens("clinician")["access_token"]
    with httpx2.Client(base_url=site.url, headers={"Authorization": f"Bearer {token}"}) as client:
        yield client


def texts_in(data: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Where the texts of a payload are."""
    if isinstance(data, dict):
        return [place for key, value in data.items() for place in texts_in(value, (*path, key))]
    if isinstance(data, list):
        return [place for key, value in enumerate(data) for place in texts_in(value, (*path, key))]
    return [path] if isinstance(data, str) else []


def with_text(data: Any, path: tuple[Any, ...], text: str) -> Any:
    if not path:
        return text
    key, *rest = path
    copy = dict(data) if isinstance(data, dict) else list(data)
    copy[key] = with_text(copy[key], tuple(rest), text)
    return copy


@pytest.mark.parametrize("name", sorted(set(EXAMPLES) - set(AMENDING_COMMANDS)))
def test_each_text_of_each_command_is_kept_as_it_is_or_refused(api: httpx2.Client, name: str) -> None:
    for number, path in enumerate(texts_in(EXAMPLES[name])):
        reference = f"T-{name}-{number}"
        register = {"occurred_at": "2026-01-05T09:00:00Z", "data": EXAMPLES["register-client"]}
        if name != "register-client":
            api.post(f"/api/v1/clients/{reference}/commands/register-client", json=register)
        for text in SENT:
            body = {"occurred_at": "2026-01-05T10:00:00Z", "data": with_text(EXAMPLES[name], path, text)}
            answer = api.post(f"/api/v1/clients/{reference}/commands/{name}", json=body)
            assert answer.status_code in {201, 422}, (path, text, answer.text)
            assert text not in answer.text or answer.status_code == 201
        page = api.get(f"/api/v1/clients/{reference}/timeline")
        assert page.status_code in {200, 404}
        assert "planted" not in page.headers.get("set-cookie", "")


@pytest.mark.parametrize("text", SENT, ids=lambda text: re.sub(r"\W+", "-", text)[:30])
def test_a_hostile_chart_number_is_a_chart_number(site: Site, api: httpx2.Client, text: str) -> None:
    path = f"/api/v1/clients/{quote(text, safe='')}"
    body = {"occurred_at": "2026-01-05T09:00:00Z", "data": EXAMPLES["register-client"]}
    answer = api.post(f"{path}/commands/register-client", json=body)
    assert answer.status_code in {201, 404, 422}, answer.text
    if answer.status_code == 201:
        assert api.get(path).json()["client"] == text.strip()
        page = site.signed_in("clinician").get(f"/clients/{quote(text, safe='')}")
        assert page.status_code == 200
        assert "<script>alert" not in page.text
        assert "<img src=x" not in page.text


@pytest.mark.parametrize("text", SENT, ids=lambda text: re.sub(r"\W+", "-", text)[:30])
def test_a_hostile_query_is_answered_or_refused(api: httpx2.Client, text: str) -> None:
    for path, names in {
        "/api/v1/clients": ("level", "site", "state", "cursor", "limit", "min_position"),
        "/api/v1/reports/completion": (
            "by",
            "where",
            "from",
            "to",
            "cohort",
            "denominator",
            "unit",
            "show",
            "format",
            "measure",
        ),
        "/api/v1/audit/access": ("cursor",),
        "/api/v1/clients/NONE/timeline": ("as_of", "cursor"),
    }.items():
        for name in names:
            for value in (text, f"site={text}"):
                answer = api.get(path, params={name: value})
                assert answer.status_code in {200, 400, 403, 404, 422}, (path, name, answer.text)


@pytest.mark.parametrize(
    "header", ["Purpose-Of-Use", "If-Match", "Idempotency-Key", "Accept", "X-Request-Id", "X-Forwarded-For", "Range"]
)
def test_a_hostile_header_is_answered_or_refused(api: httpx2.Client, header: str) -> None:
    for text in SENT:
        if not text.isprintable() or not text.isascii():
            continue
        answer = api.get("/api/v1/clients", headers={header: text})
        assert answer.status_code in {200, 400, 406, 422}, (header, text)
        assert text not in answer.headers.get("x-request-id", "")
