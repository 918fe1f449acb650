"""Whose chart it is: the birth dates that its registration tells, by which another person is seen."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from domain.entries import Entry
from domain.events import ClientDetailsUpdated, ClientRegistered


def birth_dates(counted: Iterable[Entry]) -> frozenset[date] | None:
    """The birth dates that a chart's registration and updates tell; None where nobody is registered.

    Where the chart cannot be opened, they are none.
    """
    events = [entry.event for entry in counted if isinstance(entry.event, ClientRegistered | ClientDetailsUpdated)]
    if not any(isinstance(event, ClientRegistered) for event in events):
        return None
    return frozenset(event.birth_date for event in events if event.birth_date is not None)
