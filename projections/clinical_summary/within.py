"""Entries of a period, or all of them."""

from __future__ import annotations

from collections.abc import Callable

from domain.entries import Entry

Within = Callable[[Entry], bool]


def always(_: Entry) -> bool:
    """Every entry."""
    return True
