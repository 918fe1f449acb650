"""Where an entry counts that is no stay."""

from __future__ import annotations

from domain.entries import Entry
from projections.base import Row
from projections.chart import Chart
from projections.quality.index import place_of


def place_at(chart: Chart, entry: Entry) -> Row:
    """Where and when an entry counts: the stay open at its moment, of several the one begun last; else its own day."""
    inside = [stay for stay in chart.journey.stays if stay.covers(entry.at)]
    if not inside:
        return ("", "", entry.meta.get("f", ""), entry.day, entry.day)
    return place_of(max(inside, key=lambda stay: stay.start))
