"""Numbers in requests: what is none, and what is larger than a place in the log, breaks no page and no route."""

from __future__ import annotations

import pytest

from api.http.cursors import encode
from api.whole_numbers import whole_number
from tests.api.access.conftest import House, house as house
from tests.api.web.test_saved_view_pages import send

NONE = ("²", "9" * 5_000, "٣", "-1", "1.0", " 1", "")


def test_ascii_digits_are_a_number() -> None:
    assert [whole_number(text) for text in NONE] == [None] * len(NONE)
    assert (whole_number("0"), whole_number("007"), whole_number("9" * 18), whole_number("100", 2)) == (
        0,
        7,
        10**18 - 1,
        None,
    )


@pytest.mark.parametrize("text", NONE[:3])
def test_a_cursor_that_says_no_number_begins_at_the_start(house: House, text: str) -> None:
    house.register("A-1")
    api = house.api("auditor")
    for path in ("clients/A-1/history", "audit/heads", "audit/access"):
        answer = api.get(f"/api/v1/{path}", params={"cursor": encode(text[:250])})
        assert answer.status_code == 200, (path, answer.text)
    answer = api.get("/api/v1/clients/A-1/timeline", params={"cursor": encode(text[:200], "f" * 32)})
    assert answer.status_code == 200
    answer = api.get("/api/v1/events", headers={"Last-Event-ID": "9" * 40, "Accept": "application/json"})
    assert answer.status_code == 200


@pytest.mark.parametrize("text", NONE[:2])
def test_a_form_that_says_no_number_is_refused(house: House, text: str) -> None:
    house.register("A-1")
    browser = house.browser("clinician")
    form = "/clients/A-1/record/give-medication"
    page = send(browser, form, form, occurred_at="2026-03-02T12:00", drug="Methadone", dose_mg=text, seen=text)
    assert "internal" not in page and "/clients/A-1?recorded" not in page
    form = "/clients/A-1/record/complete-assessment"
    page = send(browser, form, form, occurred_at="2026-03-02T12:00", **{"asam:1": text})
    assert "internal" not in page and "/clients/A-1?recorded" not in page
    assert browser.get("/group-session", params={"charted": text}).status_code == 200
    assert browser.get("/groups", params={"charted": text}).status_code == 200
    assert browser.get("/clients/A-1/history", params={"after": text}).status_code == 200
    assert house.browser("auditor").get("/audit/access-log", params={"before": text}).status_code == 200
    assert browser.get("/handoffs", params={"cursor": encode(text, "a" * 32, "b")}).status_code == 200
