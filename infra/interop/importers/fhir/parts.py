"""Small parts of resources: codings, texts, references, moments. Whatever is missing or odd reads as nothing."""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import Any, cast
from zoneinfo import ZoneInfo

from infra.interop.importers.bare_days import NOON, at_clock

Resource = dict[str, Any]
_DAY = r"\d{4}-\d\d-\d\d"


def codings(concept: Any, system: str = "") -> Iterator[Resource]:
    """The codings of a CodeableConcept, or of a list of them; only those of one system if it is named."""
    if isinstance(concept, list):
        for element in cast("list[Any]", concept):
            yield from codings(element, system)
    elif isinstance(concept, dict):
        for coding in as_list(cast("Resource", concept).get("coding")):
            if isinstance(coding, dict) and (not system or cast("Resource", coding).get("system") == system):
                yield cast("Resource", coding)


def code(concept: Any, system: str) -> str:
    """The first code of a system, or nothing."""
    return next((str(coding["code"]) for coding in codings(concept, system) if coding.get("code")), "")


def words(concept: Any) -> str:
    """Everything a concept says for people, in lower case."""
    if isinstance(concept, list):
        return " ".join(words(element) for element in cast("list[Any]", concept))
    if not isinstance(concept, dict):
        return ""
    texts = [text(concept), *(f"{c.get('display', '')} {c.get('code', '')}" for c in codings(concept))]
    return " ".join(re.sub(r"[_\W]+", " ", " ".join(texts)).casefold().split())


def text(concept: Any) -> str:
    """The text of a concept, or of its first coding, or the display of a reference."""
    if not isinstance(concept, dict):
        return ""
    fields = cast("Resource", concept)
    nothing: Resource = {}
    first = next(codings(fields), nothing)
    return str(fields.get("text") or fields.get("display") or first.get("display") or first.get("code") or "")


def as_list(value: Any) -> list[Any]:
    """A list as it is, nothing as an empty one."""
    return cast("list[Any]", value) if isinstance(value, list) else []


def elements_with(value: Any, name: str, wanted: object) -> list[Any]:
    """The elements of a list that have this under a name: the identifiers of a system, the extensions of a URL."""
    return [element for element in as_list(value) if at(element, name) == wanted]


def members(value: Any) -> list[tuple[str, Any]]:
    """The members of an object; nothing of anything else."""
    return list(cast("Resource", value).items()) if isinstance(value, dict) else []


def at(resource: Any, *path: str | int) -> Any:
    """What is at a path of names and places, or None."""
    value: Any = resource
    for step in path:
        if isinstance(step, int):
            items = as_list(value)
            value = items[step] if step < len(items) else None
        else:
            value = cast("Resource", value).get(step) if isinstance(value, dict) else None
    return value


def moment(value: Any, zone: ZoneInfo, bare: time = NOON) -> str:
    """A FHIR dateTime with its offset; a bare day is this time of it in the zone, less than a day is nothing."""
    if not isinstance(value, str):
        return ""
    try:
        if re.fullmatch(_DAY, value):
            return at_clock(datetime.fromisoformat(value), bare).replace(tzinfo=zone).isoformat()
        return value if datetime.fromisoformat(value).utcoffset() is not None else ""
    except ValueError:
        return ""


def midnight(value: Any, zone: ZoneInfo) -> str:
    """The beginning of a period: a bare day begins at midnight in the zone."""
    if isinstance(value, str) and re.fullmatch(_DAY, value):
        return datetime.fromisoformat(value).replace(tzinfo=zone).isoformat()
    return moment(value, zone)


def last_day(value: Any, zone: ZoneInfo) -> date | None:
    """The last day of a period's end in the zone: a year or a month includes all of itself (R4, Period.end).

    Midnight is the end of the day before.
    """
    if not isinstance(value, str):
        return None
    try:
        if re.fullmatch(r"\d{4}", value):
            return date(int(value), 12, 31)
        if re.fullmatch(r"\d{4}-\d\d", value):
            year, month = int(value[:4]), int(value[5:])
            return date(year, month, monthrange(year, month)[1])
        if re.fullmatch(_DAY, value):
            return date.fromisoformat(value)
        end = datetime.fromisoformat(value)
    except ValueError:
        return None
    return (end - timedelta(microseconds=1)).astimezone(zone).date() if end.tzinfo else None


def minutes_between(start: str, end: str) -> int:
    """Whole minutes between two moments; 0 when one is missing."""
    if not start or not end:
        return 0
    return int((datetime.fromisoformat(end) - datetime.fromisoformat(start)).total_seconds() // 60)
