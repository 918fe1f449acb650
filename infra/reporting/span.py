"""The days that an answer is of, whether its question names them or leaves them open."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from domain.phrases import Phrase
from infra.reporting.kinds import ReportParams
from infra.reporting.question import FILTERS, PERIOD
from projections.census.queries import period as days_of_census
from projections.comparison import kind_of

_DATED = frozenset({"comparison", "followback", "agreement", *(name for name, of in FILTERS.items() if PERIOD in of)})


@dataclass(frozen=True, slots=True)
class Span:
    """First and last day, both included; without a first one, everything that was recorded up to the last."""

    first: date | None
    last: date

    @property
    def phrase(self) -> Phrase:
        """As a reader's language says it."""
        if self.first is None:
            return Phrase("everything up to {last}", last=self.last)
        return Phrase("{first} to {last}", first=self.first, last=self.last)

    @property
    def of_file(self) -> str:
        """As the end of a file's name."""
        return f"{f'-{self.first}' if self.first else ''}-to-{self.last}"


def span_of(report: str, params: ReportParams, today: date) -> Span | None:
    """The days of an answer; None of a report of how things stand, and of two periods, whose rows name them."""
    compares_periods = kind_of(params.compare) == "period" if params.compare else report == "comparison"
    if report not in _DATED or compares_periods:
        return None
    if report == "census":
        return Span(*days_of_census(params.filters(()), today))
    last = params.end or max(params.start or today, today)
    return Span(params.start, last)
