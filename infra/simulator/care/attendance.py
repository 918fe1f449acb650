"""Whether a client comes to what is offered, and how that is charted."""

from __future__ import annotations

from typing import Any, Final

from domain.vocabulary import LeaveKind, MissedCause, SessionKind
from infra.simulator.calibration import DIRT, LATE_ENTRY
from infra.simulator.chart import Chart, Stay
from infra.simulator.clock import DAY

CAUSES: Final[dict[MissedCause, float]] = {
    "no_show": 44,
    "illness": 18,
    "work": 14,
    "transport": 13,
    "other": 8,
    "vacation": 3,
}
EXCUSED: Final = frozenset({"illness", "work", "vacation", "hospital", "jail"})
LEAVE_CAUSE: Final[dict[LeaveKind, MissedCause]] = {
    "hospital": "hospital",
    "jail": "jail",
    "therapeutic": "other",
    "other": "other",
}
_NAMES: Final = tuple(CAUSES)
_WEIGHTS: Final = tuple(CAUSES.values())


def absent(chart: Chart, stay: Stay, day: int) -> MissedCause | None:
    """Why the client is not there that day, or ``None``."""
    leave = stay.away(day)
    if leave is not None:
        return LEAVE_CAUSE[leave.kind]
    if day > stay.last_contact:
        return "no_show"
    if day not in stay.missed_days:
        here = day == stay.first_day or chart.rng.random() < stay.attendance
        stay.missed_days[day] = None if here else chart.rng.choices(_NAMES, _WEIGHTS)[0]
    return stay.missed_days[day]


def offer(
    chart: Chart, stay: Stay, at: int, kind: SessionKind, minutes: int, *, recorded: int = 0, **details: Any
) -> bool:
    """Offer a session; write whether the client came. False too if the stay is not open then.

    ``recorded`` is when it is charted (local minute): by default the same day, or the next morning.
    """
    if not stay.covers(at):
        return False
    rng, journal = chart.rng, chart.journal
    day = at // DAY
    if rng.random() < LATE_ENTRY:
        recorded = journal.office_time(day + rng.randint(8, 40))
    elif not recorded:
        recorded = at + minutes + int(rng.random() * 150) if rng.random() < 0.8 else journal.office_time(day + 1)
    cause = absent(chart, stay, day)
    if cause is not None:
        excused = cause in EXCUSED or (cause == "transport" and rng.random() < 0.5)
        missed = {"kind": kind, "excused": excused, "cause": cause}
        missed |= {name: details[name] for name in ("slot",) if name in details}  # as a sheet of a group charts it
        journal.add("SessionMissed", at, missed, recorded=recorded)
        return False
    clinician = details.get("clinician") or stay.clinician
    data = {"kind": kind, "minutes": minutes, "clinician": clinician, **details}
    journal.add("SessionAttended", at, data, recorded=recorded, actor=clinician)
    if rng.random() < DIRT["charted_twice"]:
        journal.add("SessionAttended", at, data, recorded=journal.office_time(day + 2), actor=clinician)
    return True
