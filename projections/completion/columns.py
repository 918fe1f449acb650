"""The columns of completion, of stays and of episodes, and of lengths of stay."""

from __future__ import annotations

from domain.phrases import Phrase
from domain.vocabulary import REASONS
from projections.columns import (
    Column,
    housed,
    quartile,
    wilson_bounds,
)

EPISODE_COLUMNS = (
    Column("first_level", "text", "Level of care of the first stay of the episode (alumni is none)."),
    Column("last_level", "text", "Level of care of the last stay of the episode (alumni is none)."),
    *housed(Phrase("the last stay of the episode")),
)
_DISCHARGES = Column("discharges", "count", "Stays that ended; with the unit episode, episodes whose last stay ended.")
_LENGTHS = Phrase("the length of these stays in days (from start to end, the end day not counted, at least 1)")
COLUMNS = (
    _DISCHARGES,
    *(Column(reason, "count", Phrase("Of the discharges, those with the reason {reason}.", reason=reason))
      for reason in REASONS),
    Column("completion_rate", "share", "Numerator over denominator of the chosen rate; empty where the denominator "
           "is 0."),
    *wilson_bounds("ci_low", "ci_high", "completion_rate"),
    Column("numerator", "count", "Discharges that count as completed by the chosen rate."),
    Column("denominator", "count", "Discharges without those that the chosen rate leaves out."),
)  # fmt: skip
LENGTH_COLUMNS = (
    Column("reason", "text", "How the stays ended (TEDS discharge reason); all: every ended stay of the group."),
    Column("discharges", "count", "Stays that ended for that reason."),
    quartile("days_q1", "q1", _LENGTHS),
    quartile("days_median", "median", _LENGTHS),
    quartile("days_q3", "q3", _LENGTHS),
)
