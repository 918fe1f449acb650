"""Where nobody's stay has ended there is no band, on the page, in its CSV and over HTTP."""

from __future__ import annotations

import csv
from datetime import timedelta
from io import StringIO

import pytest

from tests.api.access.conftest import House, house as house

WHY = "A dash beside a share: by that day nobody"


@pytest.fixture
def lasting(house: House) -> House:
    """One stay of 40 days that goes on."""
    house.admit("A-1", "north", "residential")
    house.hands.now += timedelta(days=40)
    house.record("A-1", "give-medication")
    house.services.catch_up()
    return house


@pytest.mark.parametrize(("report", "more"), [("retention", ""), ("time-to-event", "?event=death")])
def test_nobody_is_certain_of_a_hundred_per_cent(lasting: House, report: str, more: str) -> None:
    page = lasting.browser("analyst").get(f"/dashboards/{report}{more}").text
    assert "100.0\u00a0%" in page
    assert "100.0\u00a0% – 100.0\u00a0%" not in page
    assert WHY in page


def test_the_bounds_are_empty_in_json_and_csv(lasting: House) -> None:
    api = lasting.api("analyst")
    row = api.get("/api/v1/reports/retention").json()["rows"][0]
    assert (row["retained_30"], row["retained_30_low"], row["retained_30_high"]) == (1.0, None, None)
    [line] = csv.DictReader(StringIO(api.get("/api/v1/reports/retention?format=csv").text))
    assert (float(line["retained_30"]), line["retained_30_low"], line["retained_30_high"]) == (1.0, "", "")
    first = api.get("/api/v1/reports/retention?show=curve").json()["rows"][0]
    assert (first["day"], first["retained"], first["low"], first["high"]) == (0, 1.0, None, None)
