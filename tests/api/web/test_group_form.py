"""A group charted by a form without scripts, where something changed between its opening and its sending.

Nobody gets another client's mark, nobody gets one twice, and no mark is lost without a word.
"""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape

import pytest
from starlette.testclient import TestClient

from tests.api.access.conftest import House
from tests.api.web.test_merging import hidden, merge, words

PATH = "/group-session?level=residential"


@pytest.fixture
def group(house: House) -> House:
    """A-1, B-2 and C/3 at one level."""
    for number in ("A-1", "B-2", "C/3"):
        house.admit(number.replace("/", "%2F"), "north")
    return house


def opened(browser: TestClient, page: str = "") -> dict[str, str]:
    """The form as a browser sends it: what is chosen of each field."""
    html = (page or browser.get(PATH).text).split('class="card write"')[1].split("</form>")[0]
    found = hidden(html) | dict(re.findall(r'<input[^>]*name="(\w+)"[^>]*value="([^"]*)"', html))
    found.pop("again", None)
    for name, inner in re.findall(r'<select[^>]*name="([^"]+)"[^>]*>(.*?)</select>', html, re.S):
        chosen = re.search(r'<option value="([^"]*)" selected', inner)
        found[unescape(name)] = chosen[1] if chosen else ""
    return found


def sessions(house: House, number: str) -> list[str]:
    entries = house.services.log.stream(house.services.log.client_id(number))
    return [entry.type for entry in entries if entry.type.startswith("Session")]


def marked(browser: TestClient, **marks: str) -> dict[str, str]:
    numbers = {"a": "was:A-1", "b": "was:B-2", "c": "was:C/3"}
    return opened(browser) | {numbers[name]: mark for name, mark in marks.items()}


def test_each_gets_their_own_mark_and_a_second_press_none(group: House) -> None:
    browser = group.browser("clinician")
    form = marked(browser, a="there", c="missed")
    answers = [browser.post(PATH, data=form) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [303, 303]
    assert [sessions(group, number) for number in ("A-1", "B-2", "C/3")] == [["SessionAttended"], [], ["SessionMissed"]]


def test_back_and_sent_again_with_another_mark_asks(group: House) -> None:
    browser = group.browser("clinician")
    form = marked(browser, a="there")
    assert browser.post(PATH, data=form).status_code == 303
    assert browser.post(PATH, data=form | {"was:B-2": "there"}).status_code == 409
    assert (sessions(group, "A-1"), sessions(group, "B-2")) == (["SessionAttended"], [])


def test_one_who_came_to_the_level_since_gets_no_mark(group: House) -> None:
    browser = group.browser("clinician")
    form = marked(browser, b="there")
    group.admit("A-0", "north")
    assert browser.post(PATH, data=form).status_code == 303
    assert [sessions(group, number) for number in ("A-0", "A-1", "B-2")] == [[], [], ["SessionAttended"]]


def discharge(house: House) -> None:
    house.record("B-2", "end-level", level="residential", reason="completed")
    house.services.catch_up()


def test_the_mark_of_one_who_left_since_is_kept_when_the_form_is_asked_again(group: House) -> None:
    browser = group.browser("clinician")
    form = marked(browser, a="there", b="there")
    earlier = (group.hands.now - timedelta(hours=1)).isoformat(timespec="minutes")[:16]
    discharge(group)
    asked = browser.post(PATH, data=form | {"occurred_at": earlier, "minutes": "0"})
    assert (asked.status_code, sessions(group, "A-1")) == (422, [])
    again = opened(browser, asked.text)
    assert (again["was:A-1"], again["was:B-2"]) == ("there", "there")
    assert browser.post(PATH, data=again | {"minutes": "60"}).status_code == 303
    assert sessions(group, "B-2") == ["SessionAttended"]


def test_one_who_was_discharged_before_the_session_is_named_and_nobody_is_charted(group: House) -> None:
    browser = group.browser("clinician")
    form = marked(browser, a="there", b="there")
    discharge(group)
    group.hands.move(minutes=5)
    later = group.hands.now.isoformat(timespec="minutes")[:16]
    refused = browser.post(PATH, data=form | {"occurred_at": later})
    assert (refused.status_code, "B-2:" in refused.text) == (422, True)
    assert sessions(group, "A-1") == []
    assert browser.post(PATH, data=opened(browser, refused.text) | {"was:B-2": ""}).status_code == 303
    assert (sessions(group, "A-1"), sessions(group, "B-2")) == (["SessionAttended"], [])


def test_one_who_was_merged_since_is_named(group: House) -> None:
    browser = group.browser("clinician")
    form = marked(browser, b="there", c="there")
    merge(browser)
    group.services.catch_up()
    refused = browser.post(PATH, data=form)
    assert (refused.status_code, "B-2: this chart was merged" in words(refused.text)) == (422, True)
    assert [sessions(group, number) for number in ("A-1", "B-2", "C/3")] == [[], [], []]


def test_one_who_was_erased_since_is_named_and_listed_no_more(group: House) -> None:
    browser = group.browser("clinician")
    form = marked(browser, a="there", b="there")
    group.erase("B-2")
    refused = browser.post(PATH, data=form)
    assert (refused.status_code, "B-2: " in refused.text, sessions(group, "A-1")) == (422, True, [])
    again = opened(browser, refused.text)
    assert (again["was:A-1"], "was:B-2" in again) == ("there", False)
    assert browser.post(PATH, data=again).status_code == 303
    assert sessions(group, "A-1") == ["SessionAttended"]


def test_one_of_a_site_that_is_not_theirs_is_named_and_not_shown(group: House) -> None:
    browser = group.browser("clinician", frozenset({"north"}))
    group.admit("S-9", "south")
    refused = browser.post(PATH, data=marked(browser, a="there") | {"was:S-9": "there"})
    assert refused.status_code == 422
    assert "was:S-9" not in refused.text
    assert (sessions(group, "A-1"), sessions(group, "S-9")) == ([], [])


def test_the_last_one_of_a_level_who_left_since_can_still_be_charted(house: House) -> None:
    house.admit("B-2", "north")
    browser = house.browser("clinician")
    form = opened(browser) | {"was:B-2": "there", "minutes": "0"}
    form["occurred_at"] = (house.hands.now - timedelta(hours=1)).isoformat(timespec="minutes")[:16]
    discharge(house)
    asked = browser.post(PATH, data=form)
    assert browser.post(PATH, data=opened(browser, asked.text) | {"minutes": "60"}).status_code == 303
    assert sessions(house, "B-2") == ["SessionAttended"]
