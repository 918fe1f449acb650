"""The fold of quality measures: index events, and whether the outcome came within the window."""

from __future__ import annotations

from collections.abc import Iterator

from domain.events import DiagnosisRecorded
from domain.journey import Stay
from domain.vocabulary import LEVELS, TWENTY_FOUR_HOUR_LEVELS, is_step_down
from projections.base import ReadModel, Row, Rows
from projections.chart import Chart
from projections.flow.fold import entries
from projections.quality import tables
from projections.quality.definition import MEASURES
from projections.quality.index import Client, Found, by_end, by_start, whether
from projections.quality.medication import medication
from projections.quality.services import FOR_EVER, between, days_inside, spans_of_24h_care

CLEAN_DAYS = 194
ENGAGED_DAYS = 34
FURTHER_SERVICES = 2
MORE_SERVICES = 4


def fold(chart: Chart) -> Rows:
    """One row an index event and measure."""
    if chart.closed:
        return {}
    client = Client.of(chart)
    found = [*_discharges(client), *_admissions(client), *_diagnoses(client), *medication(client)]
    rows = [_row(client, one) for one in found if not _left_out(client, one)]
    return {"quality": rows}


def _left_out(client: Client, found: Found) -> bool:
    """Whether the client died within the window without the outcome, which nobody could then have."""
    rule = MEASURES[found.measure]
    return (
        found.state != "met"
        and rule.excludes_deaths
        and client.died is not None
        and client.died <= found.day + rule.days
    )


def _row(client: Client, found: Found) -> Row:
    due = found.day + MEASURES[found.measure].days if found.due is None else found.due
    seen = client.observed > found.at if found.never_observed is None else not found.never_observed
    flags = (int(not seen), int(found.open_prescription))
    return (client.chart.client_id, found.measure, found.state, *flags, *found.place, found.day, due)


def _discharges(client: Client) -> Iterator[Found]:
    for stay in client.exclusive:
        end = stay.end_day
        if end is None or stay.reason == "died":
            continue
        if stay.level == "medical_detox":
            yield from _after_detox(client, stay, end)
        if stay.level in TWENTY_FOUR_HOUR_LEVELS:
            yield from _follow_ups(client, stay, end)
        back = _readmitted(client, stay, end)
        yield by_end("readmission_30", stay, met=back <= 30)
        yield by_end("readmission_90", stay, met=back <= 90)


def _after_detox(client: Client, stay: Stay, end: int) -> Iterator[Found]:
    later = [other for other in client.treatment if other.start >= stay.start and _lasts(other, end)]
    lower = min((other.start_day for other in later if is_step_down(stay.level, other.level)), default=FOR_EVER)
    yield by_end("lower_level_14", stay, met=lower - end <= 14)
    for days in (7, 14):
        moved = any(other.start_day <= end + days for other in later if other.level != stay.level)
        seen = between(client.served.sessions, end + 1, end + days)
        treated = moved or seen or between(client.served.medication, end, end + days)
        yield by_end(f"detox_continuity_{days}", stay, met=bool(treated))


def _lasts(stay: Stay, day: int) -> bool:
    """Whether a stay is not over before a day."""
    return stay.end_day is None or stay.end_day >= day


def _follow_ups(client: Client, stay: Stay, end: int) -> Iterator[Found]:
    again = min(
        (
            other.start_day
            for other in client.treatment
            if other is not stay and other.level in TWENTY_FOUR_HOUR_LEVELS and other.start >= stay.start
        ),
        default=FOR_EVER,
    )
    services = client.served.every
    for days in (7, 30):
        if again - end > days:
            yield by_end(f"follow_up_{days}", stay, met=between(services, end + 1, end + days) > 0)


def _readmitted(client: Client, stay: Stay, end: int) -> int:
    """Days after the end until a stay at the same or a more intensive level began."""
    intensity = LEVELS.index(stay.level)
    return min(
        (
            other.start_day - end
            for other in client.exclusive
            if other.start_day > end and LEVELS.index(other.level) <= intensity
        ),
        default=FOR_EVER,
    )


def _admissions(client: Client) -> Iterator[Found]:
    inside = spans_of_24h_care(client.treatment)
    outside = [day for day in client.served.sessions if not any(start <= day < end for start, end in inside)]
    for stay, _ in entries(client.exclusive):
        first, last = stay.start_day + 1, stay.start_day + 30
        units = between(outside, first, last) + days_inside(inside, first, last)
        yield by_start("continuation_30", stay, met=units >= MORE_SERVICES)


def _diagnoses(client: Client) -> Iterator[Found]:
    services = client.served.every
    known: int | None = None
    for entry, event in client.chart.events(DiagnosisRecorded):
        if event.category != "substance_use":
            continue
        day, before = entry.day, known
        known = day
        if (before is not None and day - before <= CLEAN_DAYS) or between(services, day - CLEAN_DAYS, day - 1):
            continue
        initiated = next((served for served in services if day <= served <= day + 13), None)
        further = 0 if initiated is None else between(services, initiated + 1, initiated + ENGAGED_DAYS)
        place = ("", "", entry.meta.get("f", ""), day, day)  # never the stay: who has one has begun treatment
        yield Found("iet_initiation", whether(met=initiated is not None), place, day, entry.at)
        yield Found("iet_engagement", whether(met=further >= FURTHER_SERVICES), place, day, entry.at)


MODEL = ReadModel(
    name="quality",
    version=3,
    tables=(tables.QUALITY,),
    counts=(tables.QUALITY_COUNT,),
    fold=fold,
    cells=tables.TALLY.adds,
)
