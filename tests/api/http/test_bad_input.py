"""Bad input of every kind: a clear answer, and nothing written."""

from __future__ import annotations

import json
from typing import Any

import pytest
from http_support import Api, criteria, fields
from hypothesis import HealthCheck, given, settings, strategies as st

PATH = "/api/v1/clients/A-1/commands/"
GOOD = {"occurred_at": "2026-03-02T12:00:00Z", "data": {"name": "Person", "birth_date": "1990-01-01"}}
JSON = {"Content-Type": "application/json"}


def post(api: Api, body: bytes, **headers: str) -> Any:
    answer = api.as_("clinician").post(PATH + "register-client", content=body, headers={**JSON, **headers})
    assert answer.headers["content-type"] == "application/problem+json"
    assert api.services.log.head() == 0
    return answer


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b'{"occurred_at":',
        b"{'data': 1}",
        b'{"data": NaN}',
        b"\xff\xfe{\x00}\x00",
        b'{"data": {"name": "\\ud800"}}',
        b'{"data": {"name": "a\\u0000b"}}',
        b'{"a\\u0000": 1}',
        b"[" * 100_000,
        b'{"data": {"age": 16582603496020011995405221888}}',
        b'{"data": {"age": 1e400}}',
    ],
)
def test_bodies_that_are_not_json_or_hold_text_nobody_should_keep(api: Api, body: bytes) -> None:
    answer = post(api, body)
    assert (answer.status_code, answer.json()["type"]) == (400, "/problems/malformed")


def test_an_escaped_backslash_is_not_a_nul(api: Api) -> None:
    api.done("A-1", "register-client", {"name": "a\\u0000b", "birth_date": "1990-01-01"})


@pytest.mark.parametrize("media_type", ["text/plain", "multipart/form-data", "", "application/xml"])
def test_bodies_that_do_not_say_they_are_json(api: Api, media_type: str) -> None:
    answer = post(api, json.dumps(GOOD).encode(), **{"Content-Type": media_type})
    assert (answer.status_code, answer.headers["accept"]) == (415, "application/json")


def test_a_body_over_one_megabyte(api: Api) -> None:
    body = json.dumps({**GOOD, "data": {"name": "x" * 1_000_000, "birth_date": "1990-01-01"}}).encode()
    assert post(api, body).status_code == 413


def test_a_body_over_one_megabyte_in_chunks(api: Api) -> None:
    chunks = (b" " * 100_000 for _ in range(20))
    answer = api.as_("clinician").post(PATH + "register-client", content=chunks, headers=JSON)
    assert answer.status_code == 413


def test_a_field_that_is_too_long(api: Api) -> None:
    data = {"name": "x" * 900_000, "birth_date": "1990-01-01"}
    answer = post(api, json.dumps({**GOOD, "data": data}).encode())
    assert list(fields(answer)) == ["data.name"]
    assert len(answer.content) < 2000


@pytest.mark.parametrize("body", [[], "x", 1, None])
def test_bodies_that_are_no_objects(api: Api, body: Any) -> None:
    assert fields(post(api, json.dumps(body).encode()))


@pytest.mark.parametrize(
    ("change", "field", "hint"),
    [
        ({"occurred_at": "2026-03-02T12:00:00"}, "occurred_at", "UTC offset"),
        ({"occurred_at": "yesterday"}, "occurred_at", ""),
        ({"occurred_at": 1_700_000_000}, "occurred_at", "ISO 8601"),
        ({"occurred_at": "1700000000"}, "occurred_at", "ISO 8601"),
        ({"occurred_at": None}, "occurred_at", ""),
        ({"occurred_at": "0001-01-01T00:00:00+14:00"}, "occurred_at", "1900"),
        ({"data": {}}, "data.birth_date", "missing"),
        ({"data": {"name": "Person"}}, "data.birth_date", "missing"),
        ({"data": {"name": None, "birth_date": "1990-01-01"}}, "data.name", "missing"),
        ({"data": {"name": "", "birth_date": "1990-01-01"}}, "data.name", ""),
        ({"data": {"name": "Person", "birth_date": "1990-02-30"}}, "data.birth_date", ""),
        ({"data": {"name": "Person", "birth_date": "1990-01-01", "ssn": "1"}}, "data.ssn", "no such field"),
        ({"data": []}, "data", ""),
        ({"recorded_at": "2026-03-02T12:00:00Z"}, "recorded_at", "no such field"),
        ({"site": ""}, "site", ""),
    ],
)
def test_fields_that_do_not_fit_are_named(api: Api, change: dict[str, Any], field: str, hint: str) -> None:
    found = fields(post(api, json.dumps({**GOOD, **change}).encode()))
    assert hint in found[field]


def test_no_value_is_repeated_in_a_problem(api: Api) -> None:
    body = {"occurred_at": "Xanthippe", "data": {"name": "Xanthippe" * 100, "birth_date": "Xanthippe"}}
    answer = api.as_("clinician").post("/api/v1/clients/Xanthippe/commands/register-client", json=body)
    assert answer.status_code == 422
    assert "Xanthippe" not in answer.text


def test_five_minutes_of_clock_skew(api: Api) -> None:
    assert criteria(api.command("A-1", "register-client", at="2026-03-02T12:05:01Z")) == ["not_in_the_future"]
    assert api.services.log.head() == 0
    api.done("A-1", "register-client", at="2026-03-02T14:05:00+02:00")


@pytest.mark.parametrize("reference", ["%00", "a%00b", "%ff", "%0A", "x" * 201])
def test_chart_numbers_that_are_none(api: Api, reference: str) -> None:
    answer = api.as_("clinician").post(f"/api/v1/clients/{reference}/commands/register-client", json=GOOD)
    assert answer.status_code in {400, 422}
    assert api.services.log.head() == 0


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH"])
def test_methods_that_are_not_there(api: Api, method: str) -> None:
    answer = api.as_("clinician").request(method, "/api/v1/clients/A-1", json={})
    assert (answer.status_code, answer.headers["allow"]) == (405, "GET")


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(body=st.binary(max_size=200) | JSON_VALUES.map(lambda value: json.dumps(value).encode()))
def test_whatever_comes_is_answered_with_a_problem(api: Api, body: bytes) -> None:
    assert post(api, body).status_code in {400, 422}


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(occurred_at=JSON_VALUES, data=JSON_VALUES, site=JSON_VALUES)
def test_whatever_the_fields_hold(api: Api, occurred_at: Any, data: Any, site: Any) -> None:
    body = json.dumps({"occurred_at": occurred_at, "data": data, "site": site})
    assert post(api, body.encode()).status_code in {400, 422}
