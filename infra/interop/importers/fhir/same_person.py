"""Whether a Patient is the person whose chart has the number already: by birth date, and by what the source said."""

from __future__ import annotations

from datetime import date

from infra.eventstore.log import EventLog
from infra.interop.importers.fhir.context import Patient
from infra.interop.importers.fhir.identity import in_use, name_of
from infra.interop.importers.fhir.references import Node
from infra.interop.importers.repeats import person_of

_LOOK = "look whether it is another person"


def another_person(log: EventLog, patient: Patient, node: Node) -> str:
    """Why nothing of a Patient is taken into the chart that has their number; nothing where it may be.

    Whom the same source sent before is known by the name or by the birth date. Anybody else has to have the birth date
    of the chart, if it has one; and a Patient who has no number but an id is on another server than the chart's.
    """
    client_id = log.client_id(patient.chart)
    if not log.recorder.streams([client_id]):
        return ""
    known = person_of(log, client_id, patient.known_as)
    born = node.resource.get("birthDate")
    if patient.known_as:
        name = name_of(node.resource, patient.now, patient.zone)
        told = [(one["name"], one["birth_date"]) for one in known if {"name", "birth_date"} <= one.keys()]
        differs = name and born and all(name != other and not _is_born(born, day) for other, day in told)
        return f"has another name and another birth date now: {_LOOK}" if told and differs else ""
    if not in_use(node.resource, patient.now):
        return f"has no chart number, and its id is the number of a chart from elsewhere: {_LOOK}"
    here = known[-1].get("birth_date")
    if here is None or _is_born(born, here):
        return ""
    return f"the chart is registered already with another birth date: {_LOOK}"


def _is_born(said: object, day: date) -> bool:
    """Whether a birth date, of which a part may be missing at its end, is this day."""
    return isinstance(said, str) and day.isoformat().startswith(said)
