"""One rule reads what people write, whichever way it comes in; what cannot be read is refused with the remedy."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from projections import params
from projections.filters import FilterError

CHICAGO = ZoneInfo("America/Chicago")


def test_a_day_is_written_one_way() -> None:
    assert params.day_of("2026-01-31", "--from") == date(2026, 1, 31)
    assert params.day_of("", "--from") is None
    for text in ("20260131", "2026-W05-6", "2026-02-30", "31.01.2026", "2026-01-31T00:00"):
        with pytest.raises(FilterError, match=r"--from: '.+' is not a date: write it as 2026-01-31"):
            params.day_of(text, "--from")


@pytest.mark.parametrize("text", ["2026-01-31T12:00:00+02:00", "2026-01-31T12:00:00 02:00", "2026-01-31T10:00Z"])
def test_a_moment_is_read_with_its_offset_and_with_a_plus_that_came_as_a_space(text: str) -> None:
    assert params.moment_of(text, "--as-of") == datetime(2026, 1, 31, 10, tzinfo=UTC)


def test_a_moment_without_an_offset_is_of_the_zone_that_is_given_or_refused() -> None:
    moment = params.moment_of("2026-01-31T12:00", "As known on", CHICAGO)
    assert moment is not None
    assert moment.utcoffset() == timedelta(hours=-6)
    with pytest.raises(FilterError, match="is not a time with its offset"):
        params.moment_of("2026-01-31T12:00", "--as-of")
    with pytest.raises(FilterError, match="is not a date and time"):
        params.moment_of("yesterday", "As known on", CHICAGO)


def test_a_moment_before_1900_is_a_slip_and_one_far_off_is_the_latest_there_is() -> None:
    with pytest.raises(FilterError):
        params.moment_of("1026-01-31T12:00:00Z", "--as-of")
    assert params.moment_of("9999-12-31T23:59:59Z", "--as-of") == params.LATEST


def test_pairs_are_names_and_values_and_one_without_a_sign_is_refused() -> None:
    assert params.pairs_of(["level=residential", " site = North=East "], "--where") == {
        "level": "residential",
        "site": "North=East",
    }
    assert params.pairs_of(None, "--where") == {}
    with pytest.raises(FilterError, match="--where: 'level': write it as level=residential"):
        params.pairs_of(["level"], "--where")


def test_a_list_leaves_out_what_is_empty_and_days_are_whole_numbers() -> None:
    assert params.listed("level, program,,") == ("level", "program")
    assert params.whole_days("30, 90") == (30, 90)
    for text in ("30.5", "-1", "123456", "soon"):
        with pytest.raises(FilterError, match="whole numbers"):
            params.whole_days(text)
