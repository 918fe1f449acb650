"""Leaves: a few days in hospital, in jail, or at home on trial, within an open stay."""

from __future__ import annotations

from typing import Final

from domain.vocabulary import LeaveKind
from infra.simulator.chart import Absence, Chart, Stay
from infra.simulator.clock import DAY, HOUR

SHARES: Final[dict[LeaveKind, float]] = {
    "hospital": 0.025,
    "jail": 0.012,
    "therapeutic": 0.02,
    "other": 0.006,
}
SHORTEST_STAY: Final = 12


def leave(chart: Chart, stay: Stay) -> None:
    """At most one leave a stay, over before the stay ends and while the client is still in touch.

    It comes before all other care, which depends on who is there.
    """
    rng = chart.rng
    kind: LeaveKind | None = next((kind for kind, share in SHARES.items() if rng.random() < share), None)
    room = min(stay.last_day, stay.last_contact) - stay.first_day
    if kind is None or stay.level == "alumni" or room < SHORTEST_STAY:
        return
    first = stay.first_day + rng.randint(3, room - 8)
    last = first + rng.randint(1, 5)
    stay.leaves.append(Absence(first, last, kind))
    chart.journal.add("LeaveStarted", first * DAY + 6 * HOUR, {"kind": kind}, delay=90)
    chart.journal.add("LeaveEnded", last * DAY + 22 * HOUR, {"kind": kind}, delay=30)
