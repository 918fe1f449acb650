"""Who recorded what, when: a Provenance for each entry that became a resource."""

from __future__ import annotations

from collections.abc import Iterator

from domain.people import person_of
from infra.interop.fhir.coding import (
    ENTRY,
    NOT_RECORDED,
    SECURITY,
    US_CORE,
    Resource,
    concept,
    filled,
    instant,
    local,
    named,
    person,
    when,
)
from infra.interop.fhir.context import Charting

_DATA_OPERATION = "http://terminology.hl7.org/CodeSystem/v3-DataOperation"


def provenances(charting: Charting) -> Iterator[Resource]:
    """Each names its targets, its author, the moment of recording, and for a correction what it revised."""
    for entry in charting.chart.entries:
        targets = charting.made_by.get(entry.event_id)
        if not targets:
            continue
        said_by = entry.amended_by or entry
        author = concept("http://terminology.hl7.org/CodeSystem/provenance-participant-type", "author", "Author")
        revised = {"role": "revision", "what": {"identifier": _identifier(entry.event_id)}}
        body: Resource = {
            "target": [{"reference": target} for target in targets],
            "occurredDateTime": when(entry.occurred_at),
            "recorded": instant(said_by.recorded_at),
            "activity": concept(_DATA_OPERATION, "UPDATE" if entry.amended_by else "CREATE"),
            "agent": [
                filled(
                    {
                        "type": author,
                        "role": [local("role", said_by.role)] if said_by.role else [],
                        "who": person(person_of(said_by.meta)),
                        "onBehalfOf": named(said_by.site or NOT_RECORDED),
                    }
                )
            ],
            "entity": [revised] if entry.amended_by else [],
        }
        stamp: Resource = {
            "lastUpdated": instant(said_by.recorded_at),
            "profile": [US_CORE + "provenance"],
            "security": SECURITY,
            "tag": [{"system": ENTRY, "code": entry.event_id}],
        }
        yield {"resourceType": "Provenance", "id": f"{said_by.event_id}-p", "meta": stamp, **filled(body)}


def _identifier(event_id: str) -> Resource:
    return {"system": ENTRY, "value": event_id}
