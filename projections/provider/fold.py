"""The fold of one of the provider's streams: which definition of a thing was in force when."""

from __future__ import annotations

import json
from itertools import zip_longest
from typing import cast

from domain.entries import Entry
from domain.events import GroupDefined, ProviderEvent, VersionsLeftOver
from projections.base import Cells, ReadModel, Row, Rows
from projections.chart import Chart
from projections.provider import tables


def fold(chart: Chart) -> Rows:
    """A row a definition, in clinical order: each holds until the next one, or until it was said to end."""
    definitions = [entry for entry in chart.entries if isinstance(entry.event, ProviderEvent)]
    if any(isinstance(entry.event, VersionsLeftOver) for entry in definitions):
        return {}  # what imports note of themselves defines nothing
    rows = [_row(entry, end.at if end else None) for entry, end in zip_longest(definitions, definitions[1:]) if entry]
    kind = cast("ProviderEvent", definitions[0].event).kind if definitions else ""
    return {
        "provider_stream": [(chart.client_id, kind)],
        "definition": [row for row in rows if row is not None],
    }


def _row(entry: Entry, until: int | None) -> Row | None:
    """The row of one definition; none of an end, or of what was replaced in the moment in which it began."""
    event = cast("ProviderEvent", entry.event)
    if event.ends or until == entry.at:
        return None
    data = event.model_dump(mode="json", by_alias=True, exclude_none=True)
    site = event.site if isinstance(event, GroupDefined) else ""
    kept = json.dumps(data, sort_keys=True, ensure_ascii=False)
    return (entry.client_id, event.kind, event.key, entry.at, until, site, kept, entry.event_id)


def cells(_: Rows) -> Cells:
    """Nothing is summed."""
    return {}


MODEL = ReadModel("provider", 1, (tables.PROVIDER_STREAM, tables.DEFINITION), (), fold, cells, provider=True)
