"""Small parts of resources: codings, texts, references, moments. Whatever is missing or odd reads as nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any, cast

Resource = dict[str, Any]


def codings(concept: Any, system: str = "") -> Iterator[Resource]:
    """The codings of a CodeableConcept, or of a list of them; only those of one system if it is named."""
    if isinstance(concept, list):
        for one in cast("list[Any]", concept):
            yield from codings(one, system)
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
        return " ".join(words(one) for one in cast("list[Any]", concept))
    if not isinstance(concept, dict):
        return ""
    said = [text(concept), *(f"{c.get('display', '')} {c.get('code', '')}" for c in codings(concept))]
    return " ".join(re.sub(r"[_\W]+", " ", " ".join(said)).casefold().split())


def text(concept: Any) -> str:
    """The text of a concept, or of its first coding, or the display of a reference."""
    if not isinstance(concept, dict):
        return ""
    found = cast("Resource", concept)
    nothing: Resource = {}
    first = next(codings(found), nothing)
    return str(found.get("text") or found.get("display") or first.get("display") or first.get("code") or "")


def as_list(value: Any) -> list[Any]:
    """A list as it is, nothing as an empty one."""
    return cast("list[Any]", value) if isinstance(value, list) else []


def members(value: Any) -> list[tuple[str, Any]]:
    """The members of an object; nothing of anything else."""
    return list(cast("Resource", value).items()) if isinstance(value, dict) else []


def at(resource: Any, *path: str | int) -> Any:
    """What is at a path of names and places, or None."""
    found: Any = resource
    for step in path:
        if isinstance(step, int):
            items = as_list(found)
            found = items[step] if step < len(items) else None
        else:
            found = cast("Resource", found).get(step) if isinstance(found, dict) else None
    return found


def patient_of(resource: Resource) -> str:
    """The id of the patient that a resource is about, or nothing."""
    if resource.get("resourceType") == "Patient":
        return str(resource.get("id", ""))
    for name in ("subject", "patient", "beneficiary"):
        found = at(resource, name, "reference")
        if isinstance(found, str) and ("Patient/" in found or found.startswith("urn:uuid:")):
            return found.rpartition("/")[2].removeprefix("urn:uuid:")
    for participant in as_list(resource.get("participant")):
        found = at(participant, "actor", "reference")
        if isinstance(found, str) and "Patient/" in found:
            return found.rpartition("/")[2]
    return ""


def moment(value: Any) -> str:
    """A FHIR dateTime with its offset; a bare day is noon UTC of it, less than a day is nothing."""
    if not isinstance(value, str):
        return ""
    if re.fullmatch(r"\d{4}-\d\d-\d\d", value):
        return f"{value}T12:00:00+00:00"
    try:
        return value if datetime.fromisoformat(value).utcoffset() is not None else ""
    except ValueError:
        return ""


def minutes_between(start: str, end: str) -> int:
    """Whole minutes between two moments; 0 when one is missing."""
    if not start or not end:
        return 0
    return int((datetime.fromisoformat(end) - datetime.fromisoformat(start)).total_seconds() // 60)
