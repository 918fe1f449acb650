"""Questionnaires are filled in: the server adds up, says what is left out, and what follows."""

from __future__ import annotations

from typing import Any

import pytest

from tests.api.access.conftest import House
from tests.api.test_writing import held

FORM = "/clients/A-1/record/score-instrument?instrument="


@pytest.fixture
def browser(house: House) -> Any:
    house.admit("A-1", "north")
    return house.browser("clinician")


def form(browser: Any, path: str) -> dict[str, Any]:
    return held(browser.get(path).text)


def answers(values: str) -> dict[str, str]:
    return {f"items:{number}": value for number, value in enumerate(values, start=1)}


def last(house: House) -> Any:
    return house.services.log.stream(house.services.log.client_id("A-1"), opened=True)[-1].event


def test_a_phq9_is_added_up_and_said_in_words(house: House, browser: Any) -> None:
    path = f"{FORM}phq9"
    sent = browser.post(path, data=form(browser, path) | answers("222111110"))
    assert sent.status_code == 303, sent.text
    event = last(house)
    assert (event.score, event.items["1"], len(event.items)) == (11, 2, 9)
    page = browser.get(sent.headers["location"]).text
    assert "score 11 · moderate" in page
    assert "988 Suicide" not in page


def test_thoughts_of_self_harm_lead_to_a_next_step(browser: Any) -> None:
    path = f"{FORM}phq9"
    sent = browser.post(path, data=form(browser, path) | answers("000000001"))
    page = browser.get(sent.headers["location"]).text
    assert "988 Suicide" in page
    assert "/clients/A-1/record/add-note" in page


def test_an_item_left_out_is_said_at_its_field(house: House, browser: Any) -> None:
    path = f"{FORM}gad7"
    filled = form(browser, path) | answers("1111111")
    del filled["items:4"]
    refused = browser.post(path, data=filled)
    assert refused.status_code == 422
    assert '<a href="#f-items:4">Item 4: choose an answer.</a>' in refused.text
    assert 'id="f-items:4" role="radiogroup" aria-invalid="true" aria-describedby="e-items:4"' in refused.text
    assert "<title>Not saved: GAD-7" in refused.text
    assert refused.text.count(" autofocus") == 1
    assert held(refused.text)["items:3"] == "1"
    assert browser.post(path, data=held(refused.text) | {"items:4": "3"}).status_code == 303
    assert last(house).score == 9


def test_a_total_alone_is_possible_and_another_total_than_the_answers_is_not(house: House, browser: Any) -> None:
    path = f"{FORM}phq9"
    assert browser.post(path, data=form(browser, path) | {"score": "7"}).status_code == 303
    assert (last(house).score, last(house).items) == (7, None)
    both = form(browser, path) | answers("100000000") | {"score": "2"}
    refused = browser.post(path, data=both)
    assert "Total: the answers add up to 1." in refused.text
    plain = "/clients/A-1/record/score-instrument"
    assert browser.post(plain, data=form(browser, plain) | {"instrument": "pcl5", "score": "33"}).status_code == 303
    assert browser.post(plain, data=form(browser, plain) | {"instrument": "", "score": "3"}).status_code == 422


@pytest.mark.parametrize("wrong", ["9", "-1", "1.5", "x", "²"])
def test_what_is_no_answer_is_refused(browser: Any, wrong: str) -> None:
    path = f"{FORM}cows"
    refused = browser.post(path, data=form(browser, path) | answers("00000000000") | {"items:3": wrong})
    assert "Item 3: choose an answer." in refused.text


def test_a_bam_counts_days_and_its_composites_are_read(house: House, browser: Any) -> None:
    path = f"{FORM}bam"
    numbers = {f"items:{n}": "0" for n in range(1, 18) if n != 7}
    sent = browser.post(path, data=form(browser, path) | numbers | {"items:4": "31"})
    assert "Item 4: give the days, 0 to 30." in sent.text
    assert (
        browser.post(path, data=form(browser, path) | numbers | {"items:4": "12", "items:8": "15"}).status_code == 303
    )
    assert last(house).score == 27


def test_a_correction_shows_the_items_and_adds_up_anew(house: House, browser: Any) -> None:
    path = f"{FORM}gad7"
    sent = browser.post(path, data=form(browser, path) | answers("2222222"))
    entry = f"/clients/A-1/entries/{sent.headers['location'].partition('recorded=')[2]}"
    filled = form(browser, entry)
    assert (filled["items:7"], filled["score"]) == ("2", "")
    done = browser.post(entry, data=filled | {"items:7": "0", "reason": "misread"})
    assert done.status_code == 303
    assert "score 12 · moderate" in browser.get("/clients/A-1").text


def test_the_items_speak_spanish(browser: Any) -> None:
    page = browser.get(f"{FORM}phq9", headers={"Accept-Language": "es"}).text
    assert "Poco interés o placer en hacer cosas" in page
    assert "Ningún día" in page
