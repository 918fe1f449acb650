"""Charts of flow, attendance, outcomes and comparison; each table beside them holds the same numbers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from api.i18n.language import N_, _, translated
from api.web.dashboards.figures import ACCENT, GREY, PALETTE, Figure, Rows, framed, label
from domain.levels import LEVELS, title
from projections.timeline.words import words


def sankey(rows: Rows) -> Figure:
    """Bands from the level that ended to what followed, as wide as the stays are many."""
    moves: Counter[tuple[str, str]] = Counter()
    for row in rows:
        moves[row["from"], row["to"]] += row["numerator"] or 0
    ends = [*LEVELS, "left"]
    before = [level for level in LEVELS if any(pair[0] == level for pair, n in moves.items() if n)]
    after = [end for end in ends if any(pair[1] == end for pair, n in moves.items() if n)]
    colors = {name: PALETTE[place] for place, name in enumerate(LEVELS)} | {"left": GREY}
    pairs = [(start, end, n) for (start, end), n in moves.items() if n]
    trace = {
        "type": "sankey",
        "arrangement": "snap",
        "node": {
            "label": [*(_short(name) for name in before), *(_short(name) for name in after)],
            "color": [*(colors[name] for name in before), *(colors[name] for name in after)],
            "pad": 18,
            "thickness": 16,
            "line": {"width": 0},
            "hovertemplate": "%{label}: %{value:,}<extra></extra>",
        },
        "link": {
            "source": [before.index(start) for start, _, _ in pairs],
            "target": [len(before) + after.index(end) for _, end, _ in pairs],
            "value": [n for _, _, n in pairs],
            "color": [colors[start] + "55" for start, _, _ in pairs],
            "hovertemplate": "%{source.label} → %{target.label}: %{value:,}<extra></extra>",
        },
    }
    return framed([trace], 11, {})


def _short(name: str) -> str:
    return _("Left") if name == "left" else translated(title(name))


def bands(rows: Rows, by: Sequence[str]) -> Figure:
    """Weeks below, within and above the bounds, as shares of the weeks."""
    named = [f"{label(row, by)} · {translated(words(row['bound']) or '')}" for row in rows]
    parts = (
        (_("Below"), "below", PALETTE[3]),
        (_("Within"), "numerator", PALETTE[2]),
        (_("Above"), "above", PALETTE[4]),
    )
    traces = [
        {
            "type": "bar",
            "orientation": "h",
            "name": name,
            "y": named,
            "x": [_share(row, part) for row in rows],
            "marker": {"color": color},
            "hovertemplate": "%{y}: %{x:.1%}<extra>" + name + "</extra>",
        }
        for name, part, color in parts
    ]
    return framed(
        traces,
        len(rows) + 2,
        {
            "barmode": "stack",
            "xaxis": {"title": {"text": _("Share")}, "tickformat": ".0%", "range": [0, 1]},
            "yaxis": {"autorange": "reversed", "automargin": True},
        },
    )


def _share(row: Mapping[str, Any], part: str) -> float | None:
    return row[part] / row["denominator"] if row["denominator"] else None


def milestones(rows: Rows, by: Sequence[str]) -> Figure:
    """Abstinence by milestone: of all who left, and of those reached, with intervals."""
    traces: list[dict[str, Any]] = []
    groups = list(dict.fromkeys(label(row, by) for row in rows))
    series = (
        (_("of all who left"), "share", "ci_low", "ci_high", "circle"),
        (_("of those reached"), "share_reached", "reached_low", "reached_high", "diamond-open"),
    )
    for place, group in enumerate(groups):
        own_rows = [row for row in rows if label(row, by) == group]
        for text, share, low, high, symbol in series:
            shown = [row for row in own_rows if row[share] is not None]
            traces.append(
                {
                    "type": "scatter",
                    "mode": "lines+markers",
                    "name": f"{group}, {text}" if by else f"{text[:1].upper()}{text[1:]}",
                    "x": [str(row["milestone"]) for row in shown],
                    "y": [row[share] for row in shown],
                    "line": {"dash": "solid" if share == "share" else "dot", "color": PALETTE[place % len(PALETTE)]},
                    "marker": {"symbol": symbol, "size": 10},
                    "error_y": _error(shown, share, low, high),
                    "hovertemplate": _("%{x} days: %{y:.1%}") + f"<extra>{group}, {text}</extra>",
                }
            )
    return framed(
        traces,
        9,
        {
            "xaxis": {"title": {"text": _("Days after the last stay")}, "type": "category"},
            "yaxis": {"title": {"text": _("Abstinent in the past 30 days")}, "tickformat": ".0%", "range": [0, 1]},
        },
    )


def changes(rows: Rows, names: Sequence[str]) -> Figure:
    """Mean changes with their intervals around zero."""
    shown = [(name, row) for name, row in zip(names, rows, strict=True) if row["change_low"] is not None]
    own_rows = [row for _, row in shown]
    return _around_zero(
        [name for name, _ in shown], own_rows, ("mean_change", "change_low", "change_high"), N_("Mean change"), ""
    )


def differences(rows: Rows, names: Sequence[str]) -> Figure:
    """Differences of shares with their intervals around zero."""
    shown = [(name, row) for name, row in zip(names, rows, strict=True) if row["difference"] is not None]
    own_rows = [row for _, row in shown]
    columns = ("difference", "ci_low", "ci_high")
    return _around_zero([name for name, _ in shown], own_rows, columns, N_("Difference (first minus second)"), ".0%")


def _around_zero(names: Sequence[str], rows: Rows, columns: tuple[str, str, str], axis: str, form: str) -> Figure:
    value, low, high = columns
    trace = {
        "type": "scatter",
        "mode": "markers",
        "y": list(names),
        "x": [row[value] for row in rows],
        "marker": {"color": ACCENT, "size": 11},
        "error_x": _error(rows, value, low, high),
        "hovertemplate": "%{y}: %{x:" + (form or ".2f") + "}<extra></extra>",
    }
    return framed(
        [trace],
        len(rows),
        {
            "xaxis": {"title": {"text": _(axis)}, "tickformat": form, "zerolinewidth": 2},
            "yaxis": {"autorange": "reversed", "automargin": True},
        },
    )


def _error(rows: Rows, value: str, low: str, high: str) -> dict[str, Any]:
    return {
        "type": "data",
        "symmetric": False,
        "array": [row[high] - row[value] for row in rows],
        "arrayminus": [row[value] - row[low] for row in rows],
        "thickness": 2,
    }
