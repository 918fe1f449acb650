"""The clock of hand-offs: the order in which those who wait are asked after."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement

from projections.clinical.handoffs import DUE_DAYS


def by_clock(since: ColumnElement[Any], today: int) -> list[tuple[ColumnElement[bool], bool]]:
    """Ranges of the day since when somebody waits, one after the other; True: latest day first.

    The nearest to the end of the clock come first. Whose time is over follow, the latest first: the sooner somebody
    asks after them, the likelier they come back. Two ranges, so that an index gives each in its order.
    """
    late = today - DUE_DAYS[-1]
    return [(since >= late, False), (since < late, True)]
