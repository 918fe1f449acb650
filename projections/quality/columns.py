"""The columns of quality measures."""

from __future__ import annotations

from domain.phrases import Phrase
from projections.columns import (
    NOT_RECORDED,
    Column,
    estimate,
    placed,
)

_LEVEL, _PROGRAM, _, _ = placed(Phrase("the stay that the index event belongs to, if any"))
GROUP_COLUMNS = (
    *(_LEVEL, _PROGRAM),
    Column("site", "text", "Site of the stay that the index event belongs to, or that recorded the diagnosis; empty: "
           "none was recorded.", NOT_RECORDED),
    Column("month", "text", "Month (YYYY-MM) of the discharge from that stay, or of its admission where the cohort is "
           "that of admissions; of an index event without a stay, of its own day."),
)  # fmt: skip
COLUMNS = (
    Column("measure", "text", "Id of the measure."),
    *estimate("Index events that the outcome followed within the window.",
              "Index events whose window has passed, without those of whom the record cannot tell.",
              "The numerator over the denominator; empty where the denominator is 0, or where the measure needs a "
              "record of what followed and none of these events has one."),
    Column("not_yet", "count", "Index events whose window has not passed: in no share yet."),
    Column("unknown", "count", "Index events of which the record cannot tell whether the outcome came: in no share."),
    Column("never_observed", "count", "Of the denominator, those with nothing on record after the index event."),
    Column("open_prescriptions", "count", "Of the denominator, those whose result rests on a prescription without a "
           "recorded stop."),
    Column("definition", "text", "What the measure counts, out of whom, within which days."),
    Column("source", "text", "Where the definition comes from."),
)  # fmt: skip
