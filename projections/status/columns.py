"""The columns of the current status, by group and by client."""

from __future__ import annotations

from domain.phrases import Phrase
from projections.columns import CLIENT, NOT_RECORDED, Column, recorded_with

_OPEN = Phrase("the client's open level")
_STATE = Column(
    "state", "text", "in_treatment, alumni, discharged (no open level), not_admitted (no level yet) or died."
)
_LEVEL = Column(
    "level",
    "text",
    "The most intensive open level of care that is not concurrent, else the most intensive; empty: no level is open.",
    Phrase("No open level"),
)
_PROGRAM = Column(
    "program",
    "text",
    "Program of the client's open level; empty: none was recorded with it, or no level is open.",
    NOT_RECORDED,
)
_SITE = Column(
    "site",
    "text",
    "Site of the open level, else of the last stay, else that which registered or referred the client; empty: none "
    "was recorded.",
    NOT_RECORDED,
)
GROUP_COLUMNS = (_STATE, _LEVEL, _SITE, _PROGRAM)
COLUMNS = (Column("clients", "count", "Clients, each counted once."),)
CLIENT_PLACES = (_LEVEL, _PROGRAM, _SITE, recorded_with("clinician", Phrase("Clinician"), _OPEN))

CLIENT_COLUMNS = (
    *(CLIENT, _STATE, *CLIENT_PLACES),
    Column("living", "text", "Where the client lives during the open level: home, sober_living or facility."),
    recorded_with("slot", Phrase("Time of day (morning, afternoon, evening)"), _OPEN),
    Column("planned_sessions", "count", "Sessions planned a week, by the plan in force; empty: no plan says."),
    Column("on_leave", "text", "Kind of the leave that is open (hospital, jail, therapeutic, other); empty: none is."),
    Column("concurrent_levels", "text", "Other open levels, parted by commas."),
    Column("last_contact_at", "count", "Moment of the last contact, in microseconds since 1970-01-01 UTC."),
    Column("drug", "text", "Medication for addiction that runs, as ordered last; empty: none."),
    Column("authorized_left", "count", "Sessions authorised for the open level and not yet attended; empty: no number "
           "is known."),
    Column("missed_in_a_row", "count", "Sessions missed since the last attended, in this episode of care; excused "
           "ones do not count."),
    Column("since", "date", "Day on which the open level began."),
    Column("planned_end", "date", "Day on which the open level is to end, by the plan in force."),
    Column("review_due", "date", "Day on which the plan is to be reviewed."),
    Column("last_contact", "date", "Day of the last attended session, follow-up interview or alumni contact."),
    Column("last_screen", "date", "Day of the last valid screen."),
    Column("last_positive", "date", "Day of the last valid screen that found anything, prescribed or not."),
    Column("last_use", "date", "Last day of known use: reported, or judged a lapse or relapse; empty: none is known."),
    Column("last_assessment", "date", "Day of the last assessment."),
    Column("authorized_to", "date", "Last day for which the open level is authorised."),
    Column("consent_expires", "date", "Last day of the consent that runs out first, revoked ones left out; it can have "
           "passed."),
    Column("discharged", "date", "Day on which the last stay ended (alumni is none); empty while one is open, or "
           "without any."),
    Column("days_in_level", "days", "Days since the open level began, its first day counted as 1."),
    Column("days_since_last_use", "days", "Days from last_use to today; empty: no use is known, which is not none."),
    Column("sessions_this_week", "count", "Sessions attended since Monday."),
    Column("hours_this_week", "number", "Hours of these sessions."),
    Column("hours_outside_band", "text", "below or above: hours of the last whole week (Monday to Sunday) outside the "
           "level's bounds; empty: within, or the level has none."),
    Column("flags", "list", "What presses: for each flag its id, reason and next_step, since when it is up, who sees "
           "to it and until when it is snoozed; the definitions say when each is up."),
)  # fmt: skip
