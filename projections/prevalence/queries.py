"""Point prevalence by group: of all who left (intention to treat), and of those who were reached."""

from __future__ import annotations

from collections import Counter
from datetime import date

from sqlalchemy import Connection

from domain.vocabulary import MILESTONES
from projections.columns import ReportRow, estimated
from projections.filters import Filters
from projections.prevalence.tables import TALLY
from projections.statistics import wilson
from projections.tally import Group, in_order

DEFINITION = (
    "Abstinent in the 30 days up to 30, 90, 180 and 365 days after the last stay's end (alumni is no stay), or up to "
    "that milestone's follow-up interview where one was held, from the interview, screens, self-report and "
    "clinicians' judgement; any sign of use outweighs the rest. All who "
    "left treatment alive and are not back in it count below the line (intention to treat: who was not reached, or "
    "has died since, is not abstinent); beside it the share among those reached. A client counts at a milestone once "
    "14 days have passed since it; until then they are counted apart (not_yet)."
)
SOURCE = "30-day point prevalence; intention to treat as in clinical trials; Wilson score interval, 95 %"


def prevalence(connection: Connection, filters: Filters, today: date) -> list[ReportRow]:
    """One row a group and milestone: abstinent of all who left, and of those reached, each with its interval.

    Raises:
        FilterError: a group or filter that tallies do not have.
    """
    states: dict[tuple[Group, int], Counter[str]] = {}
    for group, (milestone, state), n in TALLY.read(connection, filters):
        states.setdefault((group, milestone), Counter())[state] += n
    for group, (milestone, state), n in TALLY.open(connection, filters, today.toordinal()):
        counts = states.setdefault((group, milestone), Counter())
        counts[state] -= n
        counts["not_yet"] += n
    return [
        {**dict(zip(filters.by, group, strict=True)), "milestone": milestone, **_row(states[group, milestone])}
        for group in in_order(filters, {group for group, _ in states})
        for milestone in MILESTONES
        if (group, milestone) in states
    ]


def _row(counts: Counter[str]) -> ReportRow:
    abstinent = counts["abstinent"]
    reached = abstinent + counts["not_abstinent"]
    left = reached + counts["not_reached"]
    among, among_low, among_high = wilson(abstinent, reached)
    return {
        **estimated(abstinent, left),
        "reached": reached,
        "share_reached": among,
        "reached_low": among_low,
        "reached_high": among_high,
        "not_yet": counts["not_yet"],
    }
