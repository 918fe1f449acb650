"""Tables of the current status.

The rows hold facts with their days (proleptic ordinals); days in level are computed when they are read, and a flag has
the days between which it stands, so that no row goes stale.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, Integer, SmallInteger, String, Text

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
    index=(("level", "site"), ("last_contact_at", "client_id"), ("since_day", "client_id")),
)

# What of a client's status the work list is filtered by.
FLAG_PLACES = ("state", "level", "program", "site", "clinician")

# A flag from ``from_day`` until ``until_day`` (excluded; null: until something is recorded). The lists are read by
# ``urgency`` (its place in flags.URGENCIES), then by ``since_day``, the day from which it stands; ``from_day`` is that
# too, or day 1 where a flag is up whatever the day. ``of_day`` is the day that its reason counts from. From
# ``adds_from_day`` on it alone has the client on the list (null: another does so all the time). One that is snoozed has
# two rows: ``snoozed`` until the day ``snoozed_until``, and what is left of it; one that is done has none.
FLAG = row_table(
    "client_flag",
    Column("flag", String(30), nullable=False),
    Column("urgency", SmallInteger, nullable=False),
    Column("from_day", Integer, nullable=False),
    Column("until_day", Integer),
    Column("since_day", Integer, nullable=False),
    Column("of_day", Integer, nullable=False),
    Column("detail", String(20), nullable=False),
    Column("adds_from_day", Integer),
    Column("assigned_to", String(200), nullable=False),
    Column("snoozed", Boolean, nullable=False),
    Column("snoozed_until", Integer),
    *(Column(str(STATUS.c[name].name), STATUS.c[name].type, nullable=False) for name in FLAG_PLACES),
    index=(
        ("snoozed", "urgency", "since_day"),
        ("site", "snoozed", "urgency", "since_day"),
        ("level", "snoozed", "urgency", "since_day"),
        ("clinician", "snoozed", "urgency", "since_day"),
        ("assigned_to", "snoozed", "urgency", "since_day"),
    ),
)

# Flags that begin ("in") and end ("off") by day and site; the flag ``""`` is a client with any. What stands on a day is
# a running sum (``projections.running_sums``).
FLAG_CHANGE = count_table(
    "flag_change",
    Column("span", SmallInteger),
    Column("day", Integer),
    Column("flag", String(30)),
    Column("site", String(200)),
    Column("kind", String(3)),
)

STATUS_COUNT = count_table(
    "status_count",
    Column("state", String(20)),
    Column("level", String(40)),
    Column("site", String(200)),
    Column("program", String(200)),
)
