"""The table: one line a row, with the ratios and whether the goal is met."""

from __future__ import annotations

from collections.abc import Sequence

from tests.bench.measure import Row, ratio

HEADS = ("work", "unit", "limit", "peer", "ours", "of limit", "of peer", "goal", "met")


def rendered(rows: Sequence[Row]) -> str:
    """The rows as text, numbers to the right."""
    cells = [HEADS, *(_cells(row) for row in rows)]
    widths = [max(len(line[column]) for line in cells) for column in range(len(HEADS))]
    lines = [
        "  ".join(_placed(text, width, at) for at, (text, width) in enumerate(zip(line, widths, strict=True)))
        for line in cells
    ]
    lines.insert(1, "  ".join("-" * width for width in widths))
    return "\n".join(line.rstrip() for line in lines)


def notes(rows: Sequence[Row]) -> str:
    """What the limits and the peers are."""
    said = [
        f"{row.work}: " + "; ".join(text for text in (_said("limit", row.limit_is), _said("peer", row.peer_is)) if text)
        for row in rows
        if row.limit_is or row.peer_is
    ]
    return "\n".join(said)


def _said(name: str, text: str) -> str:
    return f"{name} = {text}" if text else ""


def _cells(row: Row) -> tuple[str, ...]:
    met = "" if row.met is None else ("yes" if row.met else "NO")
    of_limit, of_peer = ratio(row.ours, row.limit), ratio(row.ours, row.peer)
    return (
        row.work,
        row.unit,
        _number(row.limit),
        _number(row.peer),
        _number(row.ours),
        _times(of_limit),
        _times(of_peer),
        row.goal,
        met,
    )


def _number(value: float | None) -> str:
    if value is None:
        return ""
    return f"{value:,.0f}" if value >= 100 else f"{value:,.2f}"


def _times(value: float | None) -> str:
    return "" if value is None else f"{value:.2f}×"


def _placed(text: str, width: int, column: int) -> str:
    return text.rjust(width) if 2 <= column <= 6 else text.ljust(width)
