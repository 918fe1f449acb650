"""The fold of starts: from each, the first of every event, the last contact, and what ended observation."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from domain.entries import Entry
from domain.events import (
    AbstinenceReported,
    AlumniContacted,
    AssessmentCompleted,
    ClientRegistered,
    CoverageVerified,
    DiagnosisRecorded,
    DrugScreenResulted,
    Event,
    FollowUpCompleted,
    InstrumentScored,
    LapseRecorded,
    MedicationGiven,
    MedicationStarted,
    ReferralReceived,
    RelapseRecorded,
    SessionAttended,
    UseReported,
)
from domain.journey import Stay
from domain.levels import LEVELS
from projections.base import ReadModel, Row, Rows
from projections.chart import Chart
from projections.clinical.medication import MAT_CLASSES, drug_key, medications
from projections.clinical.screens import unexpected
from projections.clinical.substances import plain_name
from projections.stays.fold import dual_diagnosis_from, payer_of, payers_of
from projections.time_to_event import tables
from projections.time_to_event.definition import Start
from projections.time_to_event.usual import cells

CONTACTS: tuple[type[Event], ...] = (
    SessionAttended,
    MedicationGiven,
    DrugScreenResulted,
    AssessmentCompleted,
    InstrumentScored,
    UseReported,
    AbstinenceReported,
    FollowUpCompleted,
    AlumniContacted,
)
"""Somebody saw or spoke to the client."""

FIRST_CONTACTS: tuple[type[Event], ...] = (ReferralReceived, ClientRegistered, CoverageVerified, *CONTACTS)


class Begun(NamedTuple):
    """A start: its moment (µs UTC), its day, where the clock starts, and the stay that it belongs to."""

    at: int
    day: int
    start: Start
    stay: Stay | None
    site: str = ""

    @property
    def this_stay(self) -> Stay | None:
        """The stay that began or ended here."""
        return self.stay if self.start in {"admission", "discharge", "randomization"} else None


class Seen(NamedTuple):
    """Something that may be an event: when (µs UTC; ``at`` -1: only its day is known), which, and of what."""

    at: int
    day: int
    event: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Course:
    """What of a chart is read for every start, prepared once; stays stand by their start."""

    chart: Chart
    stays: Sequence[Stay]
    seen: Sequence[Seen]
    contacts: Sequence[Entry]

    @classmethod
    def of(cls, chart: Chart) -> Course:
        """Prepare a chart."""
        seen = [*_use(chart), *_screens(chart), *_services(chart)]
        stays = sorted(chart.journey.stays, key=lambda stay: stay.start)
        return cls(chart, stays, seen, chart.of(*CONTACTS))


def fold(chart: Chart) -> Rows:
    """A client's starts, and the first events after each."""
    if chart.closed:
        return {}
    course = Course.of(chart)
    payers, dual_from = payers_of(chart), dual_diagnosis_from(chart)
    death = chart.journey.death
    starts: list[Row] = []
    events: list[Row] = []
    for n, begun in enumerate(sorted(_starts(course), key=lambda begun: (begun.at, begun.start)), start=1):
        stay = begun.stay
        dual = dual_from is not None and (
            dual_from <= begun.at if stay is None else stay.end is None or dual_from <= stay.end
        )
        place = (stay.level, stay.program, stay.site) if stay else ("", "", begun.site)
        contact = next((entry.day for entry in reversed(course.contacts) if entry.at >= begun.at), None)
        attributes = (payer_of(payers, stay) if stay else "", (stay.slot if stay else None) or "", dual)
        starts.append(
            (chart.client_id, n, begun.start, *place, *attributes, begun.day, contact, death.day if death else None)
        )
        events += [(chart.client_id, n, *key, day) for key, day in sorted(_firsts(course, begun).items())]
    return {"time_start": starts, "time_event": events}


def _starts(course: Course) -> Iterator[Begun]:
    chart = course.chart
    for stay in course.stays:
        yield Begun(stay.start, stay.start_day, "admission", stay)
        if stay.randomized:
            yield Begun(stay.start, stay.start_day, "randomization", stay)
        if stay.end is not None and stay.end_day is not None and stay.reason != "died":
            yield Begun(stay.end, stay.end_day, "discharge", stay)
    for entry, event in chart.events(DiagnosisRecorded):
        if event.category == "substance_use":
            yield _at(course, entry, "diagnosis")
    for prescription in medications(chart).prescriptions:
        order = next((order for order in prescription.orders if order.for_addiction), None)
        if order is not None:
            yield _at(course, order.entry, "medication_started")
    contacts = chart.of(*FIRST_CONTACTS)
    if contacts:
        yield _at(course, contacts[0], "first_contact")


