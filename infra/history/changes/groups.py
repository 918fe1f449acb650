"""Rows of a report as groups with numbers, for comparing two answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

Row = Mapping[str, Any]
Group = tuple[tuple[str, Any], ...]
Numbers = dict[str, Any]

# Text that says something about a row's numbers; numbers and yes or no that name a row.
_NO_NAMES = frozenset({"definition", "source", "warning", "test"})
_NAMES = frozenset({"day", "milestone", "week", "dual_diagnosis"})


def by_group(rows: Sequence[Row]) -> dict[Group, Numbers]:
    """The rows by what names them: their text, and the days, weeks and milestones they are about."""
    return {
        tuple((name, value) for name, value in row.items() if _is_name(name, value)): {
            name: value for name, value in row.items() if not _is_name(name, value) and name not in _NO_NAMES
        }
        for row in rows
    }


def changed(before: Mapping[Group, Numbers], after: Mapping[Group, Numbers]) -> list[Group]:
    """The groups whose numbers differ, those that come or go among them."""
    return [group for group in dict.fromkeys([*before, *after]) if before.get(group) != after.get(group)]


def _is_name(name: str, value: Any) -> bool:
    return name in _NAMES or (isinstance(value, str) and name not in _NO_NAMES)
