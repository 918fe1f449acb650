"""What a column of a report is: its name, the kind of its values, and what it means, said beside the query it is of.

Everything that explains a report reads it from here: the command line, the API, the pages and the documents.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, TypedDict

from domain.phrases import Phrase
from projections.statistics import wilson

Kind = Literal["text", "count", "number", "share", "days", "date", "list", "value"]
KINDS: dict[Kind, str] = {
    "text": "text",
    "count": "whole number",
    "number": "number",
    "share": "share, 0 to 1",
    "days": "whole days",
    "date": "date, YYYY-MM-DD",
    "list": "list",
    "value": "yes or no, number or text",
}
NOT_RECORDED = Phrase("Not recorded")


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a report's rows. ``meaning`` says what is in it, by which rule, and when it is empty.

    ``empty`` is what a table shows of a text that is empty; other formats leave it empty.
    """

    name: str
    kind: Kind
    meaning: str
    empty: str = ""


Columns = tuple[Column, ...]
ReportRow = dict[str, object]
"""The values of a row by the names of its columns, which depend on what is asked: groups, days, measures."""


def names(columns: Iterable[Column]) -> tuple[str, ...]:
    """The names of columns."""
    return tuple(column.name for column in columns)


def quartile(name: str, share: Literal["q1", "median", "q3"], of: str, kind: Kind = "days") -> Column:
    """A quartile of ``of``, in words, by the rule of ``projections.statistics.quantiles``."""
    meanings = {
        "q1": Phrase("First quartile of {values}: the smallest that a quarter of them or more do not exceed, always "
                     "one that occurs (Hyndman & Fan 1996, type 1).", values=of),
        "median": Phrase("Median of {values}: the smallest that half of them or more do not exceed, always one that "
                         "occurs (Hyndman & Fan 1996, type 1).", values=of),
        "q3": Phrase("Third quartile of {values}: the smallest that three quarters of them or more do not exceed, "
                     "always one that occurs (Hyndman & Fan 1996, type 1).", values=of),
    }  # fmt: skip
    return Column(name, kind, meanings[share])


def wilson_bounds(low: str, high: str, share: str) -> Columns:
    """The bounds of the Wilson interval of the column ``share``."""
    return (
        Column(low, "share", Phrase("Lower bound of the 95 % Wilson score interval of {share}.", share=share)),
        Column(high, "share", Phrase("Upper bound of the 95 % Wilson score interval of {share}.", share=share)),
    )


def greenwood_bounds(low: str, high: str, share: str) -> Columns:
    """The bounds of a Kaplan–Meier curve's band, the column ``share`` being the curve."""
    rule = Phrase(
        "by Greenwood's variance, log-log; empty before the first event, where nobody is left or the time was not "
        "observed"
    )
    return (
        Column(low, "share", Phrase("Lower bound of the 95 % band of {share}, {rule}.", share=share, rule=rule)),
        Column(high, "share", Phrase("Upper bound of the 95 % band of {share}, {rule}.", share=share, rule=rule)),
    )


OVER = "The numerator over the denominator; empty where the denominator is 0."


def estimate(above: str, below: str, share: str = OVER) -> Columns:
    """A share with its numerator and denominator, said in words, and its Wilson interval."""
    return (
        Column("numerator", "count", above),
        Column("denominator", "count", below),
        Column("share", "share", share),
        *wilson_bounds("ci_low", "ci_high", "share"),
    )


class EstimateRow(TypedDict):
    """What a row says of the columns of ``estimate``."""

    numerator: int
    denominator: int
    share: float | None
    ci_low: float | None
    ci_high: float | None


def estimated(above: int, below: int) -> EstimateRow:
    """A share, of so many, with its Wilson interval; nothing of it where nobody is below the line."""
    share, low, high = wilson(above, below)
    return {"numerator": above, "denominator": below, "share": share, "ci_low": low, "ci_high": high}


# Groups. A text that is empty says that nothing was recorded: such a row is no group left out.
def recorded_with(name: str, what: str, of: str) -> Column:
    """A group that need not be recorded: ``what`` it is, of which stay."""
    meaning = Phrase("{what} of {stay}; empty: none was recorded with it.", what=what, stay=of)
    return Column(name, "text", meaning, NOT_RECORDED)


def housed(stay: str) -> Columns:
    """Program and site of a stay, which ``stay`` names in words."""
    return recorded_with("program", Phrase("Program"), stay), recorded_with("site", Phrase("Site"), stay)


def placed(stay: str) -> Columns:
    """Level, program and site of a stay, which ``stay`` names in words, and the month of the period."""
    return (Column("level", "text", Phrase("Level of care of {stay}.", stay=stay)), *housed(stay), MONTH)


MONTH = Column(
    "month", "text", "Month (YYYY-MM) of the discharge, or of the admission where the cohort is that of admissions."
)
THE_STAY = Phrase("the stay")
OF_STAY = placed(THE_STAY)
LEVEL, PROGRAM, SITE, _ = OF_STAY
PAYER = Column(
    "payer",
    "text",
    "Payer that last verified coverage of the level before the stay began, or else first during it; empty: none did.",
    NOT_RECORDED,
)
SLOT = recorded_with("slot", Phrase("Time of day (morning, afternoon, evening)"), THE_STAY)
CLINICIAN = recorded_with("clinician", Phrase("Clinician"), THE_STAY)
DUAL_DIAGNOSIS = Column(
    "dual_diagnosis",
    "text",
    "yes where a mental-health diagnosis stood beside one of substance use by the end of the stay, otherwise no.",
)
# Read models know a client by id; a report gives the chart number in its place, first.
CLIENT = Column("client", "text", "The client's chart number.")
