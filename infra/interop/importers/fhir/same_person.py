"""Whether a Patient is the person whose chart has the number: by name, birth date and what the source said before."""

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
        told = [(one["name"], one["birth_date"]) for one in known if {"name", "birth_date"} <= one.keys()]
        differs = name and born and all(name != other and not _is_born(born, day) for other, day in told)
        return f"has another name and another birth date now: {_LOOK}" if told and differs else ""
    if not in_use(node.resource, patient.now):
        return f"has no chart number, and its id is the number of a chart from elsewhere: {_LOOK}"
    here = known[-1]
    if "birth_date" in here and not _is_born(born, here["birth_date"]):
        return f"the chart is registered already with another birth date: {_LOOK}"
    if name and "name" in here and not _is_called(name, here["name"]):
        return f"the chart is registered already with another name: {_LOOK}"
    return ""


def may_be_one_of(name: str, born: object, told: Iterable[dict[str, Any]]) -> bool:
    """Whether one of the details ``told`` of a person has this birth date; where one is missing, this name."""
    return any(
        _is_born(born, one["birth_date"]) if born and "birth_date" in one else _is_called(name, one.get("name", ""))
        for one in told
    )


def _is_born(said: object, day: date) -> bool:
    """Whether a birth date, of which a part may be missing at its end, is this day."""
    return isinstance(said, str) and day.isoformat().startswith(said)


def _is_called(said: str, name: str) -> bool:
    """Whether two names are one, in any order and case; one may have more words, as a middle name or a suffix."""
    one, other = _words(said), _words(name)
    return bool(one) and (one == other or (len(one & other) > 1 and (one <= other or other <= one)))


def _words(name: str) -> set[str]:
    return set(re.findall(r"[^\W_]+", name.casefold()))
