"""Running sums: whole blocks and single days come to the sum of all days, whatever the day."""

from __future__ import annotations

from collections import Counter

from hypothesis import given, strategies as st
from sqlalchemy import Column, Integer, MetaData, SmallInteger, Table, create_engine, func, insert, select

from projections.running_sums import BLOCK_DAYS, since, spans, until, within

SUMS = Table("sums", MetaData(), Column("span", SmallInteger), Column("day", Integer), Column("n", Integer))
DAYS = st.integers(1, 5 * BLOCK_DAYS)


@given(st.lists(DAYS, max_size=20), DAYS, DAYS)
def test_blocks_and_days_come_to_the_sum_of_all(changes: list[int], first: int, last: int) -> None:
    engine = create_engine("sqlite://")
    with engine.connect() as connection:
        SUMS.create(connection)
        counts = Counter(span for day in changes for span in spans(day))
        for (span, day), n in counts.items():
            connection.execute(insert(SUMS).values(span=span, day=day, n=n))
        total = select(func.coalesce(func.sum(SUMS.c.n), 0))
        assert connection.execute(total.where(until(SUMS, last))).scalar_one() == sum(day <= last for day in changes)
        assert connection.execute(total.where(since(SUMS, first))).scalar_one() == sum(day >= first for day in changes)
        found = connection.execute(total.where(within(SUMS, first, last))).scalar_one()
        assert found == sum(first <= day <= last for day in changes)
    engine.dispose()