def _at(course: Course, entry: Entry, start: Start) -> Begun:
    """A start in the stay that is open at its moment, of several the one begun last."""
    stay = next((stay for stay in reversed(course.stays) if stay.covers(entry.at)), None)
    return Begun(entry.at, entry.day, start, stay, entry.site)


def _use(chart: Chart) -> Iterator[Seen]:
    for _, event in chart.events(UseReported):
        yield Seen(-1, event.on.toordinal(), "reported_use", plain_name(event.substance))
    for kind in (LapseRecorded, RelapseRecorded):
        for entry, event in chart.events(kind):
            yield Seen(entry.at, entry.day, "lapse", plain_name(event.substance))


def _screens(chart: Chart) -> Iterator[Seen]:
    prescribed = medications(chart)
    for entry, event in chart.events(DrugScreenResulted):
        if event.valid is not False and event.positive:
            for name in sorted(unexpected(event.positive, prescribed.classes_at(entry))):
                yield Seen(entry.at, entry.day, "positive_screen", name)


def _services(chart: Chart) -> Iterator[Seen]:
    for entry in chart.of(SessionAttended):
        yield Seen(entry.at, entry.day, "session")
    for entry in doses(chart):
        yield Seen(entry.at, entry.day, "medication_given")


def doses(chart: Chart) -> Iterator[Entry]:
    """The doses of medication for addiction: all but those of drugs that were only ever ordered for something else."""
    classes: dict[str, set[str]] = {}
    for _, event in chart.events(MedicationStarted):
        classes.setdefault(drug_key(event.drug), set()).add(event.class_)
    for entry, event in chart.events(MedicationGiven):
        ordered = classes.get(drug_key(event.drug))
        if ordered is None or ordered & MAT_CLASSES:
            yield entry


def _firsts(course: Course, begun: Begun) -> dict[tuple[str, str], int]:
    """The day of the first of each (event, detail) from a start on; of doses also of the last."""
    days: dict[tuple[str, str], int] = {}
    first, since = begun.day, begun.at
    for at, day, event, detail in (*course.seen, *_moves(course, begun)):  # each session, for each start
        if at < since if at >= 0 else day < first:
            continue
        day = max(day, first)  # later by its moment, at a site where the day was not over yet
        key = (event, detail)
        known = days.get(key)
        if known is None or day < known:
            days[key] = day
        if event == "medication_given":
            days["last_dose", ""] = max(day, days.get(("last_dose", ""), day))
    return days


def _moves(course: Course, begun: Begun) -> Iterator[Seen]:
    """Levels begun and ended after a start, and the death."""
    this_stay = begun.this_stay
    since = [stay for stay in course.stays if stay is not this_stay and stay.start >= begun.at]
    if begun.start in {"admission", "randomization"}:  # what began in the same moment is no next level
        since = [stay for stay in since if stay.start > begun.at]
    for stay in since:
        yield Seen(stay.start, stay.start_day, "level", stay.level)
    left = _left(begun, since)
    if left is not None and left.end is not None and left.end_day is not None:
        yield Seen(left.end, left.end_day, "discharge", left.reason or "")
    yield from _ends(course.stays, begun)
    if this_stay is not None and this_stay.end_day is not None:
        back = (stay for stay in course.stays if _is_back(stay, this_stay, this_stay.end_day))
        yield from (Seen(stay.start, stay.start_day, "readmission") for stay in back)
    death = course.chart.journey.death
    if death is not None:
        yield Seen(death.at, death.day, "death")


def _left(begun: Begun, since: Sequence[Stay]) -> Stay | None:
    """The stay whose end is the discharge after a start: its own, the one it falls in, else the next."""
    if begun.stay is not None and begun.start != "discharge":
        return begun.stay
    return since[0] if since else None


def _ends(stays: Iterable[Stay], begun: Begun) -> Iterator[Seen]:
    for stay in stays:
        over = stay is begun.stay and begun.start == "discharge"
        if stay.end is not None and stay.end_day is not None and not over:
            yield Seen(stay.end, stay.end_day, "ended", stay.reason or "")


def _is_back(stay: Stay, previous: Stay, end_day: int) -> bool:
    intensive = stay.level != "alumni" and LEVELS.index(stay.level) <= LEVELS.index(previous.level)
    return intensive and not stay.concurrent and stay.start_day > end_day


MODEL = ReadModel(
    name="time_to_event",
    version=5,
    tables=(tables.START, tables.EVENT),
    counts=(tables.COUNT,),
    fold=fold,
    cells=cells,
)
