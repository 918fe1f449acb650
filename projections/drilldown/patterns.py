"""Cases of abstinence: stays, by what their weekly pattern says."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import islice
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, and_, false, func, not_, true

from projections.abstinence.measures import BUILT_IN, Measure, evaluate, has_it
from projections.abstinence.pattern import has_no_screens, pattern_of
from projections.abstinence.queries import GROUPS, SCREENED, chosen, from_sums, patterns_in_period
from projections.abstinence.tables import PATTERN
from projections.abstinence.targets import DEFAULT_TARGETS, Targets
from projections.base import Row, fetch
from projections.drilldown.cases import Cases, Selected, Totals, cases, totals_of, walked
from projections.drilldown.model import DrillDown, Question
from projections.filters import Filters

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
        return (
            (client_id, 1)
            for client_id, pattern_text in fetch(self.every.connection, query)
            if self.counts(self.pattern(pattern_text))
        )

    def rows(self, first: str, most: int) -> Sequence[Row]:
        """As ``Source`` says."""
        read = ((*row[:-1], self.pattern(row[-1])) for row in walked(self.every, first, most))
        return list(islice((row for row in read if self.counts(row[-1])), most))


def abstinence(connection: Connection, question: Question) -> Cases:
    """Stays with a pattern, those of them with the event (or the yes) of a measure, and those without any screen."""
    (measure,) = chosen(question.measures, question.key("measure"))
    filters = question.within(GROUPS, "measure")
    every = true() if filters is not None and from_sums(filters, measure) else PATTERN.c.pattern != ""
    kept = _kept(measure, question.number)
    if kept is not None:
        return _patterns(connection, filters, measure.targets, and_(every, kept))
    counts = partial(_has, measure) if question.number == "numerator" else has_no_screens
    return _patterns(connection, filters, measure.targets, every, counts)


def _kept(measure: Measure, number: str) -> ColumnElement[bool] | None:
    """Whether a row says itself that it counts; None where its pattern has to be looked at."""
    match number:
        case "numerator" if measure in BUILT_IN:
            return PATTERN.c.met.bitwise_and(1 << BUILT_IN.index(measure)) != 0
        case "without_screens" if measure.targets == DEFAULT_TARGETS:
            return not_(SCREENED)
        case "numerator" | "without_screens":
            return None
        case _:
            return true()


def weeks(connection: Connection, question: Question) -> Cases:
    """Stays that had a week of treatment, and those whose screens of that week say one thing."""
    week = question.whole("week")
    mark = WEEK_MARKS.get(question.number)
    symbol = func.substr(PATTERN.c.pattern, week, 1)
    which = symbol == mark if mark else symbol != ""
    return _patterns(connection, question.within(GROUPS, "week"), DEFAULT_TARGETS, which if week else false())


def _has(measure: Measure, pattern: str) -> bool:
    return has_it(evaluate(measure, pattern))


def _patterns(
    connection: Connection,
    filters: Filters | None,
    targets: Targets,
    which: ColumnElement[bool],
    counts: Callable[[str], bool] | None = None,
) -> Cases:
    """The stays that a question keeps, with their pattern of some targets; those of whose pattern it says so."""
    if filters is None:
        return Cases("pattern")

    def narrow(query: Select[Any]) -> Select[Any]:
        return patterns_in_period(query, filters).where(which)

    usual = targets == DEFAULT_TARGETS
    facts = (*FACTS, "pattern" if usual else "findings")
    listed = cases(connection, "pattern", PATTERN, facts, narrow, days=_STAY, renamed=_RENAMED)
    if usual and counts is None:
        return listed
    assert isinstance(listed.source, Selected)
    pattern = str if usual else partial(pattern_of, targets=targets)
    return replace(listed, source=Looked(listed.source, pattern, counts or _any))


def _any(_: str) -> bool:
    return True


ABSTINENCE = DrillDown(("stays", "numerator", "denominator", "without_screens"), abstinence, ("measure",), _VALUES)
WEEKS = DrillDown(("stays", *WEEK_MARKS), weeks, ("week",), _VALUES)
