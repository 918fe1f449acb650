"""Running sums: what stands on a day is the sum of all that began and ended until it.

Each change is counted on its day and in its block of days, so that a sum reads whole blocks and then single days: it
costs the same after years. Days are proleptic ordinals.
"""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import ColumnElement, Table, and_, or_

BLOCK_DAYS: Final = 64
SINGLE: Final = 1


def spans(day: int) -> tuple[tuple[int, int], tuple[int, int]]:
    """Where a change of a day is counted, as (span, day): on the day itself, and in its block."""
    return (SINGLE, day), (BLOCK_DAYS, day - day % BLOCK_DAYS)


def until(table: Table, day: int) -> ColumnElement[Any]:
    """The counts (``span``, ``day``) that are every change until a day, itself included."""
    block = day + 1 - (day + 1) % BLOCK_DAYS
    whole = and_(table.c.span == BLOCK_DAYS, table.c.day < block)
    return or_(whole, and_(table.c.span == SINGLE, table.c.day.between(block, day)))


def within(table: Table, start: int, end: int) -> ColumnElement[Any]:
    """The counts that are the changes of single days, both ends included."""
    return and_(table.c.span == SINGLE, table.c.day.between(start, end))


def since(table: Table, day: int) -> ColumnElement[Any]:
    """The counts that are every change from a day on, itself included: single days up to a block, then whole blocks."""
    block = day + -day % BLOCK_DAYS
    whole = and_(table.c.span == BLOCK_DAYS, table.c.day >= block)
    return or_(whole, and_(table.c.span == SINGLE, table.c.day.between(day, block - 1)))
