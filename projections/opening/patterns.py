"""What abstinence counts: stays whose weekly pattern says so."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import islice
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, false, func, true

from projections.abstinence.measures import Measure, evaluate
from projections.abstinence.pattern import has_no_screens, pattern_of
from projections.abstinence.queries import GROUPS, chosen, from_sums, patterns_in_period
from projections.abstinence.tables import PATTERN
from projections.abstinence.targets import DEFAULT_TARGETS, Targets
from projections.base import Row, fetch
from projections.filters import Filters
from projections.opening.cases import Cases, Selected, Totals, cases, totals_of, walked
from projections.opening.model import Opening, Question

FACTS = ("n", "end_day")
_STAY = ("start_day", "discharged_day")
_RENAMED = {"end_day": "planned_end_day", "findings": "pattern"}
WEEK_MARKS = {"clean": "-", "use": "+", "both": "*", "missing": "o"}
_VALUES = "Means and quartiles are of all of these stays"


@dataclass(frozen=True, slots=True)
class Looked:
    """Stays of whose pattern something is so: each pattern is made of the last column of ``every`` and looked at."""

    every: Selected
    pattern: Callable[[str], str]
    counts: Callable[[str], bool]

    def totals(self) -> Totals:
        """As ``Source`` says."""
        return totals_of(self.added())

    def added(self) -> Iterable[tuple[str, int]]:
        """As ``Source`` says."""
        client, text = self.every.order[0], self.every.order[-1]
        query = self.every.query.with_only_columns(client, text)
        return ((own, 1) for own, found in fetch(self.every.connection, query) if self.counts(self.pattern(found)))

    def rows(self, first: str, most: int) -> Sequence[Row]:
        """As ``Source`` says."""
        read = ((*row[:-1], self.pattern(row[-1])) for row in walked(self.every, first, most))
        return list(islice((row for row in read if self.counts(row[-1])), most))


def abstinence(connection: Connection, question: Question) -> Cases:
    """Stays with a pattern, those of them with the event (or the yes) of a measure, and those without any screen."""
    (measure,) = chosen(question.measures, question.key("measure"))
    filters = question.within(GROUPS, "measure")
    empty = filters is not None and from_sums(filters, measure)
    counts = {"numerator": partial(_has, measure), "without_screens": has_no_screens}.get(question.number, _any)
    return _patterns(connection, filters, measure.targets, counts, true() if empty else PATTERN.c.pattern != "")


def weeks(connection: Connection, question: Question) -> Cases:
    """Stays that had a week of treatment, and those whose screens of that week say one thing."""
    week = question.whole("week")
    mark = WEEK_MARKS.get(question.number)
    symbol = func.substr(PATTERN.c.pattern, week, 1)
    which = symbol == mark if mark else symbol != ""
    return _patterns(connection, question.within(GROUPS, "week"), DEFAULT_TARGETS, _any, which if week else false())


def _has(measure: Measure, pattern: str) -> bool:
    result = evaluate(measure, pattern)
    if measure.result == "yes_no":
        return bool(result.value)
    return measure.result == "week_event" and result.event == 1


def _any(_: str) -> bool:
    return True


def _patterns(
    connection: Connection,
    filters: Filters | None,
    targets: Targets,
    counts: Callable[[str], bool],
    which: ColumnElement[bool],
) -> Cases:
    """The stays that a question keeps, with their pattern of some targets."""
    if filters is None:
        return Cases("pattern")

    def narrow(query: Select[Any]) -> Select[Any]:
        return patterns_in_period(query, filters).where(which)

    usual = targets == DEFAULT_TARGETS
    facts = (*FACTS, "pattern" if usual else "findings")
    found = cases(connection, "pattern", PATTERN, facts, narrow, days=_STAY, renamed=_RENAMED)
    assert isinstance(found.source, Selected)
    if usual and counts is _any:
        return found
    return replace(found, source=Looked(found.source, str if usual else partial(pattern_of, targets=targets), counts))


ABSTINENCE = Opening(("stays", "numerator", "denominator", "without_screens"), abstinence, ("measure",), _VALUES)
WEEKS = Opening(("stays", *WEEK_MARKS), weeks, ("week",), _VALUES)
