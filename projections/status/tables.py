"""Tables of the current status.

The rows hold facts with their days (proleptic ordinals); whatever depends on "today" (days in level, flags) is
computed when it is read, so that a row never goes stale.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Integer, String, Text

from projections.base import count_table, row_table

STATUS = row_table(
    "client_status",
    Column("state", String(20), nullable=False),
    Column("level", String(40), nullable=False),
    Column("program", String(200), nullable=False),
    Column("site", String(200), nullable=False),
    Column("clinician", String(200), nullable=False),
    Column("living", String(20), nullable=False),
    Column("slot", String(20), nullable=False),
    Column("since_day", Integer),
    Column("planned_end", Integer),
    Column("planned_sessions", Integer),
    Column("review_due", Integer),
    Column("on_leave", String(20), nullable=False),
    Column("concurrent_levels", String(200), nullable=False),
    Column("last_contact_at", BigInteger),
    Column("last_contact_day", Integer),
    Column("last_screen_day", Integer),
    Column("last_positive_day", Integer),
    Column("last_use_day", Integer),
    Column("last_assessment_day", Integer),
    Column("drug", String(200), nullable=False),
    Column("authorized_to", Integer),
    Column("authorized_left", Integer),
    Column("missed_in_a_row", Integer, nullable=False),
    Column("consent_expires", Integer),
    Column("discharged_day", Integer),
    Column("followed_up", String(40), nullable=False),
    Column("recent_sessions", Text, nullable=False),
    Column("overlap_day", Integer),
    index=(("level", "site"),),
)

STATUS_COUNT = count_table(
    "status_count",
    Column("state", String(20)),
    Column("level", String(40)),
    Column("site", String(200)),
    Column("program", String(200)),
)
