"""Charts as Plotly figures: plain data, drawn in the browser; the table beside each holds the same numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, get_args

from api.i18n.formats import NOTHING
from api.i18n.language import _, translated
from domain.levels import LEVELS, title
from domain.vocabulary import REASONS, SessionKind, Slot
from projections.status.queries import STATES
from projections.timeline.words import words

# Names of colours in app.css, where each has a shade for light and one for dark: the browser puts them in. Whoever sees
# colours otherwise, or prints, has the dashes, the patterns and the tables.
PALETTE = tuple(f"var(--c{number})" for number in range(1, 9))
ACCENT = "var(--accent)"
GREY = "var(--c0)"
DASHES = ("solid", "dash", "dot", "longdash", "dashdot", "longdashdot")
_WORDS = {*REASONS, *STATES, *get_args(Slot), *get_args(SessionKind), "yes", "no"}
STEPS = 180
"""How many steps of a curve are drawn: one in two days of the year that is in sight."""
Figure = dict[str, Any]
Rows = Sequence[Mapping[str, Any]]


def label(row: Mapping[str, Any], by: Sequence[str]) -> str:
    """A group's name as people read it: what it lacks, and what it has said already, is no part of it."""
    parts = (group_of(name, row[name]) for name in by)
    return " · ".join(dict.fromkeys(part for part in parts if part != NOTHING)) or (NOTHING if by else _("All"))


def name_of(value: Any) -> str:
    """A value of a group as people read it."""
    text = str(value)
    if text in LEVELS:
        return translated(title(text))
    if text in _WORDS:
        return translated(words(text) or "")
    return text or _("Not recorded")


def group_of(name: str, value: Any) -> str:
    """A value of a group by its name; who is at no level lacks nothing that could have been recorded."""
    return name_of(value) if value or name != "level" else NOTHING


def bars(rows: Rows, by: Sequence[str], value: str, axis: str) -> Figure:
    """Horizontal bars of a count."""
    shown = [row for row in rows if row[value] is not None]
    names = [label(row, by) for row in shown]
    trace = {
        "type": "bar",
        "orientation": "h",
        "y": names,
        "x": [row[value] for row in shown],
        "marker": {"color": ACCENT},
        "hovertemplate": "%{y}: %{x}<extra></extra>",
    }
    return framed(
        [trace],
        len(shown),
        {
            "xaxis": {"title": {"text": translated(axis)}, "rangemode": "tozero"},
            "yaxis": {"autorange": "reversed", "automargin": True},
        },
    )


def rates(rows: Rows, by: Sequence[str], share: str, axis: str) -> Figure:
    """Points with their 95 % intervals."""
    shown = [row for row in rows if row[share] is not None]
    trace = {
        "type": "scatter",
        "mode": "markers",
        "y": [label(row, by) for row in shown],
        "x": [row[share] for row in shown],
        "marker": {"color": ACCENT, "size": 11},
        "error_x": {
            "type": "data",
            "symmetric": False,
            "array": [row["ci_high"] - row[share] for row in shown],
            "arrayminus": [row[share] - row["ci_low"] for row in shown],
            "thickness": 2,
            "color": ACCENT,
        },
        "customdata": [[row["numerator"], row["denominator"]] for row in shown],
        "hovertemplate": "%{y}: %{x:.1%} (%{customdata[0]} / %{customdata[1]})<extra></extra>",
    }
    return framed(
        [trace],
        len(shown),
        {
            "xaxis": {"title": {"text": translated(axis)}, "tickformat": ".0%", "range": [0, 1]},
            "yaxis": {"autorange": "reversed", "automargin": True},
        },
    )


def census(rows: Rows, by: Sequence[str]) -> Figure:
    """Stacked areas of the census by day."""
    groups: dict[str, list[Mapping[str, Any]]] = {}
    for row in rows:
        groups.setdefault(label(row, by), []).append(row)
    traces = [
        {
            "type": "scatter",
            "mode": "lines",
            "stackgroup": "census",
            "fillcolor": color_of(name, i) + "99",
            "name": name,
            "line": {"width": 1.5, "color": color_of(name, i)},
            "marker": {"color": color_of(name, i)},
            "x": [row["day"] for row in own_rows],
            "y": [row["census"] for row in own_rows],
            "hovertemplate": "%{x}: %{y}<extra>" + name + "</extra>",
        }
        for i, (name, own_rows) in enumerate(groups.items())
    ]
    return framed(
        traces,
        10,
        {"yaxis": {"title": {"text": _("Clients")}, "rangemode": "tozero"}, "xaxis": {"title": {"text": _("Day")}}},
    )


