"""Whether a Patient is the person whose chart has the number: by name, birth date and the source's earlier versions."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date
from typing import Any

from infra.eventstore.log import EventLog
from infra.interop.importers.fhir.context import Patient
from infra.interop.importers.fhir.identity import in_use, name_of
from infra.interop.importers.fhir.references import Node
from infra.interop.importers.repeats import person_of

_LOOK = "look whether it is another person"
_MOVED = "has another chart number than its source gave before: register that number here, and merge the charts of one"


def another_person(log: EventLog, patient: Patient, node: Node) -> str:
    """Why nothing of a Patient is taken into the chart that has their number; nothing where it may be.

    Whom the same source sent before is known by the name or by the birth date, under the number of then. Anybody else
    has to have the name and the birth date of the chart, if it has them; and a Patient who has no number but an id is
    on another server than the chart's.
    """
    client_id = log.client_id(patient.chart)
    if not log.recorder.streams([client_id]):
        return _MOVED if patient.known_on else ""
    known = person_of(log, client_id, patient.known_as)
    name, born = name_of(node.resource, patient.now, patient.zone), node.resource.get("birthDate")
    if patient.known_as:
        identities = [
            (details["name"], details["birth_date"]) for details in known if {"name", "birth_date"} <= details.keys()
        ]
        differs = name and born and all(name != other and not _is_born(born, day) for other, day in identities)
        return f"has another name and another birth date now: {_LOOK}" if identities and differs else ""
    if not in_use(node.resource, patient.now):
        return f"has no chart number, and its id is the number of a chart from elsewhere: {_LOOK}"
    here = known[-1]
    if "birth_date" in here and not _is_born(born, here["birth_date"]):
        return f"the chart is registered already with another birth date: {_LOOK}"
    if name and "name" in here and not _is_called(name, here["name"]):
        return f"the chart is registered already with another name: {_LOOK}"
    return ""


def may_be_one_of(name: str, born: object, known: Iterable[dict[str, Any]]) -> bool:
    """Whether one of the details ``known`` of a person has this birth date; where one is missing, this name."""
    return any(
        _is_born(born, details["birth_date"])
        if born and "birth_date" in details
        else _is_called(name, details.get("name", ""))
        for details in known
    )


def _is_born(birth_date: object, day: date) -> bool:
    """Whether a birth date, of which a part may be missing at its end, is this day."""
    return isinstance(birth_date, str) and day.isoformat().startswith(birth_date)


def _is_called(name: str, known_name: str) -> bool:
    """Whether two names are one, in any order and case; one may have more words, as a middle name or a suffix."""
    given, known = _words(name), _words(known_name)
    return bool(given) and (given == known or (len(given & known) > 1 and (given <= known or known <= given)))


def _words(name: str) -> set[str]:
    return set(re.findall(r"[^\W_]+", name.casefold()))
