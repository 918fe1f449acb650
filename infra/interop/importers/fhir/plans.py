"""CarePlan, Goal and ServiceRequest as entries."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final

from infra.interop.fhir.coding import EXTENSION, LOINC, SNOMED
from infra.interop.importers.fhir.context import LeftOverError, Patient, entry_ids
from infra.interop.importers.fhir.parts import Resource, as_list, at, code, codings, elements_with, last_day, text
from infra.interop.importers.fhir.references import Node
from infra.interop.importers.fhir.status import refusal
from infra.interop.importers.items import Outcome

_PARTS: Final = {
    "Triggers": "triggers",
    "Coping strategies": "coping_strategies",
    "Boundaries": "boundaries",
    "Supports": "supports",
}
_CPT: Final = "http://www.ama-assn.org/go/cpt"
# SNOMED CT: orders that are no referral to a service in the community.
_NO_REFERRALS: Final = frozenset({"108252007", "363679005", "387713003", "409063005", "409073007"})


def care_plan(patient: Patient, node: Node) -> Iterator[Outcome]:
    """A treatment plan with its goals, or a relapse-prevention plan of ours."""
    resource = node.resource
    if code(resource.get("category"), "urn:carejourney:plan") == "relapse_prevention":
        names = "|".join(_PARTS)
        pieces = re.split(rf"^({names}): ", str(resource.get("description", "")), flags=re.M)
        parts = zip(pieces[1::2], pieces[2::2], strict=True)
        data: dict[str, Any] = {_PARTS[name]: value.rstrip("\n") for name, value in parts}
        yield from patient.made(node, "RelapsePreventionPlanSet", resource.get("created", ""), data)
        return
    named = (patient.named(reference, node) for reference in as_list(resource.get("goal")))
    goals = [_goal(goal) for goal in named if goal is not None and goal.kind == "Goal" and _counts(goal)]
    end = last_day(at(resource, "period", "end"), patient.zone)
    note = re.search(r"(\d+) sessions a week planned", str(at(resource, "note", 0, "text") or ""))
    data = {
        "goals": goals or None,
        "planned_end_on": end.isoformat() if end and resource.get("status") == "active" else None,
        "planned_sessions_per_week": int(note.group(1)) if note and entry_ids(resource) else None,
    }
    created = resource.get("created") or at(resource, "period", "start") or ""
    yield from patient.made(node, "TreatmentPlanSet", created, data)


def _counts(goal: Node) -> bool:
    return not refusal(goal.resource, ours=bool(entry_ids(goal.resource)))


def _goal_id(node: Node) -> str:
    identifiers = elements_with(node.resource.get("identifier"), "system", "urn:carejourney:goal")
    return str(at(identifiers, 0, "value") or node.place.rpartition("/")[2])


def _goal(node: Node) -> dict[str, Any]:
    dimension = code(node.resource.get("category"), "urn:carejourney:asam-dimension")
    description = text(node.resource.get("description"))
    goal: dict[str, Any] = {"goal_id": _goal_id(node)}
    if description and description != goal["goal_id"]:
        goal["text"] = description
    if dimension.isdigit():
        goal["dimension"] = int(dimension)
    return goal


def goal(patient: Patient, node: Node) -> Iterator[Outcome]:
    """A goal's statuses; the goal itself comes with the plan that names it."""
    resource = node.resource
    progress = elements_with(resource.get("extension"), "url", EXTENSION + "goal-progress")
    moves = [{at(part, "url"): part for part in as_list(at(extension, "extension"))} for extension in progress]
    statuses = [(at(move.get("status"), "valueCode"), at(move.get("at"), "valueDateTime")) for move in moves]
    status = {"completed": "met", "cancelled": "dropped"}.get(str(resource.get("lifecycleStatus")))
    if not progress and status and resource.get("statusDate"):
        statuses = [(status, resource["statusDate"])]
    if not statuses and not _is_planned(patient, node):
        msg = "is in no plan that is taken, and nothing became of it on a day"
        raise LeftOverError(msg)
    for number, (status, when) in enumerate(statuses, start=1):
        yield from patient.made(
            node, "GoalProgressed", when, {"goal_id": _goal_id(node), "status": status}, number=number
        )


def _is_planned(patient: Patient, node: Node) -> bool:
    plans = [plan for plan in patient.nodes if plan.kind == "CarePlan" and _counts(plan)]
    return any(patient.named(goal, plan) is node for plan in plans for goal in as_list(plan.resource.get("goal")))


def service_request(patient: Patient, node: Node) -> Iterator[Outcome]:
    """A referral to the community; orders of laboratories, imaging and procedures are none."""
    resource = node.resource
    partner = text(at(resource, "performer", 0))
    service = text(resource.get("code"))
    if not partner or not service:
        msg = "names no performer or no service"
        raise LeftOverError(msg)
    if not entry_ids(resource) and _is_other_order(resource):
        msg = "is an order, and no referral to a service in the community"
        raise LeftOverError(msg)
    data = {"partner": partner, "service": service}
    yield from patient.made(node, "CommunityReferralMade", resource.get("authoredOn", ""), data)


def _is_other_order(resource: Resource) -> bool:
    categories = {str(coding.get("code")) for coding in codings(resource.get("category"), SNOMED)}
    procedures = [coding for system in (LOINC, _CPT) for coding in codings(resource.get("code"), system)]
    return bool(categories & _NO_REFERRALS) or bool(procedures)
