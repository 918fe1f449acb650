"""Cases of time to event: clients from their start, by what came of each."""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy import Connection

from projections.drilldown.cases import PLACE, Cases
from projections.drilldown.followed import Following, Which
from projections.drilldown.model import DrillDown, Question
from projections.filters import Filters
from projections.retention import queries as retention
from projections.time_to_event.columns import GROUPS

FACTS = ("start", "event", "n", "days", "outcome")
_SHARES = "Shares, quartiles and tests are made of these"


def clients(connection: Connection, question: Question) -> Cases:
    """Clients of a group: all, those with the event, those censored, those never seen since, those at risk on a day."""
    return _of(connection, question, question.within(GROUPS), question.number)


def curve(connection: Connection, question: Question) -> Cases:
    """Clients at risk on a day of the curve, and those whose event came or who were censored on it."""
    return _of(connection, question, question.within(GROUPS, "day"), question.number, question.whole("day"))


def retained(connection: Connection, question: Question, filters: Filters | None, day: int | None = None) -> Cases:
    """Stays of retention by another censoring: all, those ended, those at risk on a day; ``day`` of the curve."""
    number = {"stays": "clients", "ended": "events"}.get(question.number, question.number)
    listed = _of(connection, question, filters, number, day)
    if not isinstance(listed.source, Following):
        return listed
    endpoint = retention.endpoint_of(question.endpoint)
    return replace(listed, source=replace(listed.source, endpoint=endpoint, each=True, read=retention.lasting))


def _of(
    connection: Connection, question: Question, filters: Filters | None, number: str, day: int | None = None
) -> Cases:
    names = (*PLACE, *FACTS)
    if filters is None:
        return Cases("time", names)
    which = _which(number, day)
    return Cases("time", names, Following(connection, filters, question.endpoint, question.today, which))


def _which(number: str, day: int | None) -> Which:
    """What a number of a row counts; with a day, one of the curve there."""
    if number == "at_risk":
        return Which(least=day or 0)
    if number.startswith(_AT_RISK):
        return Which(least=int(number.removeprefix(_AT_RISK)))
    return Which(number, day=day)


_AT_RISK = "at_risk_"
_NUMBERS = ("clients", "events", "censored", "never_observed")


def opening_at(days: tuple[int, ...]) -> DrillDown:
    """How the numbers of a row are opened that reads the curve at these days."""
    return DrillDown((*_NUMBERS, *(f"{_AT_RISK}{day}" for day in days)), clients, instead=_SHARES)


CURVE = DrillDown(("at_risk", "events", "censored"), curve, ("day",), _SHARES)
COMPARED = DrillDown((), clients, ("first", "second"), "Open the clients of either group in the report itself")
