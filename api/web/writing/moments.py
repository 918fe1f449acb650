"""Moments in a form: shown and read as the clocks of the facility have them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from api.web.writing.fields import Field
from api.web.writing.submission import moment_of
from projections.params import day_of, known_moment


def as_local(fields: Sequence[Field], data: Mapping[str, Any], zone: ZoneInfo) -> dict[str, Any]:
    """A payload with its moments as an input for date and time holds them."""
    local = dict(data)
    for name in _moments(fields, local):
        local[name] = datetime.fromisoformat(local[name]).astimezone(zone).strftime("%Y-%m-%dT%H:%M")
    return local


def with_offsets(fields: Sequence[Field], data: Mapping[str, Any], zone: ZoneInfo) -> dict[str, Any]:
    """What a form says with the UTC offset of its moments; what is none is left for the event to refuse.

    Raises:
        InvalidDataError: a moment that the change of clocks skipped.
    """
    local = dict(data)
    for name in _moments(fields, local):
        if known_moment(local[name]) is not None:
            local[name] = moment_of(local[name], zone).isoformat()
    return local


def _moments(fields: Sequence[Field], data: Mapping[str, Any]) -> list[str]:
    return [field.name for field in fields if field.kind == "moment" and data.get(field.name)]


def day_asked(text: str, today: date) -> date:
    """The day that an address names, or today.

    Raises:
        FilterError: it is no date.
    """
    return day_of(text, "day") or today
