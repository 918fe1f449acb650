"""The columns of changes of scores."""

from __future__ import annotations

from domain.phrases import Phrase
from projections.columns import (
    Column,
    estimate,
    placed,
)

GROUP_COLUMNS = placed(Phrase("the first stay of the episode"))
COLUMNS = (
    Column("instrument", "text", "Id of the scale."),
    Column("episodes", "count", "Episodes in which it was scored on two days or more."),
    Column("mean_first", "number", "Mean of their first scores, in points of the scale."),
    Column("mean_last", "number", "Mean of their last scores, in points of the scale."),
    Column("mean_change", "number", "Mean of last score minus first: below 0 where scores fell."),
    Column("sd_change", "number", "Standard deviation of these changes (n - 1); empty for a single episode."),
    Column(
        "change_low",
        "number",
        "Lower bound of the 95 % interval of mean_change (Student's t); empty where all changes are the same.",
    ),
    Column(
        "change_high",
        "number",
        "Upper bound of the 95 % interval of mean_change (Student's t); empty where all changes are the same.",
    ),
    *estimate("Episodes that improved by at least the change that matters on the scale.", "The episodes."),
    Column("worse", "count", "Episodes that got worse by at least that change."),
)
