"""The process that pm4py discovers in a simulated programme: ``make figures`` draws docs/images/process.svg.

A directly-follows graph of the levels of care, from the XES export alone. It is drawn here, so that no layout program
has to be installed: levels from top to bottom as in the continuum, arrows to the right go on, arrows to the left go back.
"""

from __future__ import annotations

import tempfile
import warnings
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from html import escape
from pathlib import Path
from typing import Any

from pydantic import SecretStr

from domain.levels import LEVELS, title
from infra.bootstrap import open_services
from infra.interop.exporters.process.xes import export_xes
from infra.settings import Settings
from infra.simulator.demo import fill
from tests.conftest import ROOT

IMAGE = ROOT / "docs" / "images" / "process.svg"
NOW = datetime(2026, 6, 30, 12, tzinfo=UTC)
CLIENTS, SEED = 400, 7
START, END = "Admission", "No level after it so far"
NODES = (START, *(title(level) for level in LEVELS), END)
FEWEST = 10
"""Moves made less often are left out of the picture: it shows the process, not each journey."""
Edges = dict[tuple[str, str], int]

_WIDTH, _ROW, _TOP, _BOX, _MIDDLE = 860, 92, 84, 250, 430


def discovered(xes: Path) -> Edges:
    """How often each level directly follows another, where journeys begin and where they end, as pm4py finds it."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of the library's own imports
        import pm4py as library

        mining: Any = library
        frame = mining.read_xes(str(xes))
    started = frame[frame["concept:name"].str.endswith(" started")].copy()
    started["concept:name"] = started["concept:name"].str.removesuffix(" started")
    graph, begins, ends = mining.discover_dfg(started)
    edges = Counter({(str(one), str(other)): int(n) for (one, other), n in graph.items()})
    edges.update({(START, str(name)): int(n) for name, n in begins.items()})
    edges.update({(str(name), END): int(n) for name, n in ends.items()})
    return dict(edges)


def picture(edges: Edges) -> str:
    """The graph as SVG, on light and on dark pages."""
    shown = {edge: n for edge, n in edges.items() if n >= FEWEST}
    height = _TOP + _ROW * len(NODES)
    text = f"Directly-follows graph of levels of care, found by pm4py in {CLIENTS} simulated clients"
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" role="img" font-family="sans-serif">',
        f"<title>{text}</title>",
        '<rect width="100%" height="100%" fill="#ffffff"/>',
        '<defs><marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="9" markerHeight="9" '
        'markerUnits="userSpaceOnUse" orient="auto"><path d="M0 0L8 4L0 8z" fill="#36506b"/></marker></defs>',
        f'<text x="24" y="32" font-size="17" fill="#1c2733">{escape(text)}</text>',
        f'<text x="24" y="54" font-size="13" fill="#52606d">Simulated data. A number is how often one level follows '
        f"the other; moves made fewer than {FEWEST} times are left out.</text>",
        *_edges(shown),
        *_nodes(),
        "</svg>",
    ]
    return "\n".join(lines) + "\n"


def _nodes() -> Iterator[str]:
    for place, name in enumerate(NODES):
        y = _TOP + place * _ROW
        round_end = 21 if name in {START, END} else 6
        yield (
            f'<rect x="{_MIDDLE - _BOX / 2:g}" y="{y}" width="{_BOX}" height="42" rx="{round_end}" '
            'fill="#e8f0f7" stroke="#36506b"/>'
        )
        yield (
            f'<text x="{_MIDDLE}" y="{y + 26}" font-size="14" text-anchor="middle" fill="#1c2733">{escape(name)}</text>'
        )


def _edges(edges: Edges) -> Iterator[str]:
    most = max(edges.values(), default=1)
    for (one, other), n in sorted(edges.items(), key=lambda edge: (edge[1], edge[0])):
        before, after = NODES.index(one), NODES.index(other)
        width = 1 + 7 * n / most
        path, x, y = _curve(before, after)
        yield (
            f'<path d="{path}" fill="none" stroke="#36506b" stroke-opacity="0.55" stroke-width="{width:.1f}" '
            'marker-end="url(#tip)"/>'
        )
        yield (
            f'<text x="{x:g}" y="{y:g}" font-size="12" text-anchor="middle" fill="#1c2733" stroke="#ffffff" '
            f'stroke-width="3" paint-order="stroke">{n}</text>'
        )


def _curve(before: int, after: int) -> tuple[str, float, float]:
    """The line of an arrow, and where its number stands."""
    top = _TOP + before * _ROW
    if after == before + 1:
        return f"M{_MIDDLE} {top + 42}L{_MIDDLE} {top + _ROW - 2}", _MIDDLE + 16, top + 72
    side = 1 if after > before else -1
    x = _MIDDLE + side * _BOX / 2
    start, end = top + (30 if after > before else 12), _TOP + after * _ROW + (12 if after > before else 30)
    if after == before:
        start, end = top + 10, top + 32
    bulge = x + side * (26 + 34 * max(1, abs(after - before)))
    middle = (start + end) / 2
    return (
        f"M{x:g} {start}C{bulge:g} {start} {bulge:g} {end} {x + 2 * side:g} {end}",
        x + 0.75 * (bulge - x),
        middle + 4,
    )


def main() -> None:
    """Simulate, export, discover, draw."""
    with tempfile.TemporaryDirectory() as folder:
        url = SecretStr(f"sqlite:///{Path(folder) / 'process'}.db")
        services = open_services(Settings(database_url=url, master_key=SecretStr("ab" * 32)), lambda: NOW)
        fill(services.log, CLIENTS, SEED)
        services.catch_up()
        xes = Path(folder) / "journeys.xes"
        export_xes(services.log, xes)
        services.close()
        IMAGE.write_text(picture(discovered(xes)), encoding="utf-8")


if __name__ == "__main__":
    main()
