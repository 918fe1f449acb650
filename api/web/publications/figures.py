"""The chart of a published table: shares, or else its first count, over periods by group."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from api.i18n.formats import period_title
from api.web.dashboards.figures import DASHES, GREY, Figure, color_of, framed
from api.web.publications.before import Series
from api.web.publications.words import column_title, group_title
from projections.publications.tables import OTHER


def figure_of(series: Series) -> Figure:
    """Lines with their 95 % intervals; a withheld number is a gap."""
    table = series.table
    name = (*table["shares"], *table["columns"])[0]
    is_share = name in table["shares"]
    rows = [*(number_before.row for number_before in series.earlier()), *table["rows"]]
    traces = [
        _trace(table["by"], group, place, [row for row in rows if row["group"] == group], name, is_share)
        for place, group in enumerate(table["groups"])
    ]
    scale = {"tickformat": ".0%", "range": [0, 1]} if is_share else {"rangemode": "tozero"}
    titles = [period_title(period) for period in dict.fromkeys(row["period"] for row in rows)]
    return framed(
        traces,
        9,
        {
            "xaxis": {"type": "category", "categoryorder": "array", "categoryarray": titles},
            "yaxis": {"title": {"text": column_title(name)}, **scale},
        },
    )


def _trace(by: str, group: str, place: int, rows: Sequence[Any], name: str, is_share: bool) -> dict[str, Any]:  # noqa: FBT001
    title = group_title(by, group)
    color = GREY if group == OTHER else color_of(title, place)
    shown = "%{x}: %{y:.1%}" if is_share else "%{x}: %{y:,}"
    trace: dict[str, Any] = {
        "type": "scatter",
        "mode": "lines+markers",
        "connectgaps": False,
        "name": title,
        "x": [period_title(row["period"]) for row in rows],
        "y": [row[name] for row in rows],
        "line": {"color": color, "dash": DASHES[place % len(DASHES)], "width": 2},
        "marker": {"color": color, "size": 8},
        "hovertemplate": f"{shown}<extra>{title}</extra>",
    }
    if is_share:
        trace["error_y"] = {
            "type": "data",
            "symmetric": False,
            "array": [_span(row[f"{name}_high"], row[name]) for row in rows],
            "arrayminus": [_span(row[name], row[f"{name}_low"]) for row in rows],
            "thickness": 1.5,
            "color": color,
        }
    return trace


def _span(above: float | None, below: float | None) -> float | None:
    return None if above is None or below is None else above - below
