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
        "appointment": [_appointment(chart.client_id, appointment, home) for appointment in appointments_of(chart)],
        "group_member": [_member(chart.client_id, membership, home) for membership in groups_of(chart)],
        "arrival": [
            (
                chart.client_id,
                arrival.plan.level,
                arrival.plan.on.toordinal(),
                arrival.plan.program or "",
                arrival.plan.site or home,
                arrival.plan.from_ or "",
                arrival.state,
            )
            for arrival in arrivals_of(chart)
        ],
        "handoff": [_handoff(chart.client_id, waiting, home) for waiting in handoffs_of(chart)],
    }


def _appointment(client_id: str, appointment: Appointment, home: str) -> Row:
    """One appointment, on the day that it is where it takes place."""
    site = appointment.site or home
    day = appointment.entries[0].calendar.day(appointment.starts, site)
    return (
        client_id,
        appointment.appointment_id,
        appointment.starts,
        day,
        appointment.minutes,
        appointment.kind or "",
        appointment.clinician,
        site,
        appointment.state,
    )


def _member(client_id: str, membership: Membership, home: str) -> Row:
    site = membership.stay.site if membership.stay else ""
    return (client_id, membership.group_id, site or home, membership.joined.day, membership.until_day)


def _handoff(client_id: str, waiting: Waiting, home: str) -> Row:
    stay = waiting.stay
    return (
        client_id,
        waiting.key if stay else "",
        "" if stay else waiting.key,
        waiting.since_day,
        stay.level if stay else "",
        stay.program if stay else "",
        (stay.site if stay else "") or home,
        waiting.next_level or "",
        waiting.owner,
        waiting.state,
        waiting.outcome or "",
        *(waiting.since_day + days for days in DUE_DAYS),
        waiting.kind,
        home,
        section_of(waiting),
        waiting.since_day if waiting.over_day is None else waiting.over_day,
    )


def section_of(waiting: Waiting) -> str:
    """Where a hand-off stands on the board: waiting for somebody, owned, kept, otherwise over, or a referral made."""
    match waiting.state:
        case "open":
            return "owned" if waiting.owner else "pending"
        case "begun":
            return "kept"
        case "made":
            return "made"
        case "closed":
            return "kept" if waiting.outcome == "kept" else "ended"


def cells(_: Rows) -> Cells:
    """Nothing is summed."""
    return {}


MODEL = ReadModel(
    name="agenda",
    version=4,
    tables=(tables.APPOINTMENT, tables.GROUP_MEMBER, tables.ARRIVAL, tables.HANDOFF),
    counts=(),
    fold=fold,
    cells=cells,
)
