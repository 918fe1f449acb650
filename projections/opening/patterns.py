"""What abstinence counts: stays whose weekly pattern says so."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Select

from projections.abstinence.measures import Measure, evaluate
from projections.abstinence.queries import GROUPS, chosen, from_sums, patterns_in_period
from projections.abstinence.tables import PATTERN, PATTERN_COLUMNS
from projections.abstinence.targets import DEFAULT_TARGETS
from projections.filters import Filters
from projections.opening.model import PLACE, Cases, Opening, Question, cases

FACTS = ("n", "end_day", *PATTERN_COLUMNS.values())
_STAY = ("start_day", "discharged_day")
_RENAMED = {"end_day": "planned_end_day"}
WEEK_MARKS = {"clean": "-", "use": "+", "both": "*", "missing": "o"}
_VALUES = "Means and quartiles are of all of these stays"


def abstinence(connection: Connection, question: Question) -> Cases:
    """Stays with a pattern, and those of them with the event (or the yes) of a measure."""
    (measure,) = chosen(question.measures, question.key("measure"))
    filters = question.within(GROUPS, "measure")
    found = _patterns(connection, filters, empty=filters is not None and from_sums(filters, measure))
    return found.weighed(lambda case: int(_has(measure, case))) if question.number == "numerator" else found


def weeks(connection: Connection, question: Question) -> Cases:
    """Stays that had a week of treatment, and those whose screens of that week say one thing."""
    week = question.whole("week")
    mark = WEEK_MARKS.get(question.number)
    found = _patterns(connection, question.within(GROUPS, "week"), empty=False)
    column = PATTERN_COLUMNS[DEFAULT_TARGETS]
    return found.weighed(lambda case: int(_in_week(case[column], week, mark)))


def _has(measure: Measure, case: dict[str, Any]) -> bool:
    result = evaluate(measure, case[PATTERN_COLUMNS[measure.targets]])
    if measure.result == "yes_no":
        return bool(result.value)
    return measure.result == "week_event" and result.event == 1


def _in_week(pattern: str, week: int, mark: str | None) -> bool:
    symbol = pattern[week - 1 : week] if week else ""
    return bool(symbol) and mark in (None, symbol)


def _patterns(connection: Connection, filters: Filters | None, *, empty: bool) -> Cases:
    if filters is None:
        return Cases("pattern", PLACE)

    def narrow(query: Select[Any]) -> Select[Any]:
        found = patterns_in_period(query, filters)
        return found if empty else found.where(PATTERN.c.pattern != "")

    return cases(connection, "pattern", PATTERN, FACTS, narrow, days=_STAY, renamed=_RENAMED)


ABSTINENCE = Opening(("stays", "numerator", "denominator"), abstinence, ("measure",), _VALUES)
WEEKS = Opening(("stays", *WEEK_MARKS), weeks, ("week",), _VALUES)
