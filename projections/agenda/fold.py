"""The fold of the agenda: what is agreed with a client, and which ended stays wait for the next level."""

from __future__ import annotations

from domain.appointments import Appointment
from domain.groups import Membership
from projections.agenda import tables
from projections.base import Cells, ReadModel, Row, Rows
from projections.chart import Chart
from projections.clinical.agenda import appointments_of, arrivals_of, groups_of
from projections.clinical.handoffs import DUE_DAYS, Waiting, handoffs_of
from projections.status.fold import site_of_chart


def fold(chart: Chart) -> Rows:
    """A client's rows; a chart that was merged into another, or erased, has none."""
    if chart.closed or chart.journey.erased:
        return {}
    home = site_of_chart(chart)
    return {
        "appointment": [_appointment(chart.client_id, one, home) for one in appointments_of(chart)],
        "group_member": [_member(chart.client_id, one, home) for one in groups_of(chart)],
        "arrival": [
            (
                chart.client_id,
                one.plan.level,
                one.plan.on.toordinal(),
                one.plan.program or "",
                one.plan.site or home,
                one.plan.from_ or "",
                one.state,
            )
            for one in arrivals_of(chart)
        ],
        "handoff": [_handoff(chart.client_id, one, home) for one in handoffs_of(chart)],
    }


def _appointment(client_id: str, one: Appointment, home: str) -> Row:
    """One appointment, on the day that it is where it takes place."""
    site = one.site or home
    day = one.entries[0].calendar.day(one.starts, site)
    made = (one.appointment_id, one.starts, day, one.minutes, one.kind or "", one.clinician)
    return (client_id, *made, site, one.state)


def _member(client_id: str, one: Membership, home: str) -> Row:
    site = one.stay.site if one.stay else ""
    return (client_id, one.group_id, site or home, one.joined.day, one.until_day)


def _handoff(client_id: str, one: Waiting, home: str) -> Row:
    stay = one.stay
    return (
        client_id,
        one.key if stay else "",
        "" if stay else one.key,
        one.since_day,
        stay.level if stay else "",
        stay.program if stay else "",
        (stay.site if stay else "") or home,
        one.next_level or "",
        one.owner,
        one.state,
        one.outcome or "",
        *(one.since_day + days for days in DUE_DAYS),
        one.kind,
        home,
        section_of(one),
        one.since_day if one.over_day is None else one.over_day,
    )


def section_of(one: Waiting) -> str:
    """Where a hand-off stands on the board: waiting for somebody, owned, kept, otherwise over, or a referral made."""
    match one.state:
        case "open":
            return "owned" if one.owner else "pending"
        case "begun":
            return "kept"
        case "made":
            return "made"
        case "closed":
            return "kept" if one.outcome == "kept" else "ended"


def cells(_: Rows) -> Cells:
    """Nothing is summed."""
    return {}


MODEL = ReadModel(
    name="agenda",
    version=3,
    tables=(tables.APPOINTMENT, tables.GROUP_MEMBER, tables.ARRIVAL, tables.HANDOFF),
    counts=(),
    fold=fold,
    cells=cells,
)
