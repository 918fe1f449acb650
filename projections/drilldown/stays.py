"""Cases of completion, length of stay, retention and census: stays, and episodes of them."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Connection, Integer, Select, and_, case, cast, literal, true

from domain.vocabulary import REASONS
from projections.census.queries import DIMENSIONS as CENSUS_GROUPS, period
from projections.completion.queries import EPISODE_GROUPS, episodes_in_period
from projections.drilldown import times
from projections.drilldown.cases import Cases, cases
from projections.drilldown.model import DrillDown, Question
from projections.filters import STAY_DIMENSIONS, FilterError, Filters
from projections.params import known_day
from projections.retention.queries import (
    GROUPS as RETENTION_GROUPS,
    MILESTONES,
    OPEN_UNTIL_TODAY,
    endpoint_of,
    of_admissions,
)
from projections.stays.queries import stays_in_period
from projections.stays.tables import EPISODE, STAY

FACTS = ("n", "reason", "days")
_ENDED = STAY.c.end_day.is_not(None)
_NO_SHARES = "Shares and intervals are made of these; quartiles are of the lengths of all of them"
_AT_RISK = tuple(f"at_risk_{day}" for day in MILESTONES)


def completion(connection: Connection, question: Question) -> Cases:
    """Ended stays of a group: all, those of a reason, those above and below the line of the rate."""
    counted = _reason(question, STAY.c.reason)
    return _stays(connection, question.within(STAY_DIMENSIONS), and_(_ENDED, counted))


def episodes(connection: Connection, question: Question) -> Cases:
    """The same of whole episodes."""
    filters = question.within(EPISODE_GROUPS)
    counted = _reason(question, EPISODE.c.reason)

    def narrow(query: Select[Any]) -> Select[Any]:
        assert filters is not None
        return episodes_in_period(query, filters).where(EPISODE.c.end_day.is_not(None), counted)

    facts = ("n", "reason", "days", "first_level", "stays")
    if filters is None:
        return Cases("episode")
    return cases(connection, "episode", EPISODE, facts, narrow, level="last_level")


def lengths(connection: Connection, question: Question) -> Cases:
    """Ended stays of a group and reason; the reason "all" is every one."""
    reason = question.key("reason")
    which = true() if reason == "all" else STAY.c.reason == reason
    return _stays(connection, question.within(STAY_DIMENSIONS, "reason"), and_(_ENDED, which))


def retention(connection: Connection, question: Question) -> Cases:
    """Stays that retention follows: all, those ended, those at risk on a day (lasting at least so many days)."""
    if endpoint_of(question.endpoint) != OPEN_UNTIL_TODAY:
        return times.retained(connection, question, _admitted(question))
    lasted = _lasted(question.today)
    which = {"stays": true(), "ended": _ENDED} | {f"at_risk_{day}": lasted >= day for day in MILESTONES}
    return _stays(connection, _admitted(question), which[question.number])


def curve(connection: Connection, question: Question) -> Cases:
    """Stays at risk on a day of the curve, and those that ended on it."""
    day = question.whole("day")
    if endpoint_of(question.endpoint) != OPEN_UNTIL_TODAY:
        return times.retained(connection, question, _admitted(question, "day"), day)
    which = _lasted(question.today) >= day if question.number == "at_risk" else and_(_ENDED, STAY.c.days == day)
    return _stays(connection, _admitted(question, "day"), which)


def census(connection: Connection, question: Question) -> Cases:
    """Stays that cover a day, or that began or ended on it; without a day, in the period."""
    filters = question.within(CENSUS_GROUPS, "day")
    start, end = period(question.filters, date.fromordinal(question.today))
    if "day" in question.at:
        start = end = _date(question.at["day"])
    elif question.number == "census":
        question.key("day")
    first, last = start.toordinal(), end.toordinal()
    if question.number != "census":
        day = STAY.c.start_day if question.number == "admissions" else STAY.c.end_day
        return _stays(connection, _timeless(filters), day.between(first, last))
    # what the sum of changes says, whatever order the two days of a stay have
    ended = case((STAY.c.census_end_day <= last, 1), else_=0)
    stands = case((STAY.c.start_day <= last, 1), else_=0) - ended
    return _stays(connection, _timeless(filters), true(), stands)


def _stays(
    connection: Connection, filters: Filters | None, which: ColumnElement[bool], adds: ColumnElement[int] | None = None
) -> Cases:
    if filters is None:
        return Cases("stay")
    return cases(connection, "stay", STAY, FACTS, lambda query: stays_in_period(query, filters).where(which), adds)


def _admitted(question: Question, *apart: str) -> Filters | None:
    filters = question.within(RETENTION_GROUPS, *apart)
    return None if filters is None else of_admissions(filters)


def _timeless(filters: Filters | None) -> Filters | None:
    """A census has its own days: the filters' period is none of a cohort."""
    return None if filters is None else Filters((), where=filters.where)


def _lasted(today: int) -> ColumnElement[int]:
    so_far = literal(today) - STAY.c.start_day
    return case((_ENDED, STAY.c.days), (so_far < 0, 0), else_=cast(so_far, Integer))


def _reason(question: Question, column: ColumnElement[str | None]) -> ColumnElement[bool]:
    rate = question.denominator
    if question.number == "discharges":
        return true()
    if question.number == "numerator":
        return column.in_(rate.counted)
    if question.number == "denominator":
        return column.not_in(rate.left_out) if rate.left_out else true()
    return column == question.number


def _date(text: str) -> date:
    day = known_day(text)
    if day is None:
        msg = "the day of a census is a date, as at=day=2026-01-31"
        raise FilterError(msg)
    return day


_COUNTS = ("discharges", *REASONS, "numerator", "denominator")
COMPLETION = DrillDown(_COUNTS, completion, instead=_NO_SHARES)
EPISODES = DrillDown(_COUNTS, episodes, instead=_NO_SHARES)
LENGTHS = DrillDown(("discharges",), lengths, ("reason",), _NO_SHARES)
RETENTION = DrillDown(
    ("stays", "ended", *_AT_RISK),
    retention,
    instead="A Kaplan–Meier share is a product over days, no count: open those at risk and those ended",
)
CURVE = DrillDown(("at_risk", "ended"), curve, ("day",), RETENTION.instead)
COMPARED = DrillDown((), retention, ("first", "second"), "Open the stays and ends of either group in the report itself")
CENSUS = DrillDown(
    ("census", "admissions", "discharges"), census, ("day",), "Places are defined or set, occupancy a share"
)
AVERAGE = DrillDown(("admissions", "discharges"), census, instead="A mean is no count: open the census of a day")
