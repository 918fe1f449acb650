"""No site, no chart: a chart is open where its client is, and until they are admitted where they were registered."""

from __future__ import annotations

from typing import Any

import pytest
from httpx2 import Response

from api.http.examples import EXAMPLES
from tests.api.access.conftest import House
from tests.api.access.test_one_answer import HEADERS, NORTH, token_of

BOTH = frozenset({"north", "south"})
FORM = {"name": "Simulated Person", "birth_date": "1980-01-01", "occurred_at": "2026-03-02T10:00"}


def opens(house: House, sites: frozenset[str], reference: str, name: str = "register-client", **more: Any) -> Response:
    body = {"occurred_at": house.hands.now.isoformat(), "data": EXAMPLES[name], **more}
    path = f"/api/v1/clients/{reference}/commands/{name}"
    answer = house.browser("intake", sites).post(path, json=body, headers=HEADERS)
    house.services.catch_up()
    return answer


@pytest.mark.parametrize("name", ["register-client", "receive-referral"])
def test_who_opens_a_chart_goes_on_with_it_and_so_does_their_site(house: House, name: str) -> None:
    assert opens(house, NORTH, "N-1", name).status_code == 201
    for person in ("first", "second"):
        browser = house.browser("clinician", NORTH, person)
        assert browser.get("/clients/N-1").status_code == 200
        assert "N-1" in browser.get("/clients").text
        assert [row["client"] for row in browser.get("/api/v1/clients").json()["clients"]] == ["N-1"]
    south = house.browser("clinician", frozenset({"south"}))
    assert south.get("/clients/N-1").status_code == 404
    assert south.get("/api/v1/clients").json()["clients"] == []


def test_it_is_open_before_the_read_models_know_it(house: House) -> None:
    body = {"occurred_at": house.hands.now.isoformat(), "data": EXAMPLES["register-client"]}
    browser = house.browser("intake", NORTH)
    house.app.state.appended = int
    browser.post("/api/v1/clients/N-1/commands/register-client", json=body, headers=HEADERS)
    assert house.services.projector.reached() == 0
    assert browser.get("/api/v1/clients/N-1").status_code == 200


def test_who_works_at_several_sites_says_which(house: House) -> None:
    refused = opens(house, BOTH, "N-1")
    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, "site")
    assert opens(house, BOTH, "N-1", site="north").status_code == 201
    assert house.browser("clinician", NORTH).get("/clients/N-1").status_code == 200
    assert opens(house, BOTH, "W-1", site="west").status_code == 403


def test_the_page_asks_for_the_site_where_there_is_a_choice(house: House) -> None:
    assert 'name="site"' not in house.browser("intake", NORTH).get("/clients/new").text
    browser = house.browser("intake", BOTH)
    assert 'name="site"' in browser.get("/clients/new").text
    form = {**FORM, "chart_number": "N-1", "csrf": token_of(browser)}
    assert "choose where the client is registered" in browser.post("/clients/new", data=form).text
    assert browser.post("/clients/new", data={**form, "site": "west"}).status_code == 422
    assert browser.post("/clients/new", data={**form, "site": "south"}).status_code == 303
    house.services.catch_up()
    assert browser.get("/clients/N-1").status_code == 200
    assert house.browser("clinician", NORTH).get("/clients/N-1").status_code == 404


def test_who_has_no_site_registers_nobody(house: House) -> None:
    assert opens(house, frozenset(), "N-1").status_code == 403
    assert house.browser("intake", frozenset()).get("/clients/new").status_code == 403
    assert house.services.log.head() == 0


def test_a_chart_of_no_site_takes_broken_glass_until_it_has_one(house: House) -> None:
    house.register("A-1")
    browser = house.browser("clinician", NORTH)
    assert browser.get("/api/v1/clients/A-1").status_code == 404
    assert house.browser("clinician").get("/api/v1/clients/A-1").status_code == 200
    answer = browser.post("/api/v1/clients/A-1/break-glass", json={"reason": "Here without papers"}, headers=HEADERS)
    assert answer.status_code == 201
    assert browser.get("/api/v1/clients/A-1").status_code == 200
    # what is written through broken glass takes no chart along
    body = {"occurred_at": house.hands.now.isoformat(), "data": EXAMPLES["add-note"]}
    assert browser.post("/api/v1/clients/A-1/commands/add-note", json=body, headers=HEADERS).status_code == 201
    house.services.catch_up()
    assert house.browser("clinician", NORTH, "another").get("/api/v1/clients/A-1").status_code == 404


def test_a_merged_chart_is_where_the_one_is_that_goes_on(house: House) -> None:
    house.admit("N-1", "north")
    house.admit("S-1", "south", "medical_detox")
    answer = house.api("clinician").post(
        "/api/v1/clients/N-1/commands/merge", json={"data": {"other_client": "S-1", "overlaps": overlaps(house)}}
    )
    assert answer.status_code == 201, answer.text
    house.services.catch_up()
    assert house.browser("clinician", NORTH).get("/api/v1/clients/S-1").status_code == 200
    assert house.browser("clinician", frozenset({"south"})).get("/api/v1/clients/S-1").status_code == 404


def overlaps(house: House) -> list[dict[str, Any]]:
    """N-1's stay counts where both charts have one at a time."""
    ids: list[str] = []
    for reference in ("N-1", "S-1"):
        entries = house.api("clinician").get(f"/api/v1/clients/{reference}/history").json()["entries"]
        ids += [entry["event_id"] for entry in entries if entry["type"] == "LevelOfCareStarted"]
    return [{"stays": ids, "counts": ids[0]}]
