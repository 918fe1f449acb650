"""Times without an offset: the moment in a zone, or why there is none."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

import pytest

from infra.interop.importers.zones import ZoneError, located, zone

NEW_YORK = "America/New_York"


@pytest.mark.parametrize(
    ("name", "naive", "expected"),
    [
        (NEW_YORK, "2026-01-06T18:00:00", "2026-01-06T18:00:00-05:00"),
        (NEW_YORK, "2026-07-06T18:00:00.000001", "2026-07-06T18:00:00.000001-04:00"),
        (NEW_YORK, "2026-03-08T01:59:59", "2026-03-08T01:59:59-05:00"),
        (NEW_YORK, "2026-03-08T03:00:00", "2026-03-08T03:00:00-04:00"),
        (NEW_YORK, "2026-11-01T00:59:59", "2026-11-01T00:59:59-04:00"),
        (NEW_YORK, "2026-11-01T02:00:00", "2026-11-01T02:00:00-05:00"),
        ("UTC", "2026-03-08T02:30:00", "2026-03-08T02:30:00+00:00"),
        ("Asia/Kolkata", "2026-03-08T02:30:00", "2026-03-08T02:30:00+05:30"),
    ],
)
def test_a_time_gets_the_offset_that_the_zone_had_then(name: str, naive: str, expected: str) -> None:
    assert located(datetime.fromisoformat(naive), zone(name)).isoformat() == expected


@pytest.mark.parametrize(
    ("name", "naive", "said"),
    [
        (NEW_YORK, "2026-03-08T02:30", "02:30 does not exist on 2026-03-08 in America/New_York: clocks went from 2:00 to 3:00"),
        (NEW_YORK, "2026-03-08T02:00", "02:00 does not exist on 2026-03-08 in America/New_York: clocks went from 2:00 to 3:00"),
        ("Australia/Lord_Howe", "2026-10-04T02:15", "in Australia/Lord_Howe: clocks went from 2:00 to 2:30; correct the time"),
        ("America/Santiago", "2026-09-06T00:10", "clocks went from 0:00 to 1:00; correct the time"),
        ("Pacific/Apia", "2011-12-30T12:00", "12:00 does not exist on 2011-12-30 in Pacific/Apia"),
    ],
)  # fmt: skip
def test_an_hour_that_was_skipped_is_no_time(name: str, naive: str, said: str) -> None:
    with pytest.raises(ZoneError) as caught:
        located(datetime.fromisoformat(naive), zone(name), "first")
    assert said in str(caught.value)


def test_the_hour_that_comes_twice_asks_for_the_offset() -> None:
    with pytest.raises(ZoneError, match=r"01:30 on 2026-11-01 comes twice that night.*-04:00 or -05:00"):
        located(datetime(2026, 11, 1, 1, 30), zone(NEW_YORK))


@pytest.mark.parametrize(("which", "offset"), [("first", "-04:00"), ("second", "-05:00")])
def test_or_is_told_which_one_is_meant(which: Literal["first", "second"], offset: str) -> None:
    assert located(datetime(2026, 11, 1, 1, 30), zone(NEW_YORK), which).isoformat().endswith(offset)


@pytest.mark.parametrize("name", ["", "Mars/Olympus", "../UTC", "America", "EST5EDT\x00"])
def test_a_zone_that_is_none_is_said(name: str) -> None:
    with pytest.raises(ZoneError, match="is no IANA time zone: write it as America/Chicago"):
        zone(name)
