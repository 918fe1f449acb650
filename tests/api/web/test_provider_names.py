"""Entries say groups and staff by their names, wherever people read them; files and programs get the keys."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

import pytest

from tests.api.access.conftest import House
from tests.api.web.test_timetable import define


def words(page: str) -> str:
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", page)))


@pytest.fixture
def grouped(house: House) -> House:
    define(house, group_id="eve", name="Evening circle")
    house.admit("A-1", "north", "standard_outpatient")
    house.record("A-1", "join-group", group_id=" EVE ")
    house.services.catch_up()
    return house


def test_the_chart_its_history_and_the_form_say_a_groups_name(grouped: House) -> None:
    clinician = grouped.browser("clinician")
    [joined] = [item for item in items_of(grouped) if item["type"] == "GroupJoined"]
    chart = words(clinician.get("/clients/A-1").text)
    assert re.search(r"Group joined Evening circle", chart)
    assert "EVE" not in chart
    assert "Evening circle" in words(clinician.get("/clients/A-1/history").text)
    assert "Evening circle" in words(clinician.get(f"/clients/A-1/entries/{joined['event_id']}").text)


def test_a_program_that_reads_gets_the_key(grouped: House) -> None:
    [joined] = [item for item in items_of(grouped) if item["type"] == "GroupJoined"]
    assert joined["data"]["group_id"].strip() == "EVE"


def items_of(house: House) -> Any:
    return house.api("clinician").get("/api/v1/clients/A-1/timeline").json()["items"]
