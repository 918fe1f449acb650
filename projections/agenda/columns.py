"""The columns of the agenda, of groups, of planned arrivals and of hand-offs."""

from __future__ import annotations

from projections.columns import CLIENT, NOT_RECORDED, Column

_LEVEL = "Level of care that is to begin."
AGENDA_COLUMNS = (
    CLIENT,
    Column("appointment_id", "text", "What the chart calls it."),
    Column("day", "date", "Day of its start at its site."),
    Column("starts", "text", "Moment of its start, UTC."),
    Column("minutes", "count", "How long it is to take; empty: nobody said."),
    Column("kind", "text", "Kind of session; empty: nobody said."),
    Column("clinician", "text", "With whom; empty: none was recorded.", NOT_RECORDED),
    Column(
        "site",
        "text",
        "Where: as agreed, else where it was agreed, else the client's site; empty: none was recorded.",
        NOT_RECORDED,
    ),
    Column("state", "text", "scheduled (ahead, or not settled yet), kept, missed or cancelled."),
)
GROUP_COLUMNS = (
    CLIENT,
    Column("group_id", "text", "Which group."),
    Column(
        "site",
        "text",
        "Site of the stay in which the client joined, else the client's site; empty: none was recorded.",
        NOT_RECORDED,
    ),
    Column("from", "date", "Day from which the client takes part."),
    Column("until", "date", "Day on which the client left, or the stay ended; empty: they take part."),
)
ARRIVAL_COLUMNS = (
    CLIENT,
    Column("level", "text", _LEVEL),
    Column("on", "date", "Day on which it is to begin."),
    Column("program", "text", "Program that is planned; empty: none was recorded.", NOT_RECORDED),
    Column("site", "text", "Site that is planned, else the client's site; empty: none was recorded.", NOT_RECORDED),
    Column("from", "text", "Level or facility that the client comes from; empty: nobody said."),
    Column("state", "text", "planned, arrived (the level began), replaced (by a later plan for the level) or died."),
)
HANDOFF_COLUMNS = (
    CLIENT,
    Column("stay", "text", "Id of the entry that started the stay; empty where a referral waits."),
    Column("referral", "text", "Id of the referral; empty where a stay ended."),
    Column("ended", "date", "Day on which the stay ended, or the referral came."),
    Column("level", "text", "Level of care that ended; empty: a referral waits."),
    Column("program", "text", "Program of that stay; empty: none was recorded.", NOT_RECORDED),
    Column("site", "text", "Site of that stay, else the client's site; empty: none was recorded.", NOT_RECORDED),
    Column("next_level", "text", "Level that is to follow: as the end or the referral names it, else as the latest "
           "assessment since the stay began recommends it; empty: nobody said."),
    Column("owner", "text", "Who sees to it; empty: nobody was given it."),
    Column("state", "text", "open, begun (the next level started), closed or made (a referral to others that nobody "
           "was given)."),
    Column("kind", "text", "stay (one ended), referral_in (one came) or referral_out (one was made to others)."),
    Column("outcome", "text", "What became of it: kept, declined, lost or elsewhere; empty: nobody closed it."),
    Column("due_7", "date", "Day by which somebody has to look at it."),
    Column("due_14", "date", "Day by which somebody has to look at it again."),
    Column("days", "days", "Days since the stay ended or the referral came."),
)  # fmt: skip
