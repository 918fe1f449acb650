"""The places that a census is a share of: by the setting, or of each day as sites were defined at its end."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from domain.days import Calendar
from domain.entries import microseconds
from projections.census.places import Places
from projections.provider.queries import Definition

CHICAGO = Calendar("UTC", {"North": "America/Chicago"})


def day(text: str) -> int:
    return date.fromisoformat(text).toordinal()


def site(key: str, since: str, until: str = "", **capacity: int) -> Definition:
    at = [microseconds(datetime.fromisoformat(text).replace(tzinfo=UTC)) if text else None for text in (since, until)]
    assert at[0] is not None
    return Definition("", "site", key, at[0], at[1], {"site": key, "capacity": capacity} if capacity else {}, "")


SITES = [
    site("North", "2026-01-01T12:00", "2026-02-02T03:00", residential=16, medical_detox=4),
    site("North", "2026-02-02T03:00", residential=20),
    site("south", "2026-01-10T00:00", residential=8),
    site("West", "2026-01-01T00:00"),
]
DEFINED = Places.by_definition(SITES, CHICAGO)


@pytest.mark.parametrize(
    ("group", "on", "places"),
    [
        ({}, "2025-12-31", 0),
        ({}, "2026-01-01", 20),
        ({}, "2026-01-10", 28),
        ({"level": "residential"}, "2026-01-10", 24),
        ({"site": "NORTH"}, "2026-01-10", 20),
        ({"site": "North", "level": "medical_detox"}, "2026-01-10", 4),
        # 03:00 UTC is the evening before in Chicago: what was said then held at the end of that day
        ({"site": "North"}, "2026-01-31", 20),
        ({"site": "North"}, "2026-02-01", 20),
        ({"site": "North", "level": "medical_detox"}, "2026-02-01", 0),
        ({"site": "West"}, "2026-02-01", 0),
        ({"program": "IOP"}, "2026-02-01", 0),
        ({"level": "alumni"}, "2026-02-01", 0),
    ],
)
def test_definitions_hold_from_day_to_day(group: dict[str, str], on: str, places: int) -> None:
    assert DEFINED.of(group, day(on)) == places


@pytest.mark.parametrize(
    ("group", "places"),
    [
        ({}, 29),
        ({"level": "residential"}, 24),
        ({"site": "North"}, 16),
        ({"site": "North", "level": "residential"}, 16),
        ({"site": "South"}, 0),
    ],
)
def test_a_setting_holds_on_every_day(group: dict[str, str], places: int) -> None:
    setting = Places.by_setting({"North/residential": 16, "residential": 8, "intensive_outpatient": 5})
    assert [setting.of(group, day(on)) for on in ("1990-01-01", "2026-02-01")] == [places, places]
