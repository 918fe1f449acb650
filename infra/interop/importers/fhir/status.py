"""Which resources count: one table over status, intent, verification and what else modifies a resource.

The codes are those of FHIR R4's own value sets; a resource counts when each of its elements in the table says one that
counts. A code that is in neither list, or none where one is needed, is left over. Our own exports carry what they mean
in the ids of their entries, and are held to the last two columns alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, NamedTuple

from infra.interop.importers.fhir.parts import Resource, codings

ERROR: Final = "entered-in-error"
_CONDITION: Final = "http://terminology.hl7.org/CodeSystem/condition-"
_SYSTEMS: Final = (None, f"{_CONDITION}clinical", f"{_CONDITION}ver-status")


class _Element(NamedTuple):
    """An element that modifies: codes that count, codes that do not."""

    name: str
    counts: frozenset[str]
    not_: frozenset[str]


def _element(name: str, counts: str, not_: str) -> _Element:
    return _Element(name, frozenset(counts.split()), frozenset([*not_.split(), ERROR]))


_ORDERS: Final = "order original-order reflex-order filler-order instance-order"
_NO_ORDERS: Final = "proposal plan directive option"
_TABLE: Final[Mapping[str, tuple[_Element, ...]]] = {
    "Patient": (),
    "Coverage": (_element("status", "active", "cancelled draft"),),
    "Consent": (_element("status", "active inactive", "draft proposed rejected"),),
    "Condition": (
        _element("clinicalStatus", "active recurrence relapse", "inactive remission resolved"),
        _element("verificationStatus", "confirmed", "unconfirmed provisional differential refuted"),
    ),
    "EpisodeOfCare": (_element("status", "active onhold finished", "planned waitlist cancelled"),),
    "Encounter": (_element("status", "in-progress onleave finished", "planned arrived triaged cancelled unknown"),),
    "Appointment": (
        _element("status", "booked fulfilled noshow cancelled", "proposed pending arrived checked-in waitlist"),
    ),
    "CarePlan": (
        _element("status", "active completed", "draft on-hold revoked unknown"),
        _element("intent", "plan order", "proposal option"),
    ),
    "Goal": (_element("lifecycleStatus", "planned accepted active on-hold completed cancelled", "proposed rejected"),),
    "ServiceRequest": (
        _element("status", "active completed", "draft on-hold revoked unknown"),
        _element("intent", _ORDERS, _NO_ORDERS),
    ),
    "Observation": (_element("status", "final amended corrected", "registered preliminary cancelled unknown"),),
    "QuestionnaireResponse": (_element("status", "completed amended", "in-progress stopped"),),
    "MedicationRequest": (
        _element("status", "active completed stopped", "on-hold cancelled draft unknown"),
        _element("intent", _ORDERS, _NO_ORDERS),
    ),
    "MedicationAdministration": (_element("status", "completed", "in-progress not-done on-hold stopped unknown"),),
    "MedicationDispense": (
        _element("status", "completed", "preparation in-progress cancelled on-hold stopped declined unknown"),
    ),
    "AdverseEvent": (_element("actuality", "actual", "potential"),),
}


def is_error(resource: Resource) -> bool:
    """Whether the source says that it was entered in error."""
    return any(ERROR in _codes(resource.get(name)) for name in ("status", "verificationStatus", "lifecycleStatus"))


def refusal(resource: Resource, *, ours: bool = False) -> str:
    """Why a resource does not count, or nothing; ``ours`` is one of our own export."""
    if is_error(resource):
        return "was entered in error"
    if resource.get("doNotPerform") not in (None, False):
        return "doNotPerform: says what shall not be done"
    if ours:
        return ""
    elements = _TABLE.get(str(resource.get("resourceType")))
    if elements is None:
        return "is of a kind that is not read here"
    return next((why for element in elements if (why := _refused(resource, element))), "")


def _refused(resource: Resource, element: _Element) -> str:
    codes = _codes(resource.get(element.name))
    if not codes:
        return f"{element.name}: is missing, so that nobody knows whether it counts"
    if codes <= element.counts:
        return ""
    known = sorted(codes & element.not_)
    return f"{element.name} is {known[0]}" if known else f"{element.name}: is no code of FHIR R4"


def _codes(value: Any) -> set[str]:
    """The code, or those of a concept; what another system's codes mean beside them, nobody knows here."""
    if isinstance(value, str):
        return {value}
    return {str(coding["code"]) for coding in codings(value) if coding.get("code") and coding.get("system") in _SYSTEMS}
