"""Which request an entry came with: the caller's own id where one is given, and nothing of what it said in logs."""

from __future__ import annotations

from uuid import UUID, uuid5

import pytest
from structlog.testing import capture_logs

from api.http.correlation import LONGEST_NAME, NAMES, given
from tests.api.http.http_support import Api

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
PARENT = f"00-{TRACE}-00f067aa0ba902b7-01"
OWN = "0b5c1e6e-0f0a-4d3a-8f7e-3d1b6d0f2a11"


def of(**headers: str | list[str]) -> UUID | None:
    """The id that these headers give."""
    pairs = [
        (name.replace("_", "-").encode(), value.encode("latin-1"))
        for name, values in headers.items()
        for value in ([values] if isinstance(values, str) else values)
    ]
    return given(pairs)


def test_a_trace_comes_before_a_name() -> None:
    assert of(traceparent=PARENT, x_request_id=OWN) == UUID(hex=TRACE)
    assert of(x_request_id=OWN) == UUID(OWN)
    assert of(x_request_id=OWN.upper()) == UUID(OWN)
    assert of(x_request_id=UUID(OWN).hex) == UUID(OWN)
    assert of(traceparent=f"cc-{TRACE}-00f067aa0ba902b7-01-what-comes-later") == UUID(hex=TRACE)


def test_another_name_has_an_id_of_its_own_that_stays() -> None:
    assert of(x_request_id="job/17#4") == uuid5(NAMES, "job/17#4") == of(x_request_id=" job/17#4 ")
    assert of(x_request_id="job/17#4") != of(x_request_id="job/17#5")


@pytest.mark.parametrize(
    "bad",
    [
        "",
        "00",
        f"00-{'0' * 32}-00f067aa0ba902b7-01",
        f"00-{TRACE}-{'0' * 16}-01",
        f"00-{TRACE.upper()}-00f067aa0ba902b7-01",
        f"ff-{TRACE}-00f067aa0ba902b7-01",
        f"{PARENT}-more",
        f"{PARENT}\r\nx: y",
        f"cc-{TRACE}-00f067aa0ba902b7-01-{'x' * 5000}",
        [PARENT, PARENT],
    ],
)
def test_a_bad_trace_is_as_if_it_were_not_there(bad: str | list[str]) -> None:
    assert of(traceparent=bad) is None
    assert of(traceparent=bad, x_request_id=OWN) == UUID(OWN)


@pytest.mark.parametrize(
    "bad", ["", " ", "two words", "Zoë", "a\x00b", "x" * (LONGEST_NAME + 1), str(UUID(int=0)), [OWN, OWN]]
)
def test_a_bad_name_is_as_if_it_were_not_there(bad: str | list[str]) -> None:
    assert of(x_request_id=bad) is None


def test_every_entry_of_a_request_carries_the_callers_id(api: Api) -> None:
    api.admit("A-1")
    data = {"start": {"level": "standard_outpatient", "override_reason": "work"}, "reason": "completed"}
    answer = api.command("A-1", "transfer", data, headers={"traceparent": PARENT, "X-Request-ID": OWN})
    assert answer.headers["x-request-id"] == str(UUID(hex=TRACE))
    *before, ended, started = api.get("/api/v1/clients/A-1/history").json()["entries"]
    assert {ended["correlation_id"], started["correlation_id"]} == {str(UUID(hex=TRACE))}
    assert str(UUID(hex=TRACE)) not in {entry["correlation_id"] for entry in before}
    assert started["causation_id"] == ended["event_id"]


def test_log_lines_carry_the_id_and_never_what_was_sent(api: Api) -> None:
    name = "Xanthippe-of-ward-7"
    with capture_logs() as lines:
        answer = api.get("/api/v1/clients", headers={"X-Request-ID": name, "traceparent": f"{name}-0"})
    assert answer.status_code == 200
    assert answer.headers["x-request-id"] == str(uuid5(NAMES, name))
    assert [line["correlation_id"] for line in lines if line["event"] == "request"] == [str(uuid5(NAMES, name))]
    assert name not in str(lines)


def test_a_problem_is_named_by_the_callers_id_too(api: Api) -> None:
    answer = api.get("/api/v1/nothing", headers={"X-Request-ID": OWN})
    assert (answer.status_code, answer.json()["instance"]) == (404, f"urn:uuid:{OWN}")
    assert answer.headers.get_list("x-request-id") == [OWN]


def test_history_gives_what_one_request_recorded(api: Api) -> None:
    api.admit("A-1")
    sent = {"headers": {"X-Request-ID": OWN}}
    first = api.done("A-1", "add-note", **sent)
    api.done("A-1", "add-note")
    second = api.done("A-1", "add-note", **sent)
    where = f"/api/v1/clients/A-1/history?correlation_id={OWN}"
    ids = [UUID(entry["event_id"]).hex for entry in api.get(where).json()["entries"]]
    assert ids == [UUID(one["event_ids"][0]).hex for one in (first, second)]
    page = api.get(f"{where}&limit=1").json()
    rest = api.get(f"{where}&limit=1&cursor={page['next_cursor']}").json()
    assert [len(one["entries"]) for one in (page, rest)] == [1, 1]
    assert rest["next_cursor"] is None
    assert api.get("/api/v1/clients/A-1/history?correlation_id=mine").status_code == 422
