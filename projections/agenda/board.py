"""The board of hand-offs: who waits for an owner, who has one, what lapsed, and what became of the others."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Final, NamedTuple

from sqlalchemy import ColumnElement, Connection, case, func, select, true, tuple_

from projections.agenda.rows import HandoffRow
from projections.agenda.tables import HANDOFF
from projections.base import fetch, mappings
from projections.clinical.handoffs import DUE_DAYS

SECTIONS: Final = ("pending", "owned", "lapsed", "kept", "ended", "made")
"""``lapsed`` are those that waited over 14 days, whoever they belong to; ``pending`` and ``owned`` are inside it."""
WAITING: Final = "waiting"
"""Both of those that are inside their clock, as one list: no section of the board."""
OVER: Final = frozenset({"kept", "ended"})
OVER_DAYS: Final = 30
_OPEN = ("pending", "owned")
_LATEST_FIRST = OVER | {"made", "lapsed"}
_WEEK, _FORTNIGHT = DUE_DAYS
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


class Counts(NamedTuple):
    """How many stand in each section; of those that wait, how many for more than 7 days."""

    sections: dict[str, int]
    week: int

    @property
    def waiting(self) -> int:
        """All that wait."""
        return sum(self.sections[name] for name in (*_OPEN, "lapsed"))


def rows_of(
    connection: Connection, board: Board, section: str, limit: int, after: BoardCursor | None = None
) -> tuple[list[HandoffRow], BoardCursor | None]:
    """A page of a section, and the place after which the next begins.

    Inside their clock the nearest to its end come first. Elsewhere the latest do: of those whose time is over, the
    sooner somebody asks after them, the likelier they come back.
    """
    stored, within = _range(section, board.day)
    down = section in _LATEST_FIRST
    rows: list[HandoffRow] = []
    for name in stored:  # each has its own stretch of the index, and is read from it
        query = select(HANDOFF).where(HANDOFF.c.section == name, within, *_conditions(board))
        query = query if after is None else query.where(*_behind(after, down=down))
        query = query.order_by(*(column.desc() if down else column for column in _ORDER)).limit(limit + 1)
        rows += mappings(connection, query, HandoffRow)
    shown = sorted(rows, key=_place, reverse=down)[:limit]
    return shown, _place(shown[-1]) if len(rows) > limit else None


def counts(connection: Connection, board: Board) -> Counts:
    """How many the board has, section by section."""
    section, since = HANDOFF.c.section, HANDOFF.c.board_day
    recent = section.not_in(sorted(OVER)) | (since > board.day - OVER_DAYS)
    standing = select(section, since).where(recent, *_conditions(board)).subquery()
    lapsed, late = (
        func.sum(case((standing.c.board_day < board.day - days, 1), else_=0)) for days in (_FORTNIGHT, _WEEK)
    )
    sums = fetch(connection, select(standing.c.section, func.count(), lapsed, late).group_by(standing.c.section))
    stored = {name: (int(total), int(old), int(week)) for name, total, old, week in sums}
    waits = [stored.get(name, (0, 0, 0)) for name in _OPEN]
    sections = {name: stored.get(name, (0, 0, 0))[0] for name in SECTIONS}
    sections |= {name: total - old for name, (total, old, _) in zip(_OPEN, waits, strict=True)}
    sections["lapsed"] = sum(old for _, old, _ in waits)
    return Counts(sections, sum(week for _, _, week in waits))


def owners(connection: Connection, limit: int = 200) -> list[str]:
    """People who were given a hand-off, by name: who to choose from."""
    query = select(HANDOFF.c.owner).distinct().where(HANDOFF.c.owner > "").order_by(HANDOFF.c.owner).limit(limit)
    return list(connection.scalars(query))


def _conditions(board: Board) -> Iterator[ColumnElement[bool]]:
    if board.sites is not None:
        yield HANDOFF.c.home.in_(sorted(board.sites))
    if board.but:
        yield HANDOFF.c.client_id.not_in(sorted(board.but))
    for name, value in (("home", board.site), ("owner", board.owner)):
        if value:
            yield HANDOFF.c[name] == value


def _range(section: str, day: int) -> tuple[tuple[str, ...], ColumnElement[bool]]:
    """As what the rows of a section are stored, and which days of these it holds."""
    since, late = HANDOFF.c.board_day, day - _FORTNIGHT
    if section == "lapsed":
        return _OPEN, since < late
    if section in (*_OPEN, WAITING):
        return _OPEN if section == WAITING else (section,), since >= late
    return (section,), since > day - OVER_DAYS if section in OVER else true()


def _behind(after: BoardCursor, *, down: bool) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    day, place = HANDOFF.c.board_day, tuple_(*_ORDER)
    if down:
        return day <= after.board_day, place < tuple(after)
    return day >= after.board_day, place > tuple(after)


def _place(row: HandoffRow) -> BoardCursor:
    return BoardCursor(row["board_day"], row["client_id"], row["stay"] + row["referral"])
