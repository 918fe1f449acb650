"""Stays by what the screens of each week say: the sums say what the patterns do."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import select

from infra.bootstrap import Services
from projections.abstinence.queries import patterns, weekly_shares
from projections.abstinence.tables import PATTERN
from projections.filters import Filters


@pytest.mark.parametrize(
    "where", [{}, {"level": "residential"}, {"program": "iop"}, {"level": "partial_hospitalization"}]
)
def test_weeks_from_sums_are_those_of_the_patterns(programme: Services, where: dict[str, str]) -> None:
    ever = Filters((), start=date(1990, 1, 1), cohort="admission", where=where)
    with programme.reads.reading() as connection:
        summed = weekly_shares(connection, Filters((), where=where))
        assert summed == weekly_shares(connection, ever)
        every = patterns(connection, ever, limit=10**6)
    assert [row["stays"] for row in summed] == [
        sum(len(pattern) >= week for pattern in every)
        for week in range(1, min(26, max(map(len, every), default=0)) + 1)
    ]


def test_the_heat_map_shows_the_newest_stays_whatever_their_numbers_are(programme: Services) -> None:
    with programme.reads.reading() as connection:
        stays = connection.execute(select(PATTERN.c.start_day, PATTERN.c.pattern).where(PATTERN.c.pattern != "")).all()
        shown = patterns(connection, Filters(()), limit=30)
    newest = sorted(((-day, pattern) for day, pattern in stays))[:30]
    assert sorted(shown) == sorted(pattern for _, pattern in newest)
