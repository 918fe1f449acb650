"""Names of what the provider defines, where entries hold its keys: groups, staff, programs, sites."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from domain.events.provider import Kind
from domain.numbers import canonical
from domain.phrases import Phrase
from infra.readmodels.context import HasReads
from projections.provider.queries import ever_defined
from projections.timeline.fold import TimelineItem

FIELDS: dict[str, Kind] = {
    "group_id": "group",
    "program": "program",
    "site": "site",
    "clinician": "staff",
    "assessor": "staff",
    "owner": "staff",
    "assigned_to": "staff",
}
"""The fields of entries and rows that hold a key, with the kind of thing that it is of."""
Names = Mapping[str, Mapping[str, str]]


def names_of(services: HasReads) -> Names:
    """By field and key as keys are compared: what a thing is called, or was called last."""
    with services.reads.reading() as connection:
        by_kind = {
            kind: {canonical(definition.key): definition.name for definition in ever_defined(connection, kind)}
            for kind in set(FIELDS.values())
        }
    return {field: by_kind[kind] for field, kind in FIELDS.items()}


def named(names: Names, data: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of an entry, with names instead of the keys that are known."""
    return {field: called(names, field, value) for field, value in data.items()}


def named_line(names: Names, data: Mapping[str, Any], line: str) -> str:
    """An entry's line, with names instead of the keys that it tells of the entry."""
    known = {value: name for field, value in data.items() if (name := called(names, field, value)) is not value}
    if not known or not isinstance(line, Phrase):
        return line
    values = {part: known.get(value, value) if isinstance(value, str) else value for part, value in line.values.items()}
    return Phrase(line.template, **values)


def named_items(names: Names, items: Sequence[TimelineItem]) -> list[TimelineItem]:
    """Entries of a timeline, with names instead of keys."""
    return [
        replace(item, summary=named_line(names, item.data, item.summary), data=named(names, item.data))
        if FIELDS.keys() & item.data.keys()
        else item
        for item in items
    ]


def called(names: Names, field: str, value: Any) -> Any:
    """What the thing is called whose key is the ``value`` of a ``field``; the value itself where no name is known."""
    known = names.get(field)
    return known.get(canonical(value), value) if known and isinstance(value, str) else value
