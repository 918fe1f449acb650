"""Moves between levels, steps, ends and entries by group."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import date

from sqlalchemy import Connection

from domain.levels import LEVELS
from domain.vocabulary import REASONS
from projections.base import Row
from projections.columns import ReportRow, estimated
from projections.filters import Filters
from projections.flow.columns import SHOW_COLUMNS
from projections.flow.fold import LEFT
from projections.flow.tables import TALLY
from projections.tally import Group, in_order

STEPS = ("step_down", "step_up", "same_level", "left")
DEFINITION = (
    "What followed a stay that ended: the level of the next stay if it began within 30 days (during the stay or after "
    "it), alumni if nothing else did, or nothing (left). Concurrent stays are left out. A share is of the ended stays "
    "of that level whose 30 days have passed; those still waiting are counted apart (not_yet) and are in no share. "
    "Steps: less intensive is a step down, more intensive a step up. Ends: the episode ended with this stay, by its "
    "reason; a share is of the episodes that ended with a stay of the group. Entries: stays that began an episode, "
    "the client's first or a return after more than 30 days."
)
SOURCE = "Episodes as chains of stays with gaps of at most 30 days; TEDS discharge reasons; Wilson score interval, 95 %"
SHOWS = tuple(SHOW_COLUMNS)

Parts = Counter[tuple[Group, str]]
Part = Callable[[str, str, str], str]
_ENDS = frozenset({LEFT, "alumni"})


def matrix(connection: Connection, filters: Filters, today: date) -> list[ReportRow]:
    """One row a group, level left and level reached: all so far, and the share among those that are settled.

    Raises:
        FilterError: a group or filter that flows do not have.
    """
    by_level = _by_level(filters)
    rows: list[ReportRow] = []
    for named, target, counts in _shares(connection, by_level, today, by_level, _target, (*LEVELS, LEFT)):
        start = named.pop("level")
        rows.append({**named, "from": start, "to": target, "step": step_of(start, target), **counts})
    return rows


def steps(connection: Connection, filters: Filters, today: date) -> list[ReportRow]:
    """The shares of ended stays followed by a step down, a step up, the same level, or nothing."""

    def part(level: str, target: str, _: str) -> str:
        return step_of(level, target)

    shares = _shares(connection, filters, today, _by_level(filters), part, STEPS)
    return [{**named, "step": step, **counts} for named, step, counts in shares]


def ends(connection: Connection, filters: Filters, today: date) -> list[ReportRow]:
    """Where episodes end: by the level of their last stay (or any group) and its reason."""

    def part(level: str, target: str, reason: str) -> str:
        return reason if target in _ENDS and level != "alumni" else ""

    shares = _shares(connection, filters, today, _by_level(filters), part, REASONS)
    return [{**named, "reason": reason, **counts} for named, reason, counts in shares]


def entries(connection: Connection, filters: Filters) -> list[ReportRow]:
    """Stays that began an episode: the client's first, or a return after more than 30 days; by the level begun."""
    parts: Parts = Counter()
    for group, (kind, target, _), n in TALLY.read(connection, filters):
        if kind == "entry":
            parts[group, target] += n
    rows: list[ReportRow] = []
    for group in in_order(filters, {group for group, _ in parts}):
        again = parts[group, "again"]
        entered = again + parts[group, "first"]
        named = dict(zip(filters.by, group, strict=True))
        rows.append({**named, "entries": entered, "first_entries": entered - again, **estimated(again, entered)})
    return rows


def step_of(before: str, after: str) -> str:
    """The direction of a move between two levels; nothing after is "left"."""
    if after == LEFT:
        return LEFT
    if before == after:
        return "same_level"
    return "step_down" if LEVELS.index(after) > LEVELS.index(before) else "step_up"  # type: ignore[arg-type]


def _target(_: str, target: str, __: str) -> str:
    return target


def _by_level(filters: Filters) -> Filters:
    """The same question with the level among its groups, last if it was not asked for."""
    return filters if "level" in filters.by else replace(filters, by=(*filters.by, "level"))


def _shares(
    connection: Connection, wanted: Filters, today: date, given: Filters, part: Part, parts: Sequence[str]
) -> Iterator[tuple[dict[str, str], str, ReportRow]]:
    """(group, part, counts) of moves: how many so far, the share of those that are settled, how many are not.

    ``part`` says from (level, target, reason) what a move counts as; moves that are none of ``parts`` do not count.
    """
    counted = _regrouped(TALLY.read(connection, given), wanted, given, part, parts)
    waiting = _regrouped(TALLY.open(connection, given, today.toordinal()), wanted, given, part, parts)
    totals: Counter[Group] = Counter()
    for (group, _), n in counted.items():
        totals[group] += n
    for (group, _), n in waiting.items():
        totals[group] -= n
    for group in in_order(wanted, totals):
        for name in parts:
            known, pending = counted[group, name], waiting[group, name]
            if known:
                named = dict(zip(wanted.by, group, strict=True))
                yield named, name, {"count": known, **estimated(known - pending, totals[group]), "not_yet": pending}


def _regrouped(
    read: Iterator[tuple[Group, Row, int]], wanted: Filters, given: Filters, part: Part, parts: Sequence[str]
) -> Parts:
    """Moves by the groups asked for and the part that they count as."""
    regrouped: Parts = Counter()
    for group, (kind, target, reason), n in read:
        named = dict(zip(given.by, group, strict=True))
        name = part(named["level"], target, reason) if kind == "move" else ""
        if name in parts:
            regrouped[tuple(named[key] for key in wanted.by), name] += n
    return regrouped
