"""What was agreed before it happened: appointments, groups, planned arrivals, hand-offs between levels.

Written once the rest of a journey stands, by chance of its own: it changes nothing of what happened.
"""

from __future__ import annotations

from collections import Counter
from itertools import pairwise
from random import Random
from typing import Any, Final

from domain.levels import Level
from domain.vocabulary import HandoffOutcome
from infra.simulator.calibration import PROGRAMMES
from infra.simulator.chart import Chart, Stay
from infra.simulator.clock import DAY, HOUR, date_text, moment_text, workday
from infra.simulator.journal import Line

BY_APPOINTMENT: Final = 0.2
MOVED: Final = 0.15
CALLED_OFF: Final = 0.15
AHEAD: Final = 0.5
LEFT_A_GROUP: Final = 0.08
LOST: Final = 0.4
GIVEN_UP: Final = 0.6
_OUTCOMES: Final[tuple[HandoffOutcome, ...]] = ("lost", "declined", "elsewhere")


def agenda(chart: Chart) -> None:
    """Appointments, groups, arrivals and hand-offs of a whole journey."""
    chart.drawn = chart.rng.random()
    rng = Random(chart.drawn)
    _appointments(chart, rng)
    for stay in chart.stays:
        if not stay.concurrent:
            _group(chart, rng, stay)
    stays = [stay for stay in chart.stays if not stay.concurrent]
    if chart.first is not None:
        level, start = chart.first
        _add(chart, "ArrivalPlanned", chart.registered + HOUR, _plan(chart, level, start))
    for before, after in pairwise(stays):
        if before.following and before.wait:
            _onward(chart, rng, before, after.start, after)
    if stays and chart.coming is not None:
        _onward(chart, rng, stays[-1], chart.coming, None)
    for stay in stays:
        if not stay.following and stay.reason == "left_against_advice" and rng.random() < LOST:
            _lost(chart, rng, stay)


def _add(chart: Chart, name: str, at: int, data: dict[str, Any]) -> None:
    if chart.died is None or at < chart.died:
        key = data.get("appointment_id", "")
        chart.journal.add(name, at, data, delay=10, named=f"{chart.journal.client} {chart.drawn} {name} {at} {key}")


def _appointments(chart: Chart, rng: Random) -> None:
    lines = [line for _, line in chart.journal.entries()]
    amended = {line["data"]["target"] for line in lines if "target" in line["data"]}
    times = Counter((line["type"], line["occurred_at"]) for line in lines)
    for at, line in chart.journal.by_time():
        is_session = line["type"] in ("SessionAttended", "SessionMissed") and line["data"]["kind"] == "individual"
        if not is_session or line["event_id"] in amended or times[line["type"], line["occurred_at"]] > 1:
            continue
        made = at - rng.randint(2, 7) * DAY - HOUR
        if rng.random() < BY_APPOINTMENT and made > chart.registered:
            _before(chart, rng, line, at, made)
    stay = chart.stays[-1] if chart.stays else None
    if stay is not None and stay.end > chart.journal.until and chart.died is None and rng.random() < AHEAD:
        made = chart.journal.until - rng.randint(2, 3) * HOUR
        starts = (made // DAY + rng.randint(0, 6)) * DAY + rng.randint(9, 16) * HOUR
        _add(chart, "AppointmentScheduled", made, _made(chart, "next", starts, stay.clinician))


def _before(chart: Chart, rng: Random, line: Line, at: int, made: int) -> None:
    """The appointment that a session was, and now and then one before it that was called off."""
    own_id = f"visit-{at}"
    is_moved = rng.random() < MOVED
    clinician = line["data"].get("clinician") or chart.stays[-1].clinician
    _add(chart, "AppointmentScheduled", made, _made(chart, own_id, at - DAY if is_moved else at, clinician))
    if is_moved:
        moved = {"appointment_id": own_id, "starts_at": moment_text(at, chart.journal.zone), "cause": "work"}
        _add(chart, "AppointmentRescheduled", made + 5 * HOUR, {**moved, "notice_hours": (at - made) // HOUR - 29})
    line["data"] = {**line["data"], "appointment_id": own_id}
    if rng.random() < CALLED_OFF:
        other = f"visit-{at}-off"
        _add(chart, "AppointmentScheduled", made, _made(chart, other, at - HOUR * 3, clinician))
        off = {"appointment_id": other, "cause": rng.choice(("illness", "clinician")), "notice_hours": 4}
        _add(chart, "AppointmentCancelled", at - HOUR * 7, off)


def _made(chart: Chart, own_id: str, starts: int, clinician: str) -> dict[str, Any]:
    moment = moment_text(starts, chart.journal.zone)
    details = {"appointment_id": own_id, "starts_at": moment, "kind": "individual", "minutes": 50}
    return {**details, "clinician": clinician, "site": chart.site.name}


def _group(chart: Chart, rng: Random, stay: Stay) -> None:
    group = {"group_id": f"{chart.site.code}-{stay.slot}-{stay.level}"}
    _add(chart, "GroupJoined", stay.start + 40, group)
    middle = workday((stay.first_day + stay.last_day) // 2) * DAY + 15 * HOUR
    if rng.random() < LEFT_A_GROUP and stay.covers(middle):
        _add(chart, "GroupLeft", middle, group)


def _onward(chart: Chart, rng: Random, before: Stay, start: int, after: Stay | None) -> None:
    """The next level is planned for a day, somebody sees to it, and it is closed when care goes on."""
    ended = before.end + 30
    plan = _plan(chart, PROGRAMMES[before.following].level, start)
    _add(chart, "ArrivalPlanned", ended, {**plan, "from": before.level})
    stay_id = chart.journal.started(before.start)
    owner = f"sim-{chart.site.code}-clinician-{rng.randint(1, 8)}"
    _add(chart, "HandoffAssigned", ended + 30, {"stay": stay_id, "owner": owner})
    first = chart.journal.started(after.start) if after is not None else ""
    if first:
        closed = {"stay": stay_id, "outcome": "kept", "first_session": first}
        _add(chart, "HandoffClosed", start + HOUR, closed)


def _plan(chart: Chart, level: Level, start: int) -> dict[str, Any]:
    return {"level": level, "on": date_text(start // DAY), "site": chart.site.name}


def _lost(chart: Chart, rng: Random, stay: Stay) -> None:
    """Somebody looks for who left, and gives up."""
    stay_id = chart.journal.started(stay.start)
    owner = f"sim-{chart.site.code}-clinician-{rng.randint(1, 8)}"
    noticed = stay.end + 4 * DAY
    _add(chart, "HandoffAssigned", noticed, {"stay": stay_id, "owner": owner})
    if rng.random() < GIVEN_UP:
        _add(chart, "HandoffClosed", noticed + 10 * DAY, {"stay": stay_id, "outcome": rng.choice(_OUTCOMES)})
