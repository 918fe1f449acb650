"""What happened after a start by its moment, on a day that is not over yet at its own site."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from domain.days import Calendar
from domain.entries import Entry, Meta, microseconds
from domain.events import Event, LevelOfCareEnded, LevelOfCareStarted, SessionAttended, UseReported
from projections.chart import Chart
from projections.time_to_event.fold import fold

CLIENT = "c" * 32
ZONES = Calendar("UTC", {"West": "America/Los_Angeles"})
MIDNIGHT = datetime(2026, 3, 2, 0, 30, tzinfo=UTC)  # in the west it is the afternoon of the day before


def at(hours: float, event: Event, site: str = "", place: int = 1) -> Entry:
    moment = microseconds(MIDNIGHT + timedelta(hours=hours))
    meta: Meta = {"i": f"{place:032x}", "a": moment, "r": moment, "f": site}
    return Entry(CLIENT, place, place, meta, event, ZONES)


def days_after(start: str, *entries: Entry) -> dict[str, int]:
    """By event, how many days after the last start of a kind it first came."""
    found = fold(Chart(CLIENT, len(entries), entries))
    begun = [(row[1], row[9]) for row in found["time_start"] if row[2] == start]
    number, day = begun[-1]
    return {str(event): when - day for _, n, event, _, when in found["time_event"] if n == number}


def test_what_comes_after_a_start_by_its_moment_is_after_it_by_day_too() -> None:
    moved = (
        at(-200, LevelOfCareStarted(level="residential"), place=1),
        at(0, LevelOfCareEnded(level="residential", reason="transferred"), place=2),
        at(0, LevelOfCareStarted(level="standard_outpatient"), "West", place=3),
        at(2, SessionAttended(kind="group", minutes=60), "West", place=4),
    )
    found = days_after("discharge", *moved)
    assert (found["level"], found["session"]) == (0, 0)


def test_use_on_a_day_before_the_start_is_none_after_it() -> None:
    told = UseReported(substance="Opioid", on=MIDNIGHT.date() - timedelta(days=1))
    admitted = at(0, LevelOfCareStarted(level="standard_outpatient"), place=1)
    assert "reported_use" not in days_after("admission", admitted, at(2, told, place=2))
