"""Times on pages and in forms: the facility's zone, UTC on demand, and the hours when clocks change."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from api.i18n.formats import day, days_title, moment, number, percent
from api.i18n.language import speaking
from api.web.writing.submission import moment_of
from domain.events import InvalidDataError
from tests.api.access.conftest import House

EASTERN = ZoneInfo("America/New_York")


def test_a_moment_is_the_facilitys_and_names_the_zone_where_the_hour_comes_twice() -> None:
    assert moment(datetime(2026, 3, 2, 17, tzinfo=UTC), EASTERN) == "2 Mar 2026, 12:00"
    first, second = (moment(datetime(2026, 11, 1, hour, 30, tzinfo=UTC), EASTERN) for hour in (5, 6))
    assert (first, second) == ("1 Nov 2026, 01:30 EDT", "1 Nov 2026, 01:30 EST")


def test_a_time_that_the_clocks_skipped_is_asked_again() -> None:
    with pytest.raises(InvalidDataError, match="did not exist that day"):
        moment_of("2026-03-08T02:30", EASTERN)
    assert moment_of("2026-03-08T03:30", EASTERN).astimezone(UTC).hour == 7
    assert moment_of("2026-11-01T01:30", EASTERN).astimezone(UTC).hour == 5
    assert moment_of("2026-11-01T01:30-05:00", EASTERN).astimezone(UTC).hour == 6


def test_utc_is_asked_for_and_remembered(house: House) -> None:
    house.admit("A-1", "north")
    browser = house.browser("clinician")
    assert "2 Mar 2026, 12:00 UTC" not in browser.get("/clients/A-1").text
    assert "2 Mar 2026, 12:00 UTC" in browser.get("/clients/A-1?utc=1").text
    assert "2 Mar 2026, 12:00 UTC" in browser.get("/clients/A-1").text
    browser.get("/clients/A-1?utc=0")
    assert "2 Mar 2026, 12:00 UTC" not in browser.get("/clients/A-1").text


def test_numbers_and_days_follow_the_language() -> None:
    assert (day("2026-01-05"), percent(0.4567), number(12345.5), number(None)) == (
        "5 Jan 2026", "45.7\xa0%", "12,345.5", "–",
    )  # fmt: skip
    with speaking("es"):
        assert (day("2026-01-05"), percent(0.4567), number(True)) == ("5 ene 2026", "45.7\xa0%", "sí")


@pytest.mark.parametrize(
    ("first", "last", "said"),
    [
        (date(2026, 7, 1), date(2026, 9, 30), "Q3 2026"),
        (date(2028, 2, 1), date(2028, 2, 29), "Feb 2028"),
        (date(2026, 1, 1), date(2026, 12, 31), "2026"),
        (date(2026, 2, 1), date(2026, 4, 30), "1 Feb 2026 to 30 Apr 2026"),
        (date(2026, 7, 1), date(2026, 9, 29), "1 Jul 2026 to 29 Sep 2026"),
        (date(2026, 3, 2), date(2026, 3, 31), "2 Mar 2026 to 31 Mar 2026"),
        (date(2026, 7, 1), date(2027, 6, 30), "1 Jul 2026 to 30 Jun 2027"),
    ],
)
def test_days_have_the_name_of_the_period_that_they_are(first: date, last: date, said: str) -> None:
    with speaking("en"):
        assert days_title(first, last) == said
