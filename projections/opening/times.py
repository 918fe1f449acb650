"""What time to event counts: clients from their start, by what came of each."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import Connection

from projections.filters import Filters
from projections.opening.model import PLACE, Cases, Opening, Question
from projections.retention import queries as retention
from projections.time_to_event.definition import Endpoint
from projections.time_to_event.durations import GROUPS, Followed, followed

FACTS = ("start", "event", "n", "days", "outcome")
_SHARES = "Shares, quartiles and tests are made of these"
Counted = Callable[[Followed], bool]


def clients(connection: Connection, question: Question) -> Cases:
    """Clients of a group: all, those with the event, those censored, those never seen since, those at risk on a day."""
    return _of(connection, question, question.endpoint, question.within(GROUPS), _counted(question.number))


def curve(connection: Connection, question: Question) -> Cases:
    """Clients at risk on a day of the curve, and those whose event came or who were censored on it."""
    day = question.whole("day")
    counted = _at(day, question.number)
    return _of(connection, question, question.endpoint, question.within(GROUPS, "day"), counted)


def retained(connection: Connection, question: Question, filters: Filters | None, day: int | None = None) -> Cases:
    """Stays of retention by another censoring: all, those ended, those at risk on a day; ``day`` of the curve."""
    asked = retention.asked(question.endpoint)
    number = {"stays": "clients", "ended": "events"}.get(question.number, question.number)
    if day is None:
        counted = _counted(number)
    else:
        counted = _at(day, number)
    return _of(connection, question, asked, filters, lambda one: counted(retention.lasting(one)), each=True)


def _at(day: int, number: str) -> Counted:
    if number == "at_risk":
        return lambda one: one.days >= day
    counted = _counted(number)
    return lambda one: one.days == day and counted(one)


def _counted(number: str) -> Counted:
    known: dict[str, Counted] = {
        "clients": lambda _: True,
        "events": lambda one: one.outcome == "event",
        "censored": lambda one: one.outcome != "event",
        "never_observed": lambda one: one.contact_day is None,
    }
    if number in known:
        return known[number]
    day = int(number.removeprefix(_AT_RISK))
    return lambda one: one.days >= day


def _of(
    connection: Connection,
    question: Question,
    asked: Endpoint,
    filters: Filters | None,
    counted: Counted,
    *,
    each: bool = False,
) -> Cases:
    names = (*PLACE, *FACTS)
    if filters is None:
        return Cases("time", names)
    found = followed(connection, filters, asked, question.today, each=each).get((), [])
    rows = [
        (
            *(one.client_id, 1, one.level, one.program, one.site, one.start_day, one.start_day + one.days),
            *(asked.start, asked.event, one.n, one.days, one.outcome),
        )
        for one in found
        if counted(one)
    ]
    return Cases("time", names, rows)


_AT_RISK = "at_risk_"
_NUMBERS = ("clients", "events", "censored", "never_observed")


def opening_at(days: tuple[int, ...]) -> Opening:
    """How the numbers of a row are opened that reads the curve at these days."""
    return Opening((*_NUMBERS, *(f"{_AT_RISK}{day}" for day in days)), clients, instead=_SHARES)


CURVE = Opening(("at_risk", "events", "censored"), curve, ("day",), _SHARES)
COMPARED = Opening((), clients, ("first", "second"), "Open the clients of either group in the report itself")
