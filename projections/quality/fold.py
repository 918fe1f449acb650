"""The fold of quality measures: index events, and whether the outcome came within the window."""

from __future__ import annotations

from collections.abc import Iterator

from domain.journey import Stay
from domain.levels import LEVELS, is_step_down
from projections.base import ReadModel, Row, Rows
from projections.chart import Chart
from projections.flow.fold import entries
from projections.quality import tables
from projections.quality.definition import MEASURES
from projections.quality.follow_up import continuity, follow_ups
from projections.quality.index import Client, IndexEvent, by_end, by_start
from projections.quality.initiation import diagnoses
from projections.quality.medication import medication
from projections.quality.services import FOR_EVER, between, days_inside, spans_of_24h_care

MORE_SERVICES = 4


def fold(chart: Chart) -> Rows:
    """One row an index event and measure."""
    if chart.closed:
        return {}
    client = Client.of(chart)
    findings = [
        *_discharges(client),
        *follow_ups(client),
        *_admissions(client),
        *diagnoses(client),
        *medication(client),
    ]
    rows = [_row(client, finding) for finding in findings if not _left_out(client, finding)]
    return {"quality": rows}


def _left_out(client: Client, finding: IndexEvent) -> bool:
    """Whether the client died within the window without the outcome, which nobody could then have."""
    excluded = MEASURES[finding.measure].excludes_deaths and finding.state != "met"
    return excluded and client.died is not None and client.died <= _due(finding)


def _due(finding: IndexEvent) -> int:
    return finding.day + MEASURES[finding.measure].days if finding.due is None else finding.due


def _row(client: Client, finding: IndexEvent) -> Row:
    seen = client.observed > finding.at if finding.never_observed is None else not finding.never_observed
    flags = (int(not seen), int(finding.open_prescription))
    return (client.chart.client_id, finding.measure, finding.state, *flags, *finding.place, finding.day, _due(finding))


def _discharges(client: Client) -> Iterator[IndexEvent]:
    for stay in client.exclusive:
        end = stay.end_day
        if end is None or stay.reason == "died":
            continue
        if stay.level == "medical_detox":
            yield from _after_detox(client, stay, end)
        back = _readmitted(client, stay, end)
        yield by_end("readmission_30", stay, met=back <= 30)
        yield by_end("readmission_90", stay, met=back <= 90)


def _after_detox(client: Client, stay: Stay, end: int) -> Iterator[IndexEvent]:
    later = [other for other in client.treatment if other.start >= stay.start and _lasts(other, end)]
    lower = min((other.start_day for other in later if is_step_down(stay.level, other.level)), default=FOR_EVER)
    yield by_end("lower_level_14", stay, met=lower - end <= 14)
    yield from continuity(client, stay, end)


def _lasts(stay: Stay, day: int) -> bool:
    """Whether a stay is not over before a day."""
    return stay.end_day is None or stay.end_day >= day


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


def _admissions(client: Client) -> Iterator[IndexEvent]:
    inside = spans_of_24h_care(client.treatment)
    for stay, _ in entries(client.exclusive):
        first, last = stay.start_day + 1, stay.start_day + 30
        units = len(between(client.served.visits, first, last)) + days_inside(inside, first, last)
        yield by_start("continuation_30", stay, met=units >= MORE_SERVICES)


MODEL = ReadModel(
    name="quality",
    version=9,
    tables=(tables.QUALITY,),
    counts=(tables.QUALITY_COUNT, tables.QUALITY_PENDING),
    fold=fold,
    cells=tables.TALLY.adds,
)
