"""Under which other numbers the client is charted."""

from __future__ import annotations

from domain.events import ChartsMerged
from projections.chart import Chart


def other_numbers(chart: Chart) -> list[str]:
    """The chart numbers of duplicates that were merged into this one."""
    return [event.other_client for _, event in chart.events(ChartsMerged) if event.other_client]
