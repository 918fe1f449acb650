"""EpisodeOfCare and Encounter as entries of care."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import datetime
from typing import Any, Final, get_args

from domain.levels import Level
from domain.vocabulary import REASONS, TEDS_REASON_CODES, LeaveKind
from infra.interop.fhir.coding import EXTENSION
from infra.interop.importers.fhir.appointments import appointment_id
from infra.interop.importers.fhir.context import LeftOverError, Patient, entry_ids
from infra.interop.importers.fhir.contradictions import denies_care, texts_of
from infra.interop.importers.fhir.parts import (
    Resource,
    as_list,
    at,
    code,
    codings,
    elements_with,
    minutes_between,
    text,
    words,
)
from infra.interop.importers.fhir.references import Node
from infra.interop.importers.fhir.words import level_of, plain, session_of, words_of
from infra.interop.importers.items import Outcome

_LONGEST_SESSION: Final = 12 * 60
_REASON_OF_TEDS: Final = {str(number): reason for reason, number in TEDS_REASON_CODES.items()}
_REASON_OF_DISPOSITION: Final = {
    "home": "completed",
    "aadvice": "left_against_advice",
    "exp": "died",
    "other-hcf": "transferred",
}
# HL7 v3 ActCode: encounters of minutes or hours, whatever programme they belong to.
_VISITS: Final = frozenset({"AMB", "VR", "HH", "FLD", "EMER"})
_NO_CARE: Final = frozenset({"PRENC"})
_NO_STAYS: Final = frozenset({"EMER", "FLD"})
_DISPOSITIONS: Final = {
    "http://terminology.hl7.org/CodeSystem/discharge-disposition": _REASON_OF_DISPOSITION,
    None: _REASON_OF_DISPOSITION,
    # patient status codes of NUBC's UB-04
    "https://www.nubc.org/CodeSystem/PatDischargeStatus": {
        "07": "left_against_advice",
        **dict.fromkeys(("20", "40", "41", "42"), "died"),
    },
}
_DIED: Final = frozenset({"expired", "deceased", "died", "dead", "death", "patient died", "patient expired"})


def encounter(patient: Patient, node: Node) -> Iterator[Outcome]:
    """A stay when it names a level of care and is no visit, a session when it is one and says of which kind."""
    resource = node.resource
    start, end = patient.moment(at(resource, "period", "start")), patient.moment(at(resource, "period", "end"))
    ours = code(resource.get("type"), "urn:carejourney:session")
    if ours:
        yield from _our_session(patient, node, ours, minutes_between(start, end))
        return
    foreign = not entry_ids(resource)
    if foreign:
        _refuse_bounds(patient, resource, start, end)
    kind, level = session_of(resource.get("type")), level_of(resource.get("type"), resource.get("serviceType"))
    minutes = minutes_between(start, end)
    is_short = bool(end) and minutes <= _LONGEST_SESSION
    is_visit = foreign and is_short and _class(resource) in _VISITS
    if level is not None and foreign:
        _refuse_denied(resource, words_of(level))
        _refuse_other_stays(patient, node, level)
    elif kind is not None and foreign:
        _refuse_denied(resource, ())
    if level is not None and kind is None and not is_visit:
        yield from _stay(patient, node, level)
    elif kind and level is None and 0 < minutes <= _LONGEST_SESSION:
        yield from _session(patient, node, kind, minutes)
    elif level is not None and is_visit:
        msg = "is a visit, and names a level of care and no kind of session"
        raise LeftOverError(msg)
    else:
        msg = "names no level of care and no kind of session that is known here"
        raise LeftOverError(msg)


def _refuse_bounds(patient: Patient, resource: Resource, start: str, end: str) -> None:
    """Raises:
    LeftOverError: its status and its period disagree, or the period is none.
    """
    over = resource.get("status") == "finished"
    said_end = at(resource, "period", "end")
    msg = ""
    if _class(resource) in _NO_CARE:
        msg = "class: is before admission"
    elif not start:
        msg = "period.start: says no day on which it began"
    elif over and not end:
        msg = "period.end: is finished, and no day says since when"
    elif said_end is not None and not end:
        msg = "period.end: is no day"
    elif end and datetime.fromisoformat(end) < datetime.fromisoformat(start):
        msg = "period: ends before it begins"
    elif not over and end and datetime.fromisoformat(end) <= patient.now:
        msg = "status: is not finished, and its period is over"
    if msg:
        raise LeftOverError(msg)


def _refuse_denied(resource: Resource, names: Collection[str]) -> None:
    """Raises:
    LeftOverError: a text beside what names the care says that it was none.
    """
    concepts = [*as_list(resource.get("type")), resource.get("serviceType")]
    if any(denies_care(phrase, names) for phrase in texts_of(concepts)):
        msg = "type: its codes and texts disagree"
        raise LeftOverError(msg)


def _refuse_other_stays(patient: Patient, node: Node, level: Level) -> None:
    """Raises:
    LeftOverError: it is an emergency, a visit that goes on, or a part of another stay at the same level.
    """
    resource = node.resource
    start = patient.moment(at(resource, "period", "start"))
    whole = patient.named(resource.get("partOf"), node)
    msg = ""
    if _class(resource) in _NO_STAYS:
        msg = "class: is an emergency or outside of a facility, and no stay"
    elif whole is not None and level_of(whole.resource.get("type"), whole.resource.get("serviceType")) == level:
        msg = "partOf: is a part of another stay at the same level of care"
    elif (
        _class(resource) in _VISITS
        and not at(resource, "period", "end")
        and minutes_between(start, patient.now.isoformat()) <= _LONGEST_SESSION
    ):
        msg = "class: may be a visit that is not over: import it again when it is"
    if msg:
        raise LeftOverError(msg)


def _class(resource: Resource) -> str:
    return str(at(resource, "class", "code") or "")


def _our_session(patient: Patient, node: Node, kind: str, minutes: int) -> Iterator[Outcome]:
    resource = node.resource
    if kind == "alumni_contact":
        topic = text(at(resource, "reasonCode", 0))
        yield from patient.made(node, "AlumniContacted", at(resource, "period", "start"), {"topic": topic or None})
        return
    length = at(resource, "length", "value")
    yield from _session(patient, node, kind, length if length is not None else minutes)


def _session(patient: Patient, node: Node, kind: str, minutes: Any) -> Iterator[Outcome]:
    resource = node.resource
    if resource.get("status") != "finished":
        msg = "status: the session is not over"
        raise LeftOverError(msg)
    groups = elements_with(resource.get("identifier"), "system", "urn:carejourney:group")
    data = {
        "kind": kind,
        "minutes": minutes,
        "modality": code(resource.get("type"), "urn:carejourney:modality") or None,
        "topic": code(resource.get("reasonCode"), "urn:carejourney:topic") or None,
        "clinician": text(at(resource, "participant", 0, "individual")) or None,
        "group_id": at(groups, 0, "value"),
        "appointment_id": _appointment(patient, node),
    }
    yield from patient.made(node, "SessionAttended", at(resource, "period", "start"), data)


def _appointment(patient: Patient, node: Node) -> str | None:
    """The appointment that a session of another system was; ours say it themselves."""
    named = [patient.named(reference, node) for reference in as_list(node.resource.get("appointment"))]
    return next((key for appointment in named if (key := appointment_id(patient, appointment))), None)


def _stay(patient: Patient, node: Node, level: Level) -> Iterator[Outcome]:
    resource = node.resource
    site = text(resource.get("serviceProvider"))
    named = text(resource.get("serviceType"))
    start: dict[str, Any] = {
        "level": level,
        "program": named or None,
        "site": site or None,
        "clinician": text(at(resource, "participant", 0, "individual")) or None,
    }
    yield from patient.made(node, "LevelOfCareStarted", at(resource, "period", "start"), start, site=site)
    ids = entry_ids(resource)
    leaves = [at(history, "period") for history in elements_with(resource.get("statusHistory"), "status", "onleave")]
    bounds = sum(1 for leave in leaves for bound in ("start", "end") if at(leave, bound))
    is_ended_by_another = bool(ids) and len(ids) - bounds == 1  # of ours, and no entry of its own: death ended it
    number = 1
    if resource.get("status") == "finished" and not is_ended_by_another:
        data = {"level": level, "reason": _reason(resource)}
        yield from patient.made(node, "LevelOfCareEnded", at(resource, "period", "end"), data, number=1, site=site)
        number = 2
    yield from _leaves(patient, node, number)


def _leaves(patient: Patient, node: Node, number: int) -> Iterator[Outcome]:
    """The leaves of a stay; ``number`` is that of their first entry among those of the resource."""
    ids = entry_ids(node.resource)
    others = 101
    for history in as_list(node.resource.get("statusHistory")):
        if at(history, "status") == "onleave":
            if not ids:
                _refuse_leave(patient, at(history, "period"), node.resource)
            for kind, bound in (("LeaveStarted", "start"), ("LeaveEnded", "end")):
                when = at(history, "period", bound)
                if when:
                    entry_number = number if number < len(ids) else others
                    yield from patient.made(node, kind, when, {"kind": _leave(history, kind)}, number=entry_number)
                    number, others = number + 1, others + 1


def _refuse_leave(patient: Patient, leave: Any, stay: Resource) -> None:
    """Raises:
    LeftOverError: a leave is none within the stay, from its start to its end.
    """
    bounds = [("period", "start"), ("period", "end")]
    first, last = (patient.moment(at(stay, *path)) for path in bounds)
    start, end = (patient.moment(at(leave, bound)) for _, bound in bounds)
    times = [datetime.fromisoformat(moment) for moment in (first, start, end, last) if moment]
    if not start or times != sorted(times) or (at(leave, "end") is not None and not end):
        msg = "statusHistory: a leave ends before it begins, or is not within the stay"
        raise LeftOverError(msg)


def _leave(history: Any, kind: str) -> str:
    """The kind of a leave, where it is one of ours."""
    name = EXTENSION + ("leave-kind" if kind == "LeaveStarted" else "leave-ended-kind")
    extension = next(iter(elements_with(at(history, "extension"), "url", name)), None)
    kind = at(extension, "valueString")
    return kind if kind in get_args(LeaveKind) else "other"


def _reason(resource: Resource) -> str:
    """Why the stay ended: by our code, else by the public ones, where those agree."""
    disposition = at(resource, "hospitalization", "dischargeDisposition")
    teds = _REASON_OF_TEDS.get(code(disposition, "urn:carejourney:teds-reason"))
    if teds:
        return teds
    reason = words(disposition).replace(" ", "_")
    if reason in REASONS:
        return reason
    candidates = {
        reasons.get(str(coding.get("code")), "other")
        for coding in codings(disposition)
        for system, reasons in _DISPOSITIONS.items()
        if coding.get("system") == system
    }
    if _DIED & set(map(plain, texts_of([disposition]))):
        candidates.add("died")
    if len(candidates - {"other"}) > 1:
        msg = "hospitalization.dischargeDisposition: its codes disagree"
        raise LeftOverError(msg)
    return next(iter(candidates - {"other"}), "other")


def episode(patient: Patient, node: Node) -> Iterator[Outcome]:
    """Episodes are derived from stays here: an EpisodeOfCare without an Encounter says too little."""
    stays = [stay for stay in patient.nodes if stay.kind == "Encounter" and _belongs(patient, stay, node)]
    if not stays:
        msg = "has no Encounter: episodes are made from stays, and none is here"
        raise LeftOverError(msg)
    yield from ()


def _belongs(patient: Patient, stay: Node, node: Node) -> bool:
    return any(patient.named(reference, stay) is node for reference in as_list(stay.resource.get("episodeOfCare")))
