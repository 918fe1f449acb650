"""Differences in words: how many more or fewer, per cent, points of a share, who is ahead."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from api.i18n.formats import MINUS, number, percent
from api.i18n.language import _


def change(then: Any, now: Any, kind: str) -> str:
    """What became of a number: "3 more (+12.5 %)"; of a share in points. Empty for what is no number.

    ``kind`` is that of the column. A per cent is of the number before, and left out where that was 0.
    """
    if kind == "count":
        then, now = then or 0, now or 0  # a row that is not there counts nobody
    if not _is_number(then) or not _is_number(now):
        return ""
    moved = now - then
    if kind == "share":
        return points(moved)
    text = _("{count} more") if moved > 0 else _("{count} fewer") if moved < 0 else _("the same")
    phrase = text.format(count=number(_plain(abs(moved))))
    return f"{phrase} ({signed(moved / then)})" if then and moved else phrase


def points(moved: float) -> str:
    """The difference of two shares: "12.5 points higher"."""
    if not moved:
        return _("the same")
    if not round(moved, 3):
        return _("less than 0.1 points higher") if moved > 0 else _("less than 0.1 points lower")
    text = _("{points} points higher") if moved > 0 else _("{points} points lower")
    return text.format(points=number(round(abs(moved) * 100, 1)))


def signed(share: float) -> str:
    """A share as a percentage with its sign."""
    return f"{'+' if share > 0 else MINUS if share < 0 else ''}{percent(abs(share))}"


def compared(row: Mapping[str, Any]) -> str:
    """A row of the comparison in a sentence: who is ahead, by how much, and whether chance alone may be behind it."""
    difference, low, high = row["difference"], row["ci_low"], row["ci_high"]
    if difference is None or low is None or high is None:
        return ""
    first, second = row["first_title"], row["second_title"]
    if low <= 0 <= high:
        text = _("{first} is {points} than {second}; chance alone may explain it.")
    else:
        text = _("{first} is {points} than {second}; more than chance.")
    if not round(difference, 3):
        return _("No difference.")
    ratio = f" ({signed(difference / row['second_share'])})" if row["second_share"] else ""
    return text.format(first=first, second=second, points=points(difference) + ratio)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _plain(value: float) -> float | int:
    return round(value, 2) if isinstance(value, float) else value
