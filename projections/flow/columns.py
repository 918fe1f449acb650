"""The columns of moves, steps, ends and entries."""

from __future__ import annotations

from projections.columns import (
    Column,
    estimate,
)

_SHARE = (
    Column("count", "count", "Ended stays of which this holds so far, settled or not."),
    *estimate("Of these, the stays whose 30 days have passed.", "Ended stays of the level, or of the groups asked for, "
              "whose 30 days have passed."),
    Column("not_yet", "count", "Of the count, those whose 30 days have not passed: in no share yet."),
)  # fmt: skip
_SHARE_OF_ENDS = (
    Column("count", "count", "Episodes that ended with a stay of this group for this reason so far, settled or not."),
    *estimate("Of these, the episodes whose 30 days have passed.", "All episodes that ended with a stay of this group "
              "and whose 30 days have passed."),
    Column("not_yet", "count", "Of the count, those whose 30 days have not passed: in no share yet."),
)  # fmt: skip
_STEP = Column(
    "step", "text", "step_down to a less intensive level, step_up to a more intensive one, same_level, left."
)
COLUMNS = (
    Column("from", "text", "Level of the stay that ended."),
    Column(
        "to", "text", "Level of the next stay if it began within 30 days; alumni if only that did; left if nothing."
    ),
    *(_STEP, *_SHARE),
)
SHOW_COLUMNS = {
    "steps": (_STEP, *_SHARE),
    "ends": (
        Column("reason", "text", "TEDS reason of the last stay, where the episode ended with it."),
        *_SHARE_OF_ENDS,
    ),
    "entries": (
        Column("entries", "count", "Stays that began an episode."),
        Column("first_entries", "count", "Of these, the first of a client."),
        *estimate("Returns: entries of a client who was in an episode before, more than 30 days ago.", "All entries."),
    ),
}
