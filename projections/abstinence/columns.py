"""The columns of abstinence, by measure and by client."""

from __future__ import annotations

from domain.phrases import Phrase
from projections.columns import (
    Column,
    estimate,
    quartile,
)

PATTERN_ID = "weekly_pattern"
_VALUES = Phrase("the measure's value over these stays (weeks, counts or shares, as the measure says)")
COLUMNS = (
    Column("measure", "text", "Id of the measure."),
    Column("stays", "count", "Stays with a weekly pattern: those of a treatment level after detox."),
    *estimate("Of yes/no measures, stays with yes; of measures with an event, stays with the event; empty for others.",
              "The stays, all of them: what is missing is read as the measure says."),
    Column("mean", "number", "Mean of the measure's value over these stays; empty for yes/no measures."),
    quartile("q1", "q1", _VALUES, "number"),
    quartile("median", "median", _VALUES, "number"),
    quartile("q3", "q3", _VALUES, "number"),
    Column("without_screens", "count", "Of the stays, those without any screen in their weeks: all of them missing."),
)  # fmt: skip
PATTERN_COLUMN = Column(
    PATTERN_ID, "text", "One sign a week of the stay, from the first: + use, - clean, * both, o missing; the opioids."
)
VALUE_COLUMN = Column("value", "value", "The measure's result for the stay: true or false, a count, a share or a week.")
EVENT_COLUMN = Column("event", "count", "1: the event came, in the week of value; 0: it did not within the weeks.")
