"""The fold of a client's current status."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

from domain.entries import Entry
from domain.events import (
    AlumniContacted,
    AlumniEnrolled,
    ClientRegistered,
    CoverageVerified,
    DrugScreenResulted,
    FollowUpCompleted,
    FollowUpMissed,
    LapseRecorded,
    ReferralReceived,
    RelapseRecorded,
    SessionAttended,
    SessionMissed,
    UseReported,
)
from domain.invariants import overlaps
from domain.journey import Journey, Stay
from projections.base import Cells, ReadModel, Row, Rows
from projections.chart import Chart
from projections.clinical.course import MISSED_IN_A_ROW, last_stay, main_stay, missed_in_a_row
from projections.clinical.due import consent_expiry, follow_ups, planned
from projections.clinical.flag_work import flag_entries
from projections.clinical.medication import medications
from projections.clinical.screens import unexplained
from projections.status import tables
from projections.status.changes import flag_changes
from projections.status.flag_periods import Since, standings

RECENT_DAYS = 28


def fold(chart: Chart) -> Rows:
    """One row for the client; none when the chart was merged into another, or all of it was taken back."""
    if chart.closed or not chart.entries:
        return {}
    journey = chart.journey
    stay = main_stay(journey)
    plan = planned(chart, stay)
    last = last_stay(journey)
    discharged = last.end_day if last else None
    coverage = _coverage(chart, stay)
    missed = missed_in_a_row(chart.of(SessionAttended, SessionMissed), journey)
    row = (
        chart.client_id,
        state_of(journey),
        stay.level if stay else "",
        stay.program if stay else "",
        site_of_chart(chart),
        stay.clinician if stay else "",
        (stay.living if stay else None) or "",
        (stay.slot if stay else None) or "",
        stay.start_day if stay else None,
        plan.end,
        plan.sessions_per_week,
        plan.review_due,
        _leave(journey),
        _concurrent(journey, stay),
        *_contact(chart),
        *_screens(chart),
        _last_use(chart),
        journey.assessments[-1].day if journey.assessments else None,
        medications(chart).current_for_addiction(),
        coverage.until,
        coverage.left,
        len(missed),
        consent_expiry(journey),
        discharged,
        "" if discharged is None else _followed_up(chart, discharged),
        _recent_sessions(chart),
        max((later.start_day for _, later in overlaps(journey)), default=None),
    )
    return {"client_status": [row], "client_flag": _flags(row, _since(chart, coverage, missed), flag_entries(chart))}


def _since(chart: Chart, coverage: _Coverage, missed: Sequence[int]) -> Since:
    leave = chart.journey.leave
    return Since(
        missed[MISSED_IN_A_ROW - 1] if len(missed) >= MISSED_IN_A_ROW else 0,
        leave.day if leave else 0,
        coverage.used_up_day,
        _last_unexplained(chart),
    )


def _last_unexplained(chart: Chart) -> int:
    """The day of the last screen that found what nothing prescribed explains."""
    screens, prescribed = chart.of(DrugScreenResulted), medications(chart)
    return next((entry.day for entry in reversed(screens) if unexplained(entry, prescribed)), 0)


def _flags(row: Row, since: Since, about: Sequence[Entry]) -> list[Row]:
    status = dict(zip(tables.STATUS.columns.keys(), row, strict=True))
    places = [status[name] for name in tables.FLAG_PLACES]
    return [(status["client_id"], *standing, *places) for standing in standings(status, since, about)]


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
    """Clients by state, level, site and program, and the flags that begin and end by day and site."""
    counts: Counter[Row] = Counter()
    for row in rows.get("client_status", ()):
        counts[row[1], row[2], row[4], row[3]] += 1
    return {"status_count": counts, "flag_change": flag_changes(rows.get("client_flag", ()))}


def site_of_chart(chart: Chart) -> str:
    """Where a client is or was last in care; until a stay says it, the site that registered or referred them."""
    stay = main_stay(chart.journey) or (chart.journey.stays[-1] if chart.journey.stays else None)
    if stay and stay.site:
        return stay.site
    # as recorded, not as dated: who comes later takes no chart along by an older date
    opened = sorted(chart.of(ClientRegistered, ReferralReceived), key=lambda entry: entry.position)
    return next((site for entry in opened if (site := entry.site)), "")


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


class _Coverage(NamedTuple):
    """Until when the open level is authorised, how many authorised sessions are left, and since when none is."""

    until: int | None = None
    left: int | None = None
    used_up_day: int = 0


def _coverage(chart: Chart, stay: Stay | None) -> _Coverage:
    if stay is None:
        return _Coverage()
    verified = [(entry, event) for entry, event in chart.events(CoverageVerified) if event.level == stay.level]
    if not verified:
        return _Coverage()
    entry, latest = verified[-1]
    until = latest.authorized_to.toordinal() if latest.authorized_to else None
    if latest.authorized_sessions is None:
        return _Coverage(until)
    since = latest.authorized_from.toordinal() if latest.authorized_from else stay.start_day
    used = [session.day for session in chart.of(SessionAttended) if session.day >= since and session.at >= stay.start]
    number = latest.authorized_sessions
    last = used[number - 1] if 0 < number <= len(used) else 0
    return _Coverage(until, number - len(used), max(last, entry.day))


def _followed_up(chart: Chart, discharged_day: int) -> str:
    """The milestones that were completed or missed since the last discharge, as ``30,90``."""
    scheduled = follow_ups(chart.of(FollowUpCompleted, FollowUpMissed), discharged_day)
    return ",".join(str(follow_up.milestone_days) for follow_up in scheduled if follow_up.settled)


def _recent_sessions(chart: Chart) -> str:
    """Days of the sessions attended in the last four weeks before the latest one, as ``ordinal:minutes,…``."""
    sessions = chart.events(SessionAttended)
    if not sessions:
        return ""
    since = sessions[-1][0].day - RECENT_DAYS
    return ",".join(f"{entry.day}:{event.minutes}" for entry, event in sessions if entry.day > since)


MODEL = ReadModel(
    name="status",
    version=12,
    tables=(tables.STATUS, tables.FLAG),
    counts=(tables.STATUS_COUNT, tables.FLAG_CHANGE),
    fold=fold,
    cells=cells,
)
