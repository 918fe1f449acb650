"""An assessment made again begins with what the last one said; ratings are rows, in both editions."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.api.access.conftest import House
from tests.api.test_writing import held

FORM = "/clients/A-1/record/complete-assessment"


@pytest.fixture
def browser(house: House) -> Any:
    house.admit("A-1", "north")
    return house.browser("clinician")


def last(house: House) -> Any:
    return house.services.log.stream(house.services.log.client_id("A-1"), opened=True)[-1].event


def test_the_last_answers_stand_there_and_one_press_records_them(house: House, browser: Any) -> None:
    before: Any = house.services.log.stream(house.services.log.client_id("A-1"), opened=True)[1].event
    page = browser.get(FORM).text
    assert "The answers of the assessment of" in page
    assert browser.post(FORM, data=held(page)).status_code == 303
    again = last(house)
    assert again.asam == before.asam
    assert (again.assessor, again.home) == ("clinician-[]", before.home)


def test_what_was_recorded_last_is_marked_also_after_a_refusal(browser: Any) -> None:
    filled = held(browser.get(FORM).text)
    refused = browser.post(FORM, data=filled | {"asam:2": "4", "asam:3": "", "occurred_at": ""})
    assert refused.status_code == 422
    again = browser.post(FORM, data=filled | {"asam:2": "4", "asam:3": ""})
    assert '<a href="#f-asam:3">Dimension 3: choose a rating.</a>' in again.text
    row = re.search(r'<fieldset[^>]*id="f-asam:2".*?</fieldset>', again.text, re.S)
    assert row
    assert f'value="{filled["asam:2"]}" class="was"' in row[0]
    assert 'value="4" checked' in row[0]
    assert "changed" in row[0]


def test_the_sixth_dimension_has_no_rating_in_the_fourth_edition(house: House, browser: Any) -> None:
    filled = held(browser.get(FORM).text) | {"asam:6": "none"}
    refused = browser.post(FORM, data=filled)
    assert "Dimension 6: choose a rating." in refused.text
    assert browser.post(FORM, data=filled | {"edition": "4"}).status_code == 303
    assert (last(house).edition, last(house).asam[5]) == (4, None)
    offered = held(browser.get(FORM).text)
    assert (offered["edition"], offered["asam:6"]) == ("4", "none")


def test_a_first_assessment_has_nothing_chosen(house: House) -> None:
    house.register("A-2")
    page = house.browser("clinician").get("/clients/A-2/record/complete-assessment").text
    assert "stand here" not in page
    assert not {f"asam:{number}" for number in range(1, 7)} & held(page).keys()
