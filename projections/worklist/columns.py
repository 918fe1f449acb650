"""The columns of the work list, by client and by flag."""

from __future__ import annotations

from projections.columns import (
    CLIENT,
    Column,
)
from projections.status.columns import CLIENT_COLUMNS, CLIENT_PLACES

COLUMNS = CLIENT_COLUMNS
FLAG_COLUMNS = (
    *(CLIENT, *CLIENT_PLACES),
    Column("flag", "text", "Id of the flag; the definitions say when each is up."),
    Column("reason", "text", "Why it is up for this client."),
    Column("next_step", "text", "What to do next."),
    Column("since", "date", "Day from which it has been up; names this occurrence of it."),
    Column("assigned_to", "text", "Who sees to it; empty: nobody was given it."),
    Column("snoozed_until", "date", "Day on which it is back on the list; empty: it is not snoozed."),
)
