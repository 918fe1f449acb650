"""A number opened: what API, pages and command line answer, from now or from what was known at a moment."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from infra.access.people import Principal
from infra.asof.reports import report_at
from infra.opening.cell import Cell
from infra.opening.meaning import Meaning, meaning, whole_of
from infra.opening.members import START, Opened, Place, members, open_number
from infra.opening.number import Value, value_of
from infra.opening.permalink import TRIES, Stamp, stamped
from infra.services import Services


@dataclass(frozen=True, slots=True)
class Moment:
    """When: as of a knowledge time (aware; None is now), from the log up to a position (None is all of it)."""

    as_of: datetime | None = None
    position: int | None = None


NOW = Moment()


@dataclass(frozen=True, slots=True)
class Page:
    """Which page of who is in a number, and who looks, in which request."""

    who: Principal
    after: Place = START
    limit: int = 50
    request: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """A number with its meaning; ``opened`` for those who see clients.

    ``stamp`` is where the same number is found again; None for those who see no clients, and while entries come in.
    """

    value: Value
    meaning: Meaning
    opened: Opened | None
    stamp: Stamp | None


def answer(services: Services, cell: Cell, moment: Moment = NOW, page: Page | None = None) -> Answer:
    """A number at a moment, with a page of who is in it if one is asked for: that is recorded in the access log.

    Raises:
        FilterError: the number cannot be opened, or this role may not ask it so; the message says what can be.
    """
    if cell.params.suppress:
        return Answer(_safe_value(services, cell, moment), meaning(services, cell), None, None)
    tries = 1 if page else TRIES  # each look at people is recorded
    (value, means, opened), stamp = _at(services, cell, moment, lambda then: _one(services, then, cell, page), tries)
    return Answer(value, means, opened, stamp)


def _safe_value(services: Services, cell: Cell, moment: Moment) -> Value:
    rows = report_at(services, cell.report, cell.params, moment.as_of) if moment.as_of else None
    return value_of(services, cell, rows)


_Found = tuple[Value, Meaning, Opened | None]


def _one(services: Services, then: Services, cell: Cell, page: Page | None) -> _Found:
    means = meaning(then, cell)
    if page is None:
        return value_of(then, cell), means, None
    opened = members(services, page.who, cell, page.after, page.limit, then, page.request)
    whole = whole_of(then, cell)
    value = Value(opened.number, open_number(then, replace(cell, number=whole)).number if whole else None)
    return value, means, opened


def _at(
    services: Services, cell: Cell, moment: Moment, find: Callable[[Services], _Found], tries: int
) -> tuple[_Found, Stamp | None]:
    if moment.as_of is None:
        return stamped(services, lambda: find(services), tries)
    head = services.log.head()
    with services.past.at(moment.as_of, cell.report, until=moment.position) as then:
        found = find(then)
    if moment.position is None and services.log.head() != head:
        return found, None
    return found, Stamp(min(moment.as_of, services.now()), head if moment.position is None else moment.position)
