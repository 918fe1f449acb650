"""What stands out in an access log, and what does not."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from infra.access_log.entries import Accessed
from infra.access_log.review import MANY_CHARTS, review

MONDAY = datetime(2026, 3, 2, 10, tzinfo=UTC)
ZONE = ZoneInfo("UTC")


def read(day: int, client: int, name: str = "nurse", hour: int = 10, kind: str = "ChartsRead") -> Accessed:
    at = MONDAY + timedelta(days=day, hours=hour - 10)
    return Accessed(
        1,
        kind,
        "x",
        at,
        name,
        "clinician",
        "web",
        "",
        "treatment",
        (f"{client:032x}",),
        broken=False,
        request="",
        words={},
    )


def usual(days: int = 10, charts: int = 4) -> list[Accessed]:
    return [read(day, client) for day in range(days) for client in range(charts)]


def test_an_ordinary_stretch_has_nothing_to_ask() -> None:
    assert review(usual(), ZONE).unusual == []


def test_many_charts_in_a_day_stand_out_against_ones_own_usual() -> None:
    busy = [read(10, client) for client in range(MANY_CHARTS)]
    (found,) = review([*usual(), *busy], ZONE).unusual
    assert (found.name, found.what, found.found, found.usual) == ("nurse", "opened many charts", MANY_CHARTS, 4)
    always = [read(day, client) for day in range(10) for client in range(MANY_CHARTS)]
    assert review(always, ZONE).unusual == []


def test_the_same_chart_many_times_is_one_chart() -> None:
    assert review([*usual(), *[read(10, 1) for _ in range(100)]], ZONE).unusual == []


def test_a_night_stands_out_for_whoever_works_by_day() -> None:
    (found,) = review([*usual(), read(10, 1, hour=3)], ZONE).unusual
    assert found.what == "read at night, otherwise by day"
    assert review([read(day, 1, hour=3) for day in range(10)], ZONE).unusual == []


def test_the_hour_is_that_of_the_facility() -> None:
    assert review([*usual(), read(10, 1, hour=3)], ZoneInfo("Asia/Tokyo")).unusual == []


def test_many_refusals_stand_out() -> None:
    found = review([read(0, n, kind="ChartRefused") for n in range(5)], ZONE)
    assert [row.what for row in found.unusual] == ["met many refusals"]
    assert len(found.refused) == 5


def test_the_past_is_compared_with_and_not_shown() -> None:
    busy = [read(2, client) for client in range(MANY_CHARTS)]
    assert review([*usual(), *busy], ZONE, MONDAY + timedelta(days=5)).unusual == []
