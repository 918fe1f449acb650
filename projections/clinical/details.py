"""Who the client is: the latest known value of each detail, by clinical time."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from domain.entries import Entry
from domain.events import ClientDetailsUpdated, ClientRegistered
from projections.chart import Chart

_FIELDS = tuple(dict.fromkeys((*ClientRegistered.model_fields, *ClientDetailsUpdated.model_fields)))


def details_of(entries: Iterable[Entry]) -> dict[str, Any]:
    """Each personal field of registration and updates that is known, in the order of the catalogue.

    ``entries`` count and stand in clinical order; those of other types do not matter. What an update leaves out stays
    as it was said before. Fields that are sealed for good, or were never recorded, are missing.
    """
    known: dict[str, Any] = {}
    for entry in entries:
        if isinstance(entry.event, ClientRegistered | ClientDetailsUpdated):
            known |= {name: value for name, value in entry.event if value is not None}
    return {name: known[name] for name in _FIELDS if name in known}


def details(chart: Chart) -> dict[str, Any]:
    """The same of a chart."""
    return details_of(chart.of(ClientRegistered, ClientDetailsUpdated))


def names_of(entries: Iterable[Entry]) -> list[str]:
    """Every name the client had, once each: the one that ``details_of`` gives first, then the others, latest first."""
    given = [
        entry.event.name
        for entry in entries
        if isinstance(entry.event, ClientRegistered | ClientDetailsUpdated) and entry.event.name is not None
    ]
    return list(dict.fromkeys(reversed(given)))
