"""EpisodeOfCare, Encounter, Appointment, CarePlan, ServiceRequest as entries of care."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, get_args

from domain.vocabulary import LEVELS, REASONS, TEDS_REASON_CODES, LeaveKind, Level, Modality, SessionKind, title
from infra.fhir.coding import EXTENSION
from infra.importers.fhir.context import Outcome, Patient
from infra.importers.fhir.parts import Resource, as_list, at, code, codings, minutes_between, moment, text, words

_KINDS: tuple[str, ...] = get_args(SessionKind)
_MODALITIES: tuple[str, ...] = get_args(Modality)
_LONGEST_SESSION = 12 * 60
_REASON_OF_TEDS = {str(number): reason for reason, number in TEDS_REASON_CODES.items()}
_REASON_OF_DISPOSITION = {
    "home": "completed",
    "aadvice": "left_against_advice",
    "exp": "died",
    "other-hcf": "transferred",
}
_LEVEL_WORDS: tuple[tuple[str, Level], ...] = (
    (r"\b(detox|detoxification|withdrawal management)\b|\b[34]( 7)? wm\b", "medical_detox"),
    (r"\b(partial hospitali[sz]ation|php|day treatment)\b|\b2 5\b", "partial_hospitalization"),
    (r"\b(intensive outpatient|iop)\b|\b2 1\b", "intensive_outpatient"),
    (r"\b(residential|inpatient rehab)\b|\b3 [1357]\b", "residential"),
    (r"\b(alumni|aftercare|recovery monitoring)\b", "alumni"),
    (r"\b(standard outpatient|outpatient treatment|outpatient therapy)\b", "standard_outpatient"),
)
_SESSION_WORDS = (
    (r"\bgroup\b", "group"),
    (r"\bfamily\b", "family"),
    (r"\b(psychiatric|psychiatry)\b", "psychiatric_evaluation"),
    (r"\bmedication\b", "medication_management"),
    (r"\bcase management\b", "case_management"),
    (r"\bpeer\b", "peer_support"),
    (r"\b(individual|counsel\w*|psychotherapy)\b", "individual"),
)


def level_of(resource: Resource) -> Level | None:
    """The level of care that an Encounter names: by our code, by its title, by an ASAM code or usual words."""
    own = code(resource.get("type"), "urn:carejourney:level")
    if own in LEVELS:
        return own
    said = words([*as_list(resource.get("type")), resource.get("serviceType")])
    for level in LEVELS:
        if words({"text": title(level)}) in said and said:
            return level
    return next((level for pattern, level in _LEVEL_WORDS if re.search(pattern, said)), None)


def encounter(patient: Patient, place: str, resource: Resource) -> Iterator[Outcome]:
    """A stay when it names a level of care, a session when it is short and says of which kind."""
    if resource.get("status") in ("entered-in-error", "planned", "cancelled"):
        yield from patient.left(place, f"status is {resource['status']}: it did not take place")
        return
    start, end = moment(at(resource, "period", "start")), moment(at(resource, "period", "end"))
    own_session = code(resource.get("type"), "urn:carejourney:session")
    level = None if own_session else level_of(resource)
    minutes = minutes_between(start, end)
    if level is not None and (minutes == 0 or minutes > _LONGEST_SESSION or not _kind(resource)):
        yield from _stay(patient, place, resource, level)
    elif own_session == "alumni_contact":
        topic = text(at(resource, "reasonCode", 0))
        yield from patient.made(place, "AlumniContacted", start, {"topic": topic or None})
    elif own_session:
        length = at(resource, "length", "value")
        yield from _session(patient, place, resource, own_session, length if length is not None else minutes)
    elif (kind := _kind(resource)) and 0 < minutes <= _LONGEST_SESSION:
        yield from _session(patient, place, resource, kind, minutes)
    else:
        yield from patient.left(place, "names no level of care and no kind of session that is known here")


def _kind(resource: Resource) -> str:
    said = words(resource.get("type"))
    exact = next((kind for kind in _KINDS if kind.replace("_", " ") in said), "")
    return exact or next((kind for pattern, kind in _SESSION_WORDS if re.search(pattern, said)), "")


def _session(patient: Patient, place: str, resource: Resource, kind: str, minutes: Any) -> Iterator[Outcome]:
    groups = [one for one in as_list(resource.get("identifier")) if at(one, "system") == "urn:carejourney:group"]
    data = {
        "kind": kind,
        "minutes": minutes,
        "modality": code(resource.get("type"), "urn:carejourney:modality") or None,
        "topic": code(resource.get("reasonCode"), "urn:carejourney:topic") or None,
        "clinician": text(at(resource, "participant", 0, "individual")) or None,
        "group_id": at(groups, 0, "value"),
    }
    yield from patient.made(place, "SessionAttended", at(resource, "period", "start"), data)


def _stay(patient: Patient, place: str, resource: Resource, level: Level) -> Iterator[Outcome]:
    site = text(resource.get("serviceProvider"))
    start: dict[str, Any] = {
        "level": level,
        "program": text(resource.get("serviceType")) or None,
        "site": site or None,
        "clinician": text(at(resource, "participant", 0, "individual")) or None,
    }
    yield from patient.made(place, "LevelOfCareStarted", at(resource, "period", "start"), start, site=site)
    ids = patient.entry_ids(resource)
    leaves = [at(one, "period") for one in as_list(resource.get("statusHistory")) if at(one, "status") == "onleave"]
    bounds = sum(1 for leave in leaves for bound in ("start", "end") if at(leave, bound))
    is_ended_by_another = bool(ids) and len(ids) - bounds == 1  # of ours, and no entry of its own: death ended it
    number = 1
    if resource.get("status") == "finished" and not is_ended_by_another:
        data = {"level": level, "reason": _reason(resource)}
        yield from patient.made(place, "LevelOfCareEnded", at(resource, "period", "end"), data, number=1, site=site)
        number = 2
    for history in as_list(resource.get("statusHistory")):
        if at(history, "status") == "onleave":
            for kind, bound in (("LeaveStarted", "start"), ("LeaveEnded", "end")):
                when = at(history, "period", bound)
                if when:
                    own = number if number < len(ids) else number + 100
                    yield from patient.made(place, kind, when, {"kind": _leave(history, kind)}, number=own)
                    number += 1


def _leave(history: Any, kind: str) -> str:
    """The kind of a leave, where it is one of ours."""
    name = EXTENSION + ("leave-kind" if kind == "LeaveStarted" else "leave-ended-kind")
    found = [at(one, "valueString") for one in as_list(at(history, "extension")) if at(one, "url") == name]
    return found[0] if found and found[0] in get_args(LeaveKind) else "other"


def _reason(resource: Resource) -> str:
    disposition = at(resource, "hospitalization", "dischargeDisposition")
    teds = _REASON_OF_TEDS.get(code(disposition, "urn:carejourney:teds-reason"))
    if teds:
        return teds
    said = words(disposition).replace(" ", "_")
    if said in REASONS:
        return said
    public = [str(coding.get("code")) for coding in codings(disposition)]
    return next((_REASON_OF_DISPOSITION[one] for one in public if one in _REASON_OF_DISPOSITION), "other")


def episode(patient: Patient, place: str, _: Resource) -> Iterator[Outcome]:
    """Episodes are derived from stays here: an EpisodeOfCare without an Encounter says too little."""
    stays = [one for one in patient.resources.values() if one["resourceType"] == "Encounter" and _belongs(one, place)]
    if not stays:
        yield from patient.left(place, "has no Encounter: episodes are made from stays, and none is here")


def _belongs(resource: Resource, place: str) -> bool:
    return any(at(one, "reference") == place for one in as_list(resource.get("episodeOfCare")))


def appointment(patient: Patient, place: str, resource: Resource) -> Iterator[Outcome]:
    """A missed session; other appointments are plans."""
    status = resource.get("status")
    if status not in ("noshow", "cancelled"):
        yield from patient.left(place, "is no missed session: appointments to come are not history")
        return
    said = words(resource.get("serviceType"))
    kind = code(resource.get("serviceType"), "urn:carejourney:session")
    kind = kind or next((one for pattern, one in _SESSION_WORDS if re.search(pattern, said)), "individual")
    comment = str(resource.get("comment") or "")
    cause = code(resource.get("cancelationReason"), "urn:carejourney:missed") or comment.removeprefix("cause: ")
    known = cause if re.fullmatch(r"no_show|illness|hospital|jail|work|transport|vacation|other", cause) else None
    declined = at(resource, "participant", 0, "status") == "declined"
    data = {"kind": kind, "excused": True if status == "cancelled" and declined else None, "cause": known}
    yield from patient.made(place, "SessionMissed", resource.get("start", ""), data)


def care_plan(patient: Patient, place: str, resource: Resource) -> Iterator[Outcome]:
    """A treatment plan with its goals, or a relapse-prevention plan of ours."""
    if code(resource.get("category"), "urn:carejourney:plan") == "relapse_prevention":
        names = {"Triggers": "triggers", "Coping strategies": "coping_strategies"}
        names |= {"Boundaries": "boundaries", "Supports": "supports"}
        said = re.split(
            r"^(Triggers|Coping strategies|Boundaries|Supports): ", resource.get("description", ""), flags=re.M
        )
        data: dict[str, Any] = {
            names[name]: value.rstrip("\n") for name, value in zip(said[1::2], said[2::2], strict=True)
        }
        yield from patient.made(place, "RelapsePreventionPlanSet", resource.get("created", ""), data)
        return
    goals = [goal for ref in as_list(resource.get("goal")) if (goal := _goal(patient, at(ref, "reference")))]
    end = at(resource, "period", "end")
    note = re.search(r"(\d+) sessions a week planned", str(at(resource, "note", 0, "text") or ""))
    data = {
        "goals": goals or None,
        "planned_end_on": end[:10] if isinstance(end, str) and resource.get("status") == "active" else None,
        "planned_sessions_per_week": int(note.group(1)) if note else None,
    }
    created = resource.get("created") or at(resource, "period", "start") or ""
    yield from patient.made(place, "TreatmentPlanSet", created, data)


def _goal(patient: Patient, place: Any) -> dict[str, Any] | None:
    resource = patient.resources.get(str(place))
    if resource is None:
        return None
    own = [one for one in as_list(resource.get("identifier")) if at(one, "system") == "urn:carejourney:goal"]
    dimension = code(resource.get("category"), "urn:carejourney:asam-dimension")
    said = text(resource.get("description"))
    goal: dict[str, Any] = {"goal_id": at(own, 0, "value") or str(place).rpartition("/")[2]}
    if said and said != goal["goal_id"]:
        goal["text"] = said
    if dimension.isdigit():
        goal["dimension"] = int(dimension)
    return goal


def goal(patient: Patient, place: str, resource: Resource) -> Iterator[Outcome]:
    """A goal's statuses; the goal itself comes with the plan that names it."""
    own = [one for one in as_list(resource.get("identifier")) if at(one, "system") == "urn:carejourney:goal"]
    goal_id = at(own, 0, "value") or place.rpartition("/")[2]
    told = [one for one in as_list(resource.get("extension")) if at(one, "url") == EXTENSION + "goal-progress"]
    moves = [{at(part, "url"): part for part in as_list(at(one, "extension"))} for one in told]
    said = [(at(move.get("status"), "valueCode"), at(move.get("at"), "valueDateTime")) for move in moves]
    status = {"completed": "met", "cancelled": "dropped"}.get(str(resource.get("lifecycleStatus")))
    if not told and status and resource.get("statusDate"):
        said = [(status, resource["statusDate"])]
    for number, (status, when) in enumerate(said, start=1):
        data = {"goal_id": goal_id, "status": status}
        yield from patient.made(place, "GoalProgressed", when, data, number=number)


def service_request(patient: Patient, place: str, resource: Resource) -> Iterator[Outcome]:
    """A referral to the community."""
    partner = text(at(resource, "performer", 0))
    service = text(resource.get("code"))
    if not partner or not service:
        yield from patient.left(place, "names no performer or no service")
        return
    yield from patient.made(
        place, "CommunityReferralMade", resource.get("authoredOn", ""), {"partner": partner, "service": service}
    )
