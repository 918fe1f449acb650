"""Each entry of a chart's history leads to the chart as it was right after it, which says so and leads back."""

from __future__ import annotations

import io
import re
from typing import Any

import pytest
from pypdf import PdfReader

from tests.api.access.conftest import House
from tests.api.web.test_audit_pages import words
from tests.poison import HIDDEN, poison


@pytest.fixture
def ended(house: House) -> House:
    """Registered, assessed, started (1 to 3), an hour later a note, and the level ended in the same minute (4, 5)."""
    house.admit("A-1", "north")
    house.hands.move(hours=1)
    house.record("A-1", "add-note")
    house.record("A-1", "end-level", level="residential", reason="completed", next_level=None)
    house.services.catch_up()
    return house


def text_of(answer: Any) -> str:
    assert answer.headers["content-type"] == "application/pdf", answer.text
    return " ".join(page.extract_text() for page in PdfReader(io.BytesIO(answer.content)).pages)


def test_every_entry_of_the_history_leads_to_the_chart_after_it(ended: House) -> None:
    for role in ("clinician", "auditor"):
        browser = ended.browser(role)
        links = re.findall(r'href="(/clients/A-1\?at_entry=\d+)"', browser.get("/clients/A-1/history").text)
        assert len(links) == 5
        for number, link in enumerate(links, 1):
            page = browser.get(link)
            assert page.status_code == 200
            assert f"Viewing the chart right after entry {number}, recorded" in words(page.text)
            assert f"{number} entr" in words(page.text)


def test_what_came_in_the_same_moment_after_it_is_not_there(ended: House) -> None:
    """By knowledge time the note and the end of the level are one moment; by entry they are two."""
    browser = ended.browser("clinician")
    before, after = (browser.get(f"/clients/A-1?at_entry={number}").text for number in (4, 5))
    assert "Discharged" not in words(before)
    assert words(before) != words(after)
    status = [re.findall(r'<section class="storyboard".*?</section>', page, re.DOTALL)[0] for page in (before, after)]
    assert "Since" in words(status[0])
    assert status[0] != status[1]


def test_it_says_so_leads_back_and_writes_nothing(ended: House) -> None:
    page = ended.browser("clinician").get("/clients/A-1?at_entry=4").text
    assert '<a href="?">Back to now</a>' in page
    assert 'href="/clients/A-1/history?after=3"' in page
    assert "/record/" not in page
    assert "/entries/" not in page
    assert '<input type="hidden" name="at_entry" value="4">' in page
    assert all("at_entry=4" in link for link in re.findall(r'href="(\?[^"]*#journey)"', page))
    assert (
        "/history"
        not in re.findall(r"Viewing the chart.*?</p>", ended.browser("intake").get("/clients/A-1?at_entry=4").text)[0]
    )


def test_what_is_no_entry_of_the_chart_is_told(ended: House) -> None:
    for wrong in ("0", "6", "first", "-1", "9" * 30):
        page = ended.browser("clinician").get("/clients/A-1", params={"at_entry": wrong})
        assert page.status_code == 404, wrong
        assert "entries 1 to 5" in words(page.text)


def test_what_became_known_leads_there_too(ended: House) -> None:
    page = ended.browser("auditor").get("/clients/A-1/history?known_from=2001-01-01T00:00").text
    assert len(re.findall(r'href="/clients/A-1\?at_entry=\d+"', page)) == 5


def test_an_entry_that_cannot_be_read_is_a_place_like_any_other(ended: House) -> None:
    poison(ended.services.log, "A-1")
    page = ended.browser("clinician").get("/clients/A-1?at_entry=6")
    assert page.status_code == 200
    assert "Entries that cannot be read here" in page.text
    assert HIDDEN not in page.text
    assert "Entries that cannot be read here" not in ended.browser("clinician").get("/clients/A-1?at_entry=5").text


def test_the_look_is_on_record(ended: House) -> None:
    count = len(ended.entries("A-1", "ChartsRead"))
    ended.browser("auditor").get("/clients/A-1?at_entry=2")
    assert len(ended.entries("A-1", "ChartsRead")) == count + 1


def test_its_paper_shows_the_same_moment_and_says_so(ended: House) -> None:
    browser = ended.browser("clinician")
    assert 'href="/clients/A-1/print?at_entry=4"' in browser.get("/clients/A-1?at_entry=4").text
    page = browser.get("/clients/A-1/print?at_entry=4").text
    assert "The paper shows the chart right after entry 4." in words(page)
    assert 'name="as_of"' not in page
    csrf = re.findall(r'name="csrf" value="(\w+)"', page)[0]
    papers = [text_of(browser.post("/clients/A-1/print", data={"csrf": csrf, "at_entry": n})) for n in ("4", "5")]
    assert "The chart right after its entry 4, recorded" in papers[0]
    assert "discharged" not in papers[0].lower()
    assert "discharged" in papers[1].lower()
    wrong = browser.get("/clients/A-1/print?at_entry=9")
    assert (wrong.status_code, "entries 1 to 5" in words(wrong.text)) == (404, True)


def test_the_api_prints_the_same(ended: House) -> None:
    api, at = ended.api("clinician"), "/api/v1/clients/A-1/documents/summary"
    assert "The chart right after its entry 4, recorded" in text_of(api.get(at, params={"at_entry": 4}))
    for wrong in ({"at_entry": 6}, {"at_entry": 4, "as_of": "2026-03-02T12:00:00Z"}):
        answer = api.get(at, params=wrong)
        assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "at_entry"), wrong
