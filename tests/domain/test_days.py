"""The day of a moment: that of the zone where it happened."""

from __future__ import annotations

import pickle
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given, settings, strategies as st

from domain.days import Calendar, UnknownZoneError, offsets_of
from domain.entries import Entry, Meta, microseconds, moment
from domain.events import ClientDied, LevelOfCareEnded, LevelOfCareStarted, NoteAdded
from domain.journey import journey_of

ZONES = (
    "America/New_York",
    "America/Phoenix",
    "America/St_Johns",
    "Africa/Casablanca",
    "Asia/Kathmandu",
    "Australia/Lord_Howe",
    "Europe/Dublin",
    "Pacific/Apia",
    "Pacific/Kiritimati",
    "UTC",
    "Etc/GMT+5",
)
CARE = Calendar("America/New_York", {"West": "America/Los_Angeles"})


def entry(at: str, event: object, site: str = "", number: int = 1, calendar: Calendar = CARE) -> Entry:
    """An entry of a site at a moment with the offset that some source wrote."""
    given = datetime.fromisoformat(at)
    offset = given.utcoffset()
    assert offset is not None
    meta: Meta = {"i": f"{number:032x}", "a": microseconds(given), "z": int(offset.total_seconds() // 60), "r": 1}
    if site:
        meta["f"] = site
    return Entry("c" * 32, number, number, meta, event, calendar)  # type: ignore[arg-type]


@settings(max_examples=400, deadline=None)
@given(
    at=st.datetimes(datetime(1900, 1, 1), datetime(2099, 12, 30), timezones=st.just(UTC)),
    name=st.sampled_from(ZONES),
)
@example(at=datetime(1900, 1, 1, tzinfo=UTC), name="America/New_York")
@example(at=datetime(1969, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC), name="UTC")
@example(at=datetime(1970, 1, 1, 4, 59, 59, 999_999, tzinfo=UTC), name="America/New_York")
@example(at=datetime(2011, 12, 30, 9, 59, tzinfo=UTC), name="Pacific/Apia")  # a day that Samoa left out
@example(at=datetime(2011, 12, 30, 10, 1, tzinfo=UTC), name="Pacific/Apia")
def test_a_day_is_that_of_zoneinfo(at: datetime, name: str) -> None:
    """Whatever the moment, also before 1970."""
    assert Calendar(name).day(microseconds(at), "") == at.astimezone(ZoneInfo(name)).toordinal()


@pytest.mark.parametrize("name", ZONES)
def test_every_transition_is_met_to_the_microsecond(name: str) -> None:
    """The offset just before and at each change; from 2020 to 2030 New York has its 22."""
    zone, offsets = ZoneInfo(name), offsets_of(name)
    for start in offsets.starts:
        for at in (start - 1, start, start + 1):
            assert timedelta(microseconds=offsets.at(at)) == moment(at).astimezone(zone).utcoffset()
        assert offsets.at(start - 1) != offsets.at(start)


def test_all_the_changes_of_new_york_from_2020_to_2030_are_known() -> None:
    """Found by asking zoneinfo at every hour."""
    zone, at = ZoneInfo("America/New_York"), datetime(2020, 1, 1, tzinfo=UTC)
    found: list[int] = []
    while at.year < 2031:
        after = at + timedelta(hours=1)
        if at.astimezone(zone).utcoffset() != after.astimezone(zone).utcoffset():
            found.append(microseconds(after))
        at = after
    first, last = microseconds(datetime(2020, 1, 1, tzinfo=UTC)), microseconds(datetime(2031, 1, 1, tzinfo=UTC))
    assert [start for start in offsets_of("America/New_York").starts if first <= start < last] == found
    assert len(found) == 22


def test_a_moment_outside_the_years_known_takes_the_offset_at_their_edge() -> None:
    """No error: a moment that a source wrote wrongly is a quality problem, not a stop."""
    for year in (1, 1850, 2150, 9999):
        at = microseconds(datetime(year, 6, 15, 12, tzinfo=UTC))
        assert Calendar("America/New_York").day(at, "") == datetime(year, 6, 15).toordinal()


@pytest.mark.parametrize("name", ["", "Nowhere/Land", "America", "../etc/passwd", "/etc/localtime", "a\0b", "EST5 "])
def test_an_unknown_zone_is_named(name: str) -> None:
    """For the house and for a site."""
    for zones in ((name, {}), ("UTC", {"North": name})):
        with pytest.raises(UnknownZoneError, match="IANA time zone, as America/Chicago"):
            Calendar(*zones)


def test_a_calendar_travels_to_another_process() -> None:
    """And is the same there."""
    there = pickle.loads(pickle.dumps(CARE))
    assert there == CARE
    assert there.fingerprint == CARE.fingerprint
    assert there.zone_of("West") == ZoneInfo("America/Los_Angeles")
    assert there.zone_of("") == there.zone_of("Elsewhere") == ZoneInfo("America/New_York")


def test_the_fingerprint_is_that_of_the_rules() -> None:
    """Names of one zone are one; each site's zone counts."""
    assert Calendar("UTC").fingerprint == Calendar("Etc/UTC").fingerprint
    others = [Calendar("UTC"), Calendar("America/New_York"), CARE, Calendar("UTC", {"West": "America/New_York"})]
    assert len({calendar.fingerprint for calendar in others}) == 4


def test_the_day_is_that_of_the_facility_whatever_offset_was_written() -> None:
    """One moment, written in three ways."""
    for written in ("2026-01-06T03:00:00+00:00", "2026-01-05T22:00:00-05:00", "2026-01-06T12:00:00+09:00"):
        assert entry(written, NoteAdded(text="x")).day == datetime(2026, 1, 5).toordinal()


def test_two_sites_in_two_zones_have_days_of_their_own() -> None:
    """05:30 UTC is 00:30 in New York and 21:30 of the day before in Los Angeles."""
    at = "2026-01-06T05:30:00+00:00"
    assert entry(at, NoteAdded(text="x")).day == datetime(2026, 1, 6).toordinal()
    assert entry(at, NoteAdded(text="x"), "North").day == datetime(2026, 1, 6).toordinal()
    assert entry(at, NoteAdded(text="x"), "West").day == datetime(2026, 1, 5).toordinal()


def test_an_end_recorded_further_west_is_not_on_a_day_before_the_start() -> None:
    """Begun in the house at 00:10, ended twenty minutes later by the site in the west, where it is still yesterday."""
    start = entry("2026-01-06T05:10:00+00:00", LevelOfCareStarted(level="medical_detox"), number=1)
    for event in (LevelOfCareEnded(level="medical_detox", reason="completed"), ClientDied()):
        end = entry("2026-01-06T05:30:00+00:00", event, "West", number=2)
        assert end.day == start.day - 1
        [stay] = journey_of([start, end]).stays
        assert (stay.start_day, stay.end_day) == (start.day, start.day)


def test_a_correction_is_of_the_day_at_the_entrys_own_site() -> None:
    """Whoever corrects it, in whatever offset."""
    first = entry("2026-01-06T05:30:00+00:00", NoteAdded(text="x"), "West", number=1)
    amended = first.replaced(NoteAdded(text="y"), first.at + 3_600_000_000, 540, first)
    assert amended.day == first.day == datetime(2026, 1, 5).toordinal()
