"""Drill-down of one cell, live or as of a recorded time, for API, pages and command line."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from infra.access_log.context import HasPeople
from infra.drilldown.cell import Cell
from infra.drilldown.meaning import Meaning, meaning
from infra.drilldown.members import Opened, listing_for, page_of
from infra.drilldown.number import read_number
from infra.drilldown.permalink import Stamp
from infra.history.as_of.dependencies import models_asked
from infra.history.context import HasPast
from infra.identity.people import Principal
from projections.drilldown.cases import START, CaseCursor


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
    after: CaseCursor = START
    limit: int = 50
    request: str = ""


@dataclass(frozen=True, slots=True)
class Value:
    """A number and the one that it is a part of; None is of none."""

    number: int
    whole: int | None


@dataclass(frozen=True, slots=True)
class Answer:
    """A number with its meaning; ``opened`` for those who see clients.

    ``stamp`` is where the same number is found again; None while workers write.
    """

    value: Value
    meaning: Meaning
    opened: Opened | None
    stamp: Stamp | None


def answer(services: HasPast, cell: Cell, moment: Moment = NOW, page: Page | None = None) -> Answer:
    """A number at a moment, with a page of who is in it if one is asked for: that is recorded in the access log.

    Raises:
        FilterError: the number cannot be opened; the message says what can be.
    """
    if moment.as_of is None:
        return _answer(services, services, cell, moment, page)
    with services.past.at(moment.as_of, models_asked(cell.report, cell.params), until=moment.position) as then:
        return _answer(services, then, cell, moment, page)


def _answer(services: HasPast, then: HasPeople, cell: Cell, moment: Moment, page: Page | None) -> Answer:
    means = meaning(then, cell)
    listing = page and listing_for(services, page.who, page.after, page.limit)
    number = read_number(then, cell, means.whole, listing, streamed=then is services and services.settings.streams)
    now = services.now()  # after the read: what is in it was known by then
    held = number.position if moment.position is None else moment.position
    opened = page and page_of(services, then, page.who, cell, number, page.request)
    stamp = None if held is None else Stamp(min(moment.as_of or now, now), held)
    return Answer(Value(number.totals.number, number.whole), means, opened, stamp)
