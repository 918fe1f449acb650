"""The board of hand-offs: who waits for an owner, who has one, and what became of the others, a page at a time."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from sqlalchemy import ColumnElement, Connection, Select, case, func, select, true, tuple_

from projections.agenda.clock import by_clock
from projections.agenda.rows import HandoffRow
from projections.agenda.tables import HANDOFF
from projections.base import fetch, mappings
from projections.clinical.handoffs import DUE_DAYS

SECTIONS: Final = ("pending", "owned", "kept", "ended", "made")
OVER: Final = frozenset({"kept", "ended"})
OVER_DAYS: Final = 30
_WAITING = ("pending", "owned")
_ORDER = (HANDOFF.c.board_day, HANDOFF.c.client_id, HANDOFF.c.stay + HANDOFF.c.referral)


class BoardCursor(NamedTuple):
    """Where a page of a section goes on; ``key`` is the id of the stay or of the referral."""

    board_day: int
    client_id: str
    key: str


@dataclass(frozen=True, slots=True)
class Board:
    """Whose board: charts of ``sites`` (None: of all) without ``but``; of one ``site``, of one ``owner``."""

    day: int
    sites: Collection[str] | None = None
    but: Collection[str] = ()
    site: str = ""
    owner: str = ""


def rows_of(
    connection: Connection, board: Board, section: str, limit: int, after: BoardCursor | None = None
) -> tuple[list[HandoffRow], BoardCursor | None]:
    """A page of a section, and the place after which the next begins: who waits ``by_clock``, else the latest first."""
    rows: list[HandoffRow] = []
    query = _asked(select(HANDOFF), board).where(HANDOFF.c.section == section)
    for within, down in _runs(board, section, after):
        run = query.where(within) if after is None else query.where(within, *_behind(after, down=down))
        ordered = run.order_by(*(column.desc() if down else column for column in _ORDER))
        rows += mappings(connection, ordered.limit(limit + 1 - len(rows)), HandoffRow)
        if len(rows) > limit:
            break
        after = None
    shown = rows[:limit]
    return shown, _place(shown[-1]) if len(rows) > limit else None


def _runs(board: Board, section: str, after: BoardCursor | None) -> list[tuple[ColumnElement[bool], bool]]:
    """The ranges of days of a section in their order, from the one in which a page goes on; True: latest day first."""
    day = HANDOFF.c.board_day
    if section not in _WAITING:
        return [(day > board.day - OVER_DAYS if section in OVER else true(), True)]
    runs = by_clock(day, board.day)
    return runs[1:] if after is not None and after.board_day < board.day - DUE_DAYS[-1] else runs


def _behind(after: BoardCursor, *, down: bool) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    day, place = HANDOFF.c.board_day, tuple_(*_ORDER)
    if down:
        return day <= after.board_day, place < tuple(after)
    return day >= after.board_day, place > tuple(after)


def waiting(connection: Connection, board: Board) -> tuple[int, int, int]:
    """How many wait, and of these how many for more than 7 and more than 14 days."""

    def older(since: ColumnElement[Any], days: int) -> ColumnElement[Any]:
        return func.coalesce(func.sum(case((since < board.day - days, 1), else_=0)), 0)

    waits = _asked(select(HANDOFF.c.board_day).where(HANDOFF.c.section.in_(_WAITING)), board).subquery()
    query = select(func.count(), *(older(waits.c.board_day, days) for days in DUE_DAYS)).select_from(waits)
    [(total, week, fortnight)] = fetch(connection, query)
    return int(total), int(week), int(fortnight)


def owners(connection: Connection, limit: int = 200) -> list[str]:
    """People who were given a hand-off, by name: who to choose from."""
    query = select(HANDOFF.c.owner).distinct().where(HANDOFF.c.owner > "").order_by(HANDOFF.c.owner).limit(limit)
    return list(connection.scalars(query))


def _asked(query: Select[Any], board: Board) -> Select[Any]:
    if board.sites is not None:
        query = query.where(HANDOFF.c.home.in_(sorted(board.sites)))
    if board.but:
        query = query.where(HANDOFF.c.client_id.not_in(sorted(board.but)))
    for name, value in (("home", board.site), ("owner", board.owner)):
        if value:
            query = query.where(HANDOFF.c[name] == value)
    return query


def _place(row: HandoffRow) -> BoardCursor:
    return BoardCursor(row["board_day"], row["client_id"], row["stay"] + row["referral"])