def curves(rows: Rows, by: Sequence[str], share: str, axis: str, x_axis: str) -> Figure:
    """Kaplan–Meier curves of a share with their bands; ``axis`` and ``x_axis`` say what the two axes are.

    Shares are rounded to what can be seen, and of a curve with more steps than can be told apart so many are drawn; its
    CSV has them all.
    """
    groups: dict[str, list[Mapping[str, Any]]] = {}
    for row in rows:
        groups.setdefault(label(row, by), []).append(row)
    traces: list[dict[str, Any]] = []
    for i, (name, steps) in enumerate(groups.items()):
        own_rows = _thinned(steps)
        banded = [row for row in own_rows if row["low"] is not None]
        days = [row["day"] for row in banded]
        traces += [
            {
                "type": "scatter",
                "mode": "lines",
                "line": {"shape": "hv", "width": 0},
                "x": days,
                "y": [round(row["high"], 4) for row in banded],
                "showlegend": False,
                "hoverinfo": "skip",
                "legendgroup": name,
            },
            {
                "type": "scatter",
                "mode": "lines",
                "line": {"shape": "hv", "width": 0},
                "x": days,
                "y": [round(row["low"], 4) for row in banded],
                "fill": "tonexty",
                "fillcolor": color_of(name, i) + "2a",
                "showlegend": False,
                "hoverinfo": "skip",
                "legendgroup": name,
            },
            {
                "type": "scatter",
                "mode": "lines",
                "line": {"shape": "hv", "width": 2.5, "color": color_of(name, i), "dash": DASHES[i % len(DASHES)]},
                "name": name,
                "legendgroup": name,
                "x": [row["day"] for row in own_rows],
                "y": [round(row[share], 4) for row in own_rows],
                "hovertemplate": _("day %{x}: %{y:.1%}") + "<extra>" + name + "</extra>",
            },
        ]
    return framed(
        traces,
        11,
        {
            "yaxis": {"title": {"text": translated(axis)}, "tickformat": ".0%", "range": [0, 1]},
            "xaxis": {"title": {"text": translated(x_axis)}, "rangemode": "tozero", "range": [0, 365]},
        },
    )


def _thinned(steps: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """At most ``STEPS`` of them and the last, evenly."""
    every = -(-len(steps) // STEPS)
    return [step for n, step in enumerate(steps) if n % every == 0 or n == len(steps) - 1]


# Of a week: its colour, and what else tells it from its neighbours.
WEEK_MARKS: dict[str, dict[str, Any]] = {
    "clean": {"color": PALETTE[4]},
    "both": {"color": PALETTE[3], "pattern": {"shape": "/", "fgcolor": "var(--surface)", "solidity": 0.25}},
    "use": {"color": PALETTE[7]},
    "missing": {"color": GREY + "33", "line": {"color": GREY, "width": 1}},
}


def weeks(rows: Rows) -> Figure:
    """What each week of treatment looks like: shares of stays clean, in use, both, missing."""
    traces = [
        {
            "type": "bar",
            "name": _(name.capitalize()),
            "x": [row["week"] for row in rows],
            "y": [row[name] / row["stays"] if row["stays"] else None for row in rows],
            "marker": mark,
            "hovertemplate": _("week %{x}: %{y:.1%}") + "<extra>" + _(name.capitalize()) + "</extra>",
        }
        for name, mark in WEEK_MARKS.items()
    ]
    return framed(
        traces,
        9,
        {
            "barmode": "stack",
            "bargap": 0.08,
            "xaxis": {"title": {"text": _("Week of treatment")}},
            "yaxis": {"title": {"text": _("Share of stays")}, "tickformat": ".0%", "range": [0, 1]},
        },
    )


def color_of(name: str, index: int) -> str:
    """A level's own colour wherever it is drawn; else the next of the palette."""
    names = [translated(title(level)) for level in LEVELS]
    return PALETTE[names.index(name) if name in names else index % len(PALETTE)]


def framed(traces: Sequence[dict[str, Any]], lines: int, layout: dict[str, Any]) -> Figure:
    """A figure of traces; ``lines`` sets the height: enough for as many rows of text. Of nothing, no figure."""
    if not any(trace.get("x") or trace.get("link", {}).get("value") for trace in traces):
        return {}
    height = max(220, 90 + 34 * lines)
    return {"data": list(traces), "layout": {**layout, "height": min(height, 1200)}}
