"""The fold of a client's current status."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from domain.entries import Entry
from domain.events import (
    AlumniContacted,
    AlumniEnrolled,
    ConsentGiven,
    CoverageVerified,
    DrugScreenResulted,
    FollowUpCompleted,
    FollowUpMissed,
    LapseRecorded,
    RelapseRecorded,
    SessionAttended,
    SessionMissed,
    TreatmentPlanSet,
    UseReported,
)
from domain.journey import Journey, Stay
from domain.vocabulary import LEVELS
from projections.base import Cells, ReadModel, Row, Rows
from projections.chart import Chart
from projections.clinical.medication import medications
from projections.status import tables

RECENT_DAYS = 28


def fold(chart: Chart) -> Rows:
    """One row for the client; none when the chart was merged into another, or all of it was taken back."""
    if chart.closed or not chart.entries:
        return {}
    journey = chart.journey
    stay = main_stay(journey)
    plan = _plan(chart, stay)
    coverage = _coverage(chart, stay)
    row = (
        chart.client_id,
        state_of(journey),
        stay.level if stay else "",
        stay.program if stay else "",
        stay.site if stay else _last_site(journey),
        stay.clinician if stay else "",
        (stay.living if stay else None) or "",
        (stay.slot if stay else None) or "",
        stay.start_day if stay else None,
        plan[0],
        plan[1],
        plan[2],
        _leave(journey),
        _concurrent(journey, stay),
        *_contact(chart),
        *_screens(chart),
        _last_use(chart),
        journey.assessments[-1].day if journey.assessments else None,
        medications(chart).current_for_addiction(),
        *coverage,
        _missed_in_a_row(chart),
        _consent_expiry(journey),
        _discharged_day(journey),
        _followed_up(chart, journey),
        _recent_sessions(chart),
    )
    return {"client_status": [row]}


def main_stay(journey: Journey) -> Stay | None:
    """The open stay that says where the client is: the most intensive exclusive one, else any open one."""
    open_stays = journey.open_stays()
    ranked = sorted(open_stays, key=lambda stay: (stay.concurrent, LEVELS.index(stay.level), -stay.start))
    return ranked[0] if ranked else None


def state_of(journey: Journey) -> str:
    """One word: died, in_treatment, alumni, discharged or not_admitted."""
    if journey.died is not None:
        return "died"
    levels = {stay.level for stay in journey.stays if stay.open}
    if levels - {"alumni"}:
        return "in_treatment"
    if levels:
        return "alumni"
    return "discharged" if journey.stays else "not_admitted"


def cells(rows: Rows) -> Cells:
    """Clients by state, level, site and program."""
    found: Counter[Row] = Counter()
    for row in rows.get("client_status", ()):
        found[row[1], row[2], row[4], row[3]] += 1
    return {"status_count": found}


def _last_site(journey: Journey) -> str:
    return journey.stays[-1].site if journey.stays else ""


def _plan(chart: Chart, stay: Stay | None) -> tuple[int | None, int | None, int | None]:
    """Planned end, planned sessions a week, review due: the latest plan of the open stay over its start."""
    if stay is None:
        return None, None, None
    end, sessions, review = stay.planned_end, stay.planned_sessions, None
    for entry, plan in chart.events(TreatmentPlanSet):
        if entry.at < stay.start:
            continue
        end = plan.planned_end_on.toordinal() if plan.planned_end_on else end
        sessions = plan.planned_sessions_per_week if plan.planned_sessions_per_week is not None else sessions
        review = plan.review_due_on.toordinal() if plan.review_due_on else review
    return end, sessions, review


def _leave(journey: Journey) -> str:
    return getattr(journey.leave.event, "kind", "") if journey.leave and journey.open_stays() else ""


def _concurrent(journey: Journey, main: Stay | None) -> str:
    return ",".join(stay.level for stay in journey.open_stays() if stay is not main)[:200]


def _contact(chart: Chart) -> tuple[int | None, int | None]:
    contacts = chart.of(SessionAttended, FollowUpCompleted, AlumniContacted, AlumniEnrolled)
    return (contacts[-1].at, contacts[-1].day) if contacts else (None, None)


def _screens(chart: Chart) -> tuple[int | None, int | None]:
    """The day of the last screen, and of the last one that found anything."""
    screens = [(entry, event) for entry, event in chart.events(DrugScreenResulted) if event.valid is not False]
    positive = [entry.day for entry, event in screens if event.positive]
    return (screens[-1][0].day if screens else None), (positive[-1] if positive else None)


def _last_use(chart: Chart) -> int | None:
    """The last day of known use: reported by the client, or judged a lapse or relapse by a clinician."""
    days = [event.on.toordinal() for _, event in chart.events(UseReported)]
    days += [entry.day for entry in chart.of(LapseRecorded, RelapseRecorded)]
    return max(days, default=None)


def _coverage(chart: Chart, stay: Stay | None) -> tuple[int | None, int | None]:
    """Until when the open level is authorised, and how many authorised sessions are left."""
    if stay is None:
        return None, None
    verified = [(entry, event) for entry, event in chart.events(CoverageVerified) if event.level == stay.level]
    if not verified:
        return None, None
    _, latest = verified[-1]
    until = latest.authorized_to.toordinal() if latest.authorized_to else None
    if latest.authorized_sessions is None:
        return until, None
    since = latest.authorized_from.toordinal() if latest.authorized_from else stay.start_day
    used = sum(1 for entry in chart.of(SessionAttended) if entry.day >= since and entry.at >= stay.start)
    return until, latest.authorized_sessions - used


def _missed_in_a_row(chart: Chart) -> int:
    """How many sessions were missed since the last one attended (excused ones do not count)."""
    missed = 0
    for entry in reversed(chart.of(SessionAttended, SessionMissed)):
        if isinstance(entry.event, SessionAttended):
            break
        missed += not (isinstance(entry.event, SessionMissed) and entry.event.excused)
    return missed


def _consent_expiry(journey: Journey) -> int | None:
    """The first day on which a consent in force expires."""
    consents: Sequence[ConsentGiven] = list(journey.consents.values())
    return min((consent.expires_on.toordinal() for consent in consents if consent.expires_on), default=None)


def _discharged_day(journey: Journey) -> int | None:
    """The day the last treatment stay ended, when none is open."""
    treatment = [stay for stay in journey.stays if stay.level != "alumni"]
    if not treatment or any(stay.open for stay in treatment):
        return None
    return max(stay.end_day or 0 for stay in treatment)


def _followed_up(chart: Chart, journey: Journey) -> str:
    """The milestones that were completed or missed since the last discharge, as ``30,90``."""
    discharged = _discharged_day(journey)
    if discharged is None:
        return ""
    done = {_milestone(entry) for entry in chart.of(FollowUpCompleted, FollowUpMissed) if entry.day >= discharged}
    return ",".join(str(milestone) for milestone in sorted(done))


def _milestone(entry: Entry) -> int:
    assert isinstance(entry.event, FollowUpCompleted | FollowUpMissed)
    return entry.event.milestone_days


def _recent_sessions(chart: Chart) -> str:
    """Days of the sessions attended in the last four weeks before the latest one, as ``ordinal:minutes,…``."""
    sessions = chart.events(SessionAttended)
    if not sessions:
        return ""
    since = sessions[-1][0].day - RECENT_DAYS
    return ",".join(f"{entry.day}:{event.minutes}" for entry, event in sessions if entry.day > since)


MODEL = ReadModel(
    name="status",
    version=4,
    tables=(tables.STATUS,),
    counts=(tables.STATUS_COUNT,),
    fold=fold,
    cells=cells,
)
