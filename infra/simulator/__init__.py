"""A deterministic simulator of whole programmes; every name it invents says that it is simulated."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from random import Random

from domain.days import Calendar
from infra.simulator.journal import Line as Line
from infra.simulator.journey import simulate_client
from infra.simulator.provider import definitions as definitions
from infra.simulator.schedule import SITES as SITES, Site as Site

_UTC = Calendar("UTC")


def simulate(
    clients: int,
    seed: int,
    *,
    until: datetime,
    calendar: Calendar = _UTC,
    months: int = 18,
    sites: Sequence[Site] = SITES,
) -> Iterator[list[Line]]:
    """Whole journeys as import lines, one client at a time: memory stays flat.

    ``until`` (aware) is the simulation's today: nothing happens or is recorded after it. First contacts are
    spread over the ``months`` before it. ``calendar`` says in which zone a site is: in another zone the same
    clocks show the same times, at other moments. A client's lines come in the order of recording. The same
    arguments give the same lines, byte for byte; client ``i`` does not depend on how many clients there are.
    """
    for index in range(clients):
        rng = Random(f"{seed}:{index}")
        site = sites[index % len(sites)]
        yield simulate_client(rng, index + 1, site, calendar.zone_of(site.name), until, months)
