"""What abstinence counts: stays whose weekly pattern says so."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from sqlalchemy import Connection, Select

from projections.abstinence.measures import Measure, evaluate
from projections.abstinence.pattern import has_no_screens, pattern_of
from projections.abstinence.queries import GROUPS, chosen, from_sums, patterns_in_period
from projections.abstinence.tables import PATTERN
from projections.abstinence.targets import DEFAULT_TARGETS, Targets
from projections.filters import Filters
from projections.opening.model import PLACE, Cases, Opening, Question, cases

FACTS = ("n", "end_day", "findings")
_STAY = ("start_day", "discharged_day")
_RENAMED = {"end_day": "planned_end_day", "findings": "pattern"}
WEEK_MARKS = {"clean": "-", "use": "+", "both": "*", "missing": "o"}
_VALUES = "Means and quartiles are of all of these stays"


def abstinence(connection: Connection, question: Question) -> Cases:
    """Stays with a pattern, those of them with the event (or the yes) of a measure, and those without any screen."""
    (measure,) = chosen(question.measures, question.key("measure"))
    filters = question.within(GROUPS, "measure")
    found = _patterns(connection, filters, empty=filters is not None and from_sums(filters, measure))
    found = _read_for(measure.targets, found)
    match question.number:
        case "numerator":
            return found.weighed(lambda case: int(_has(measure, case["pattern"])))
        case "without_screens":
            return found.weighed(lambda case: int(has_no_screens(case["pattern"])))
        case _:
            return found


def weeks(connection: Connection, question: Question) -> Cases:
    """Stays that had a week of treatment, and those whose screens of that week say one thing."""
    week = question.whole("week")
    mark = WEEK_MARKS.get(question.number)
    found = _patterns(connection, question.within(GROUPS, "week"), empty=False)
    return _read_for(DEFAULT_TARGETS, found).weighed(lambda case: int(_in_week(case["pattern"], week, mark)))


def _read_for(targets: Targets, found: Cases) -> Cases:
    """The cases with the pattern of these targets, which comes from what was found."""
    rows = [(*row[:-1], pattern_of(row[-1], targets)) for row in found.rows]
    return replace(found, rows=rows)


def _has(measure: Measure, pattern: str) -> bool:
    result = evaluate(measure, pattern)
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


ABSTINENCE = Opening(("stays", "numerator", "denominator", "without_screens"), abstinence, ("measure",), _VALUES)
WEEKS = Opening(("stays", *WEEK_MARKS), weeks, ("week",), _VALUES)
