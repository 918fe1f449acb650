"""Dates in searches: a day is that of the facility, whatever offset a resource was written with."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import pytest

from infra.interop.fhir.dates import fits, wanted
from infra.interop.fhir.search import matching

CHICAGO, UTC = ZoneInfo("America/Chicago"), ZoneInfo("UTC")
LATE = "2026-01-06T05:30:00+00:00"  # 5 January in Chicago


@pytest.mark.parametrize(
    ("asked", "found", "zone", "fit"),
    [
        ("2026-01-05", LATE, CHICAGO, True),
        ("2026-01-06", LATE, CHICAGO, False),
        ("2026-01-06", LATE, UTC, True),
        ("2026-01-06", "2026-01-06T00:30:00-05:00", CHICAGO, False),  # a clock in New York
        ("ge2026-01-06", LATE, CHICAGO, False),
        ("2026-03-08", "2026-03-09T04:59:59Z", CHICAGO, True),  # clocks went forward that night
        ("2026-03-08", "2026-03-09T05:00:00Z", CHICAGO, False),
        ("2026-01-05", "2026-01-05", CHICAGO, True),
        ("2026-01", {"start": "2026-01-05T09:00:00Z", "end": "2026-02-01T05:59:00Z"}, CHICAGO, True),
        ("2026-01", {"start": "2026-01-05T09:00:00Z", "end": "2026-02-01T05:59:00Z"}, UTC, False),
        ("lt2026-01-06T05:30:01Z", LATE, CHICAGO, True),
        ("gt2026-01-06T05:30:01Z", LATE, CHICAGO, False),
    ],
)
def test_a_day_is_that_of_the_facility_and_a_moment_is_a_moment(
    asked: str, found: object, zone: ZoneInfo, fit: bool
) -> None:
    assert fits(wanted(asked), found, zone) is fit


def test_each_resource_has_its_own_facility() -> None:
    made = [{"id": key, "effectiveDateTime": LATE} for key in ("here", "there")]
    found = matching(made, "Observation", [("date", "2026-01-05")], lambda one: CHICAGO if one["id"] == "here" else UTC)
    assert [one["id"] for one in found] == ["here"]
