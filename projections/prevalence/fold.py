"""The fold of point prevalence: what follow-ups, screens and self-report say at each milestone."""

from __future__ import annotations

from collections.abc import Sequence

from domain.events import (
    AbstinenceReported,
    DrugScreenResulted,
    FollowUpCompleted,
    FollowUpMissed,
    LapseRecorded,
    RelapseRecorded,
    UseReported,
)
from domain.journey import STAYS
from projections.abstinence.targets import shows_use
from projections.base import ReadModel, Row, Rows
from projections.chart import Chart
from projections.clinical.course import last_stay
from projections.clinical.due import FollowUp, follow_ups
from projections.clinical.medication import PRESCRIBED, medications
from projections.clinical.substances import class_of
from projections.prevalence import tables

LOOK_BACK_DAYS = 30
GRACE_DAYS = 14
_USE, _CLEAN = True, False
Evidence = list[tuple[int, bool]]


def fold(chart: Chart) -> Rows:
    """One row a milestone for a client who has left treatment alive and is not back in it."""
    if chart.closed:
        return {}
    last = last_stay(chart.journey)
    if last is None or last.end_day is None or last.reason == "died":
        return {}
    evidence, without_use = _evidence(chart, last.end_day), _without_use(chart)
    place = (last.level, last.program, last.site, last.start_day, last.end_day)
    rows: list[Row] = []
    for follow_up in follow_ups(chart.of(FollowUpCompleted, FollowUpMissed), last.end_day):
        state = _state(follow_up, last.end_day, evidence, without_use)
        rows.append((chart.client_id, follow_up.milestone_days, state, *place, follow_up.due_day + GRACE_DAYS))
    return {"prevalence": rows}


def _state(
    follow_up: FollowUp, discharged_day: int, evidence: Evidence, without_use: Sequence[tuple[int, int]]
) -> tables.State:
    """Any sign of use in the 30 days before the milestone outweighs what else is known of them."""
    held = follow_up.held
    day = follow_up.settled.day if follow_up.settled and held else follow_up.due_day
    first = max(discharged_day + 1, day - LOOK_BACK_DAYS + 1)
    signs = [used for seen, used in evidence if first <= seen <= day]
    signs += [_CLEAN for begun, through in without_use if begun <= day and through >= first]
    if held is not None:
        signs.append(_CLEAN if held.abstinent_past_30_days else _USE)
    if not signs:
        return "not_reached"
    return "not_abstinent" if _USE in signs else "abstinent"


def _evidence(chart: Chart, after: int) -> Evidence:
    """(day, whether it shows use) of every screen, report of use and judgement after a day."""
    evidence: Evidence = [(day, _USE) for day in use_days(chart)]
    evidence += [(entry.day, _USE) for entry in chart.of(LapseRecorded, RelapseRecorded)]
    return [sign for sign in evidence if sign[0] > after] + screen_signs(chart, after)


def _without_use(chart: Chart) -> list[tuple[int, int]]:
    """The first and the last day of each run that the client reports as without any use: each of its days is known."""
    return [
        (event.through.toordinal() - event.days + 1, event.through.toordinal())
        for _, event in chart.events(AbstinenceReported)
        if event.days and event.substances is None
    ]


def use_days(chart: Chart) -> list[int]:
    """The days on which the client reports use of anything but nicotine."""
    reports = chart.events(UseReported)
    return [event.on.toordinal() for _, event in reports if class_of(event.substance) != "nicotine"]


def screen_signs(chart: Chart, after: int) -> Evidence:
    """(day, whether it shows alcohol or any illicit substance) of each valid screen after a day.

    What is prescribed on the day of the screen is no use.
    """
    prescribed = medications(chart)
    evidence: Evidence = []
    for entry, event in chart.events(DrugScreenResulted):
        if event.valid is not False and entry.day > after:
            classes = prescribed.classes_at(entry)
            used = shows_use(event.positive, classes, ("any_illicit", "alcohol"))
            evidence.append((entry.day, used))
    return evidence


MODEL = ReadModel(
    name="prevalence",
    version=5,
    tables=(tables.PREVALENCE,),
    counts=(tables.PREVALENCE_COUNT, tables.PREVALENCE_PENDING),
    fold=fold,
    cells=tables.TALLY.adds,
    reads=STAYS
    | PRESCRIBED
    | {
        AbstinenceReported,
        DrugScreenResulted,
        FollowUpCompleted,
        FollowUpMissed,
        LapseRecorded,
        RelapseRecorded,
        UseReported,
    },
)
