"""Tables of what is agreed with clients and who waits for the next level; days are proleptic ordinals."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Integer, String

from projections.base import row_table

APPOINTMENT = row_table(
    "appointment",
    Column("appointment_id", String(200), nullable=False),
    Column("starts_at", BigInteger, nullable=False),
    Column("day", Integer, nullable=False),
    Column("minutes", Integer),
    Column("kind", String(40), nullable=False),
    Column("clinician", String(200), nullable=False),
    Column("site", String(200), nullable=False),
    Column("state", String(20), nullable=False),
    index=(("day", "site"), ("clinician", "day")),
)

GROUP_MEMBER = row_table(
    "group_member",
    Column("group_id", String(200), nullable=False),
    Column("site", String(200), nullable=False),
    Column("from_day", Integer, nullable=False),
    Column("until_day", Integer),
    index=(("group_id", "until_day"),),
)

ARRIVAL = row_table(
    "arrival",
    Column("level", String(40), nullable=False),
    Column("on_day", Integer, nullable=False),
    Column("program", String(200), nullable=False),
    Column("site", String(200), nullable=False),
    Column("from_place", String(200), nullable=False),
    Column("state", String(20), nullable=False),
    index=(("state", "on_day"),),
)

# ``stay`` is the id of the entry that started it; empty where a referral waits, whose id ``referral`` is. ``section``
# is where it stands on the board (``board.SECTIONS``), in the order of ``board_day``: since when it waits, or was over;
# ``home`` is the site of the chart, whose people see it there.
HANDOFF = row_table(
    "handoff",
    Column("stay", String(32), nullable=False),
    Column("referral", String(32), nullable=False),
    Column("ended_day", Integer, nullable=False),
    Column("level", String(40), nullable=False),
    Column("program", String(200), nullable=False),
    Column("site", String(200), nullable=False),
    Column("next_level", String(40), nullable=False),
    Column("owner", String(200), nullable=False),
    Column("state", String(20), nullable=False),
    Column("outcome", String(20), nullable=False),
    Column("due_7_day", Integer, nullable=False),
    Column("due_14_day", Integer, nullable=False),
    Column("kind", String(20), nullable=False),
    Column("home", String(200), nullable=False),
    Column("section", String(10), nullable=False),
    Column("board_day", Integer, nullable=False),
    index=(
        ("state", "ended_day"),
        ("section", "board_day"),
        ("home", "section", "board_day"),
        ("owner", "section", "board_day"),
    ),
)
