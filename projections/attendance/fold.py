"""The fold of attendance: what each stay received, week by week, and each kind of session offered."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import cast

from domain.entries import Entry
from domain.events import SessionAttended, SessionMissed, TreatmentPlanSet
from domain.journey import STAYS, Stay
from domain.levels import LEVELS_OF_CARE, LevelOfCare
from projections.attendance import tables
from projections.base import Cells, ReadModel, Row, Rows
from projections.chart import Chart
from projections.clinical.course import stay_of
from projections.tally import cells_of

WEEK = 7


def fold(chart: Chart) -> Rows:
    """One row a stay, and one a stay, kind and slot. A session belongs to the stay that was open (``stay_of``)."""
    if chart.closed:
        return {}
    stays = sorted(chart.journey.stays, key=lambda stay: stay.start)
    offered: dict[str, list[Entry]] = {}
    for entry in (*chart.of(SessionAttended), *chart.of(SessionMissed)):
        stay = stay_of(stays, entry)
        if stay is not None:
            offered.setdefault(stay.event_id, []).append(entry)
    service: list[Row] = []
    sessions: list[Row] = []
    for stay in stays:
        stay_entries = offered.get(stay.event_id, [])
        place = (stay.level, stay.program, stay.site, stay.start_day, stay.end_day)
        received = _received(chart, stay, stay_entries)
        service.append((chart.client_id, *(received[name] for name in tables.SUMS), *place))
        for (kind, slot), counts in sorted(_kinds(stay, stay_entries).items()):
            sessions.append((chart.client_id, kind, slot, *counts, *place))
    return {"service": service, "session_attendance": sessions}


def _received(chart: Chart, stay: Stay, offered: Sequence[Entry]) -> Counter[str]:
    """What the stay adds to each sum; weeks begin on its first day, only whole ones count.

    A stay without any session on record says nothing of service received: of it only the weeks in the level count.
    """
    bounds = LEVELS_OF_CARE[stay.level]
    if not offered:
        return _weeks_in_level(bounds, stay)
    last = chart.last_day + 1 if stay.end_day is None else stay.end_day
    weeks = max(0, last - stay.start_day) // WEEK
    minutes = [0] * weeks
    attended = [0] * weeks
    for entry in offered:
        week = (entry.day - stay.start_day) // WEEK
        if 0 <= week < weeks and isinstance(entry.event, SessionAttended):
            minutes[week] += entry.event.minutes
            attended[week] += 1
    sums = Counter({"stays": 1, "weeks": weeks, "sessions": sum(attended), "minutes": sum(minutes)})
    for hours, sessions in zip(minutes, attended, strict=True):
        _add(sums, "hours", side(hours / 60, bounds.hours_min, bounds.hours_max))
        _add(sums, "sessions", side(sessions, bounds.sessions_min, bounds.sessions_max))
    for planned, sessions in zip(_planned(chart, stay, weeks), attended, strict=True):
        if planned is not None:
            sums["planned_weeks"] += 1
            sums["planned"] += planned
            sums["received"] += sessions
    return sums + _weeks_in_level(bounds, stay)


def side(value: float, least: float | None, most: float | None) -> str:
    """Where a value lies against bounds: "below", "within", "above", or "" where there are none."""
    if least is None and most is None:
        return ""
    if least is not None and value < least:
        return "below"
    return "above" if most is not None and value > most else "within"


def _add(sums: Counter[str], name: str, where: str) -> None:
    if where:
        sums[f"{name}_{where}"] += 1


def _weeks_in_level(bounds: LevelOfCare, stay: Stay) -> Counter[str]:
    """Weeks from start to end, part weeks included, against the weeks the level is planned for."""
    if stay.end_day is None:
        return Counter()
    where = side((stay.end_day - stay.start_day) / WEEK, bounds.weeks_min, bounds.weeks_max)
    names = {"below": "weeks_short", "within": "weeks_as_planned", "above": "weeks_long"}
    return Counter({names[where]: 1} if where else {})


def _planned(chart: Chart, stay: Stay, weeks: int) -> list[int | None]:
    """Sessions planned for each week: the plan in force on its first day, else what the start said."""
    plans = [
        (entry.day, plan.planned_sessions_per_week)
        for entry, plan in chart.events(TreatmentPlanSet)
        if plan.planned_sessions_per_week is not None and entry.at >= stay.start
    ]
    by_week: list[int | None] = []
    for week in range(weeks):
        first = stay.start_day + week * WEEK
        in_force = [planned for day, planned in plans if day <= first]
        by_week.append(in_force[-1] if in_force else stay.planned_sessions)
    return by_week


def _kinds(stay: Stay, offered: Sequence[Entry]) -> dict[tuple[str, str], list[int]]:
    """Sessions by kind and slot: attended, missed, and of the missed those excused and those not shown up for."""
    by_kind: dict[tuple[str, str], list[int]] = {}
    for entry in offered:
        event = cast("SessionAttended | SessionMissed", entry.event)
        kind = kind_and_slot(stay, event)
        counts = by_kind.get(kind)
        if counts is None:
            counts = by_kind[kind] = [0] * len(tables.OUTCOMES)
        for name in outcomes_of(event):
            counts[_PLACE_OF[name]] += 1
    return by_kind


_PLACE_OF = {name: place for place, name in enumerate(tables.OUTCOMES)}


def kind_and_slot(stay: Stay, event: SessionAttended | SessionMissed) -> tuple[str, str]:
    """What kind of session it was, and its slot: the stay's own, or else the session's, attended and missed alike."""
    return event.kind, stay.slot or event.slot or ""


def outcomes_of(event: SessionAttended | SessionMissed) -> tuple[str, ...]:
    """What a session offered counts as: one or two of ``tables.OUTCOMES``."""
    if isinstance(event, SessionAttended):
        return ("attended",)
    if event.excused:
        return ("missed", "excused")
    return ("missed", "no_show") if event.cause in (None, "no_show") else ("missed",)


def cells(rows: Rows) -> Cells:
    """Each sum by its name and where."""
    return {
        "service_count": cells_of(_parts(rows.get("service", ()), 0, tables.SUMS)),
        "session_count": cells_of(_parts(rows.get("session_attendance", ()), 2, tables.OUTCOMES)),
    }


def _parts(rows: Sequence[Row], keys: int, names: Sequence[str]) -> Iterator[tuple[Row, list[tuple[Row, int]]]]:
    """Where, and (keys and name, amount), of rows that hold client, keys, amounts, where."""
    first = 1 + keys
    last = first + len(names)
    for row in rows:
        key = row[1:first]
        yield row[last:], [((*key, name), n) for name, n in zip(names, row[first:last], strict=True) if n]


MODEL = ReadModel(
    name="attendance",
    version=6,
    tables=(tables.SERVICE, tables.SESSIONS),
    counts=(tables.SERVICE_COUNT, tables.SESSIONS_COUNT),
    fold=fold,
    cells=cells,
    reads=STAYS | {SessionAttended, SessionMissed, TreatmentPlanSet},
    reads_last_day=True,
)
