"""Knowledge time in the web app: dashboards and charts as known once, the history of a record, what changed between."""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape

import pytest

from api.web.audit.history_page import SHOWN
from tests.api.access.conftest import House


@pytest.fixture
def told(house: House) -> tuple[str, str]:
    """A client is admitted; a month later the level ends, a day later that is corrected; two moments in between."""
    house.admit("A-1", "north")
    house.hands.move(days=30)
    before = house.hands.now.isoformat()
    house.hands.move(hours=1)
    house.record("A-1", "end-level", level="residential", reason="completed", next_level=None)
    house.hands.move(days=1)
    after = house.hands.now.isoformat()
    house.hands.move(hours=1)
    history = house.api("auditor").get("/api/v1/clients/A-1/history").json()["entries"]
    ended = next(entry for entry in history if entry["type"] == "LevelOfCareEnded")
    said = {"level": "residential", "reason": "left_against_advice"}
    replacement = {"type": "LevelOfCareEnded", "occurred_at": ended["occurred_at"], "data": said}
    house.record("A-1", "correct", target=ended["event_id"], replacement=replacement, reason="wrong form")
    house.services.catch_up()
    return before, after


def page(house: House, path: str, role: str = "auditor", **params: str) -> str:
    answer = house.browser(role).get(path, params=params)
    assert answer.status_code == 200, answer.text
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", answer.text)))


def test_a_dashboard_as_known_once_says_so_and_shows_what_was_known(house: House, told: tuple[str, str]) -> None:
    before, after = told
    assert "As known on" in page(house, "/dashboards/completion", as_of=after)
    assert "100.0 %" in page(house, "/dashboards/completion", as_of=after)
    assert "0.0 %" in page(house, "/dashboards/completion")
    assert "No numbers" in page(house, "/dashboards/completion", as_of=before)
    csv = house.browser("auditor").get("/dashboards/completion.csv", params={"as_of": after}).text
    assert csv.splitlines()[1].startswith("residential,1,1,")


def test_every_dashboard_can_be_asked_as_of_a_moment(house: House, told: tuple[str, str]) -> None:
    for name in (
        "status",
        "census",
        "retention",
        "time-to-event",
        "abstinence",
        "flow",
        "attendance",
        "quality",
        "prevalence",
    ):
        assert "As known on" in page(house, f"/dashboards/{name}", as_of=told[0])
    assert "As known on" in page(house, "/dashboards/comparison", as_of=told[1])


def test_an_analyst_sees_pages_as_of_a_moment_too(house: House, told: tuple[str, str]) -> None:
    answer = house.browser("analyst").get("/dashboards/completion", params={"as_of": told[0]})
    assert (answer.status_code, "As known on" in answer.text) == (200, True)
    unreadable = house.browser("auditor").get("/dashboards/completion", params={"as_of": "yesterday"})
    assert (unreadable.status_code, "not a date and time" in unreadable.text) == (400, True)


def test_a_chart_as_known_once(house: House, told: tuple[str, str]) -> None:
    then = page(house, "/clients/A-1", as_of=told[0])
    assert "As known then" in then
    assert "day 33" in then
    assert "Not known then" in house.browser("auditor").get("/clients/A-1", params={"as_of": "2001-01-01T00:00"}).text
    assert "not a date" in house.browser("auditor").get("/clients/A-1", params={"as_of": "soon"}).text


def test_the_history_shows_each_entry_and_what_a_correction_changed(house: House, told: tuple[str, str]) -> None:
    found = page(house, "/clients/A-1/history")
    assert "Before After" in found
    assert "completed left against advice" in found
    assert "corrected" in found
    assert "2 days late" in found  # admitted two days before it was charted
    assert "History of the record" in page(house, "/clients/A-1")
    assert house.browser("intake").get("/clients/A-1/history").status_code == 403


def test_what_became_known_between_two_times(house: House, told: tuple[str, str]) -> None:
    between = page(house, "/clients/A-1/history", known_from=told[0], known_to=told[1])
    assert "What became known" in between
    assert "Level of care ended" in between
    assert "Entry corrected" not in between
    assert re.search(r"stay went .*stay came .*reason completed", between, re.IGNORECASE)
    since = page(house, "/clients/A-1/history", known_from=told[1])
    assert "Entry corrected" in since
    nothing = (house.hands.now + timedelta(days=1)).isoformat()
    house.hands.move(days=3)
    assert "Nothing was recorded" in page(house, "/clients/A-1/history", known_from=nothing)
    turned = house.browser("auditor").get("/clients/A-1/history", params={"known_from": told[1], "known_to": told[0]})
    assert (turned.status_code, "earlier time first" in turned.text) == (404, True)


def test_reading_a_history_is_itself_recorded(house: House, told: tuple[str, str]) -> None:
    count = len(house.entries("A-1", "ChartsRead"))
    page(house, "/clients/A-1/history", known_from=told[0])
    assert len(house.entries("A-1", "ChartsRead")) == count + 1


def test_a_page_of_a_long_history_leads_on(house: House) -> None:
    house.admit("A-1", "north")
    for _ in range(SHOWN + 5):
        house.record("A-1", "add-note")
    first = house.browser("auditor").get("/clients/A-1/history").text
    [after] = re.findall(r'href="\?after=(\d+)"', first)
    assert int(after) == SHOWN
    assert f"{SHOWN + 8} entries" in first
    second = house.browser("auditor").get("/clients/A-1/history", params={"after": after}).text
    assert "Later entries" not in second
    assert len(re.findall("<tbody>", second)) == 8
    assert 'href="?">Earlier entries' in second


def test_a_history_is_filtered_by_author_kind_and_period(house: House, told: tuple[str, str]) -> None:
    found = page(house, "/clients/A-1/history", kind="EntryCorrected")
    assert "1 entry, in the order of recording" in found
    assert "No entry fits" in page(house, "/clients/A-1/history", author="nobody")
    assert "No entry fits" in page(house, "/clients/A-1/history", to="2001-01-01")
    assert page(house, "/clients/A-1/history", **{"from": "nonsense"}) == page(house, "/clients/A-1/history")
    assert "1 entry" in page(house, "/clients/A-1/history", changes="1")


def test_every_moment_of_a_chart_leads_to_the_chart_then(house: House, told: tuple[str, str]) -> None:
    history = house.browser("auditor").get("/clients/A-1/history").text
    links = re.findall(r'href="(/clients/A-1\?as_of=[^"]+)"', history)
    assert len(links) == int(re.findall(r"(\d+) moments", history)[0])
    for link in links:
        assert house.browser("auditor").get(link).status_code == 200
    changed = re.findall(r'href="(\?known_from=[^"]+)"', history)
    assert len(changed) == len(links) - 1
    for link in changed:
        answer = house.browser("auditor").get("/clients/A-1/history" + link.replace("&amp;", "&"))
        assert "What became known" in answer.text
        assert "Nothing was recorded between" not in answer.text
