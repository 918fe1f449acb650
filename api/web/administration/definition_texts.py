"""Definitions in words: the cells of a table, and the fields of a form."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from api.i18n.formats import day, weekday
from api.i18n.language import translated
from api.web.administration.kinds import Field
from domain.events.provider import WEEKDAYS


def cell(field: Field, data: Mapping[str, Any]) -> str:
    """A field of a definition as people read it; empty where it says nothing."""
    value = data.get(field.name)
    if value is None:
        return ""
    match field.widget:
        case "choice":
            return translated(dict(field.choices).get(str(value), str(value)))
        case "days":
            return ", ".join(weekday(WEEKDAYS.index(day)) for day in value)
        case "ticks":
            return "; ".join(translated(words) for name, words in field.choices if name in value)
        case "places":
            return "; ".join(f"{translated(name)}: {value[level]}" for level, name in field.choices if level in value)
        case "date":
            return day(value)
        case "lines":
            return ", ".join(value)
        case _:
            return str(value)


def typed(field: Field, data: Mapping[str, Any]) -> list[str]:
    """A field of a definition as a form holds it: the texts of its inputs."""
    value = data.get(field.name)
    if field.widget == "places":
        places: Mapping[str, Any] = value or {}
        return [str(places.get(level, "")) for level, _title in field.choices]
    if value is None:
        return []
    if field.widget in {"days", "ticks"}:
        return list(value)
    return ["\n".join(value) if field.widget == "lines" else str(value)]
