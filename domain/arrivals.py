"""Planned arrivals of a chart, and what became of each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from domain.entries import Entry
from domain.events import ArrivalPlanned
from domain.journey import Journey, Stay

State = Literal["planned", "arrived", "replaced", "died"]


@dataclass(frozen=True, slots=True)
class Arrival:
    """One plan; ``stay`` is the one that fulfilled it."""

    entry: Entry
    plan: ArrivalPlanned
    state: State
    stay: Stay | None = None


def arrivals(entries: Sequence[Entry], journey: Journey) -> list[Arrival]:
    """The plans among effective entries in clinical order.

    The first start of the level from the plan on fulfils it, unless a later plan for that level came before it.
    """
    plans = [(entry, entry.event) for entry in entries if isinstance(entry.event, ArrivalPlanned)]
    return [
        _arrival(entry, plan, next((e.at for e, p in plans[place:] if p.level == plan.level), None), journey)
        for place, (entry, plan) in enumerate(plans, start=1)
    ]


def _arrival(entry: Entry, plan: ArrivalPlanned, replaced_at: int | None, journey: Journey) -> Arrival:
    starts = [stay for stay in journey.stays if stay.level == plan.level and stay.start >= entry.at]
    stay = min(starts, key=lambda stay: stay.start, default=None)
    if stay is not None and (replaced_at is None or stay.start < replaced_at):
        return Arrival(entry, plan, "arrived", stay)
    if replaced_at is not None:
        return Arrival(entry, plan, "replaced")
    return Arrival(entry, plan, "planned" if journey.died is None else "died")
