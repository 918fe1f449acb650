"""The columns of point prevalence."""

from __future__ import annotations

from domain.phrases import Phrase
from projections.columns import (
    Column,
    estimate,
    placed,
    wilson_bounds,
)

GROUP_COLUMNS = placed(Phrase("the client's last stay"))
COLUMNS = (
    Column("milestone", "days", "Days after the end of the last stay: 30, 90, 180 or 365."),
    *estimate("Clients abstinent in the 30 days before it, with no sign of use.",
              "All who left and are due: who was not reached is counted as not abstinent."),
    Column("reached", "count", "Of these, clients of whom something is known in those 30 days."),
    Column("share_reached", "share", "Abstinent clients over those reached; empty where nobody was."),
    *wilson_bounds("reached_low", "reached_high", "share_reached"),
    Column("not_yet", "count", "Clients whose milestone, with 14 days of grace, has not passed: in no share yet."),
)  # fmt: skip
