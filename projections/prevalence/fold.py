"""The fold of point prevalence: what follow-ups, screens and self-report say at each milestone."""

from __future__ import annotations

from domain.events import (
    AbstinenceReported,
    DrugScreenResulted,
    FollowUpCompleted,
    LapseRecorded,
    RelapseRecorded,
    UseReported,
)
from domain.journey import Stay
from domain.vocabulary import MILESTONES
from projections.abstinence.substances import class_of
from projections.abstinence.targets import shows_use
from projections.base import ReadModel, Row, Rows
from projections.chart import Chart
from projections.clinical.medication import medications
from projections.prevalence import tables

LOOK_BACK_DAYS = 30
GRACE_DAYS = 14
_USE, _CLEAN = True, False
Evidence = list[tuple[int, bool]]


def fold(chart: Chart) -> Rows:
    """One row a milestone for a client who has left treatment alive and is not back in it."""
    if chart.closed:
        return {}
    last = last_stay(chart)
    if last is None:
        return {}
    evidence = _evidence(chart, last.end_day or 0)
    rows: list[Row] = []
    for milestone in MILESTONES:
        state = _state(chart, last, milestone, evidence)
        place = (last.level, last.program, last.site, last.start_day, last.end_day)
        rows.append((chart.client_id, milestone, state, *place, (last.end_day or 0) + milestone + GRACE_DAYS))
    return {"prevalence": rows}


def last_stay(chart: Chart) -> Stay | None:
    """The treatment stay that ended last, if none is open and death did not end it."""
    treatment = [stay for stay in chart.journey.stays if stay.level != "alumni"]
    if not treatment or any(stay.open for stay in treatment):
        return None
    last = max(treatment, key=lambda stay: (stay.end or 0, stay.start))
    return None if last.reason == "died" else last


def _state(chart: Chart, last: Stay, milestone: int, evidence: Evidence) -> str:
    """Any sign of use in the 30 days before the milestone outweighs what else is known of them."""
    assert last.end_day is not None
    interviews = [
        (entry.day, event.abstinent_past_30_days)
        for entry, event in chart.events(FollowUpCompleted)
        if event.milestone_days == milestone and entry.at >= (last.end or 0)
    ]
    day = interviews[-1][0] if interviews else last.end_day + milestone
    first = max(last.end_day + 1, day - LOOK_BACK_DAYS + 1)
    signs = [used for seen, used in evidence if first <= seen <= day]
    if interviews:
        signs.append(_CLEAN if interviews[-1][1] else _USE)
    if not signs:
        return "not_reached"
    return "not_abstinent" if _USE in signs else "abstinent"


def _evidence(chart: Chart, after: int) -> Evidence:
    """(day, whether it shows use) of every screen, report and judgement after a day."""
    found: Evidence = [(day, _USE) for day in use_days(chart)]
    found += [(entry.day, _USE) for entry in chart.of(LapseRecorded, RelapseRecorded)]
    found += [(event.through.toordinal(), _CLEAN) for _, event in chart.events(AbstinenceReported) if event.days]
    return [sign for sign in found if sign[0] > after] + screen_signs(chart, after)


def use_days(chart: Chart) -> list[int]:
    """The days on which the client reports use of anything but nicotine."""
    reports = chart.events(UseReported)
    return [event.on.toordinal() for _, event in reports if class_of(event.substance) != "nicotine"]


def screen_signs(chart: Chart, after: int) -> Evidence:
    """(day, whether it shows alcohol or any illicit substance) of each valid screen after a day.

    What is prescribed on the day of the screen is no use.
    """
    prescribed = medications(chart)
    found: Evidence = []
    for entry, event in chart.events(DrugScreenResulted):
        if event.valid is not False and entry.day > after:
            classes = prescribed.classes_at(entry)
            used = any(shows_use(event.positive, classes, name) for name in ("any_illicit", "alcohol"))
            found.append((entry.day, used))
    return found


MODEL = ReadModel(
    name="prevalence",
    version=2,
    tables=(tables.PREVALENCE,),
    counts=(tables.PREVALENCE_COUNT,),
    fold=fold,
    cells=tables.TALLY.adds,
)
