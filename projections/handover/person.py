"""Who the client is: the latest known value of each detail, by clinical time."""

from __future__ import annotations

from typing import Any

from domain.events import ChartsMerged, ClientDetailsUpdated, ClientRegistered
from projections.chart import Chart


def details(chart: Chart) -> dict[str, Any]:
    """Each personal field of registration and updates that is known, in the order of the catalogue."""
    found: dict[str, Any] = {}
    for entry in chart.of(ClientRegistered, ClientDetailsUpdated):
        found.update(entry.event.model_dump(by_alias=True, exclude_none=True))
    ordered = (*ClientRegistered.model_fields, *ClientDetailsUpdated.model_fields)
    return {name: found[name] for name in dict.fromkeys(ordered) if name in found}


def other_numbers(chart: Chart) -> list[str]:
    """The chart numbers of duplicates that were merged into this one."""
    return [event.other_client for _, event in chart.events(ChartsMerged) if event.other_client]
