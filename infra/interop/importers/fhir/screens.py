"""Laboratory observations as drug screens: ours with their members, other laboratories' by LOINC code."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final, NamedTuple

from infra.interop.fhir.coding import LOINC, SNOMED, SPECIMEN_SNOMED
from infra.interop.fhir.drug_tests import TESTED
from infra.interop.importers.fhir.context import LeftOverError, Patient, left
from infra.interop.importers.fhir.contradictions import denies_finding, names_other_substance, texts_of
from infra.interop.importers.fhir.parts import Resource, as_list, at, code, codings, text, words
from infra.interop.importers.fhir.references import Node
from infra.interop.importers.fhir.words import plain, presence_of
from infra.interop.importers.items import Outcome

_SPECIMEN_OF: Final = {snomed: name for name, (snomed, _) in SPECIMEN_SNOMED.items()}
_SPECIMENS: Final = {
    **{name: name for name in ("urine", "blood", "hair", "breath")},
    "saliva": "oral_fluid",
    "oral fluid": "oral_fluid",
    "expired air": "breath",
}


class _Result(NamedTuple):
    """What one test found."""

    substance: str
    positive: bool
    confirmed: bool


def our_screen(patient: Patient, node: Node) -> Iterator[Outcome]:
    """A drug screen of our own export: a result with one member for each substance, or a missed one."""
    resource = node.resource
    when = resource.get("effectiveDateTime", "")
    note = str(at(resource, "note", 0, "text") or "")
    if resource.get("status") == "cancelled":
        yield from patient.made(node, "DrugScreenMissed", when, {"cause": note.removeprefix("cause: ") or None})
        return
    names: list[str] = []
    positive: list[str] = []
    for reference in as_list(resource.get("hasMember")):
        member = patient.named(reference, node)
        if member is not None:
            patient.spoken_for.add(member.key)
            names.append(text(member.resource.get("code")))
            if presence_of(member.resource.get("valueCodeableConcept")):
                positive.append(names[-1])
    flags = {
        name: answer == "yes" for name, answer in re.findall(r"(unscheduled|valid|temperature_ok): (yes|no)", note)
    }
    lab = re.search(r"lab: (.*)$", note, re.S)
    data: dict[str, Any] = {
        "specimen": _specimen(patient, node),
        "positive": positive,
        "panel": names if len(names) > len(positive) else None,
        "lab": lab.group(1) if lab else None,
        **flags,
    }
    yield from patient.made(node, "DrugScreenResulted", when, data)


def is_screen(resource: Resource) -> bool:
    """Whether it is a result of a test for a substance that is known here, or a panel of some."""
    tests = [_tested(resource), *(_tested(component) for component in as_list(resource.get("component")))]
    return any(test is not None for test in tests)


def foreign_screen(patient: Patient, node: Node) -> Iterator[Outcome]:
    """Another laboratory's result: of one substance, or of a panel whose parts each have their own."""
    resource = node.resource
    parts = [resource] if _tested(resource) else []
    for number, component in enumerate(as_list(resource.get("component")), start=1):
        if _tested(component):
            parts.append(component)
        else:
            yield left(node, f"component {number} is no test for a substance that is known here")
    results = _results(parts)
    specimen = _specimen(patient, node)
    data = {
        "specimen": specimen,
        "positive": [result.substance for result in results if result.positive],
        "panel": [result.substance for result in results],
        "confirmed": True if all(result.confirmed for result in results) else None,
    }
    yield from patient.made(node, "DrugScreenResulted", resource.get("effectiveDateTime", ""), data)


def _tested(part: Any) -> tuple[str, bool] | None:
    """(substance, whether by confirmatory method) that a part tests for, by its LOINC codes."""
    tests = {
        TESTED[str(coding.get("code"))]
        for coding in codings(at(part, "code"), LOINC)
        if str(coding.get("code")) in TESTED
    }
    return tests.pop() if len(tests) == 1 else None


def _results(parts: list[Resource]) -> list[_Result]:
    """What each test found, once for a substance.

    Raises:
        LeftOverError: two tests of one substance found different things.
    """
    by_substance: dict[str, _Result] = {}
    for result in map(_result, parts):
        before = by_substance.setdefault(result.substance, result)
        if before.positive != result.positive:
            msg = "component: two tests of one substance disagree"
            raise LeftOverError(msg)
        if result.confirmed:
            by_substance[result.substance] = result
    return list(by_substance.values())


def _result(part: Resource) -> _Result:
    """Raises:
    LeftOverError: it does not say plainly what was found.
    AmbiguousError: its codes and texts disagree.
    """
    test = _tested(part)
    assert test is not None
    if any(names_other_substance(phrase, test[0]) for phrase in texts_of([at(part, "code")])):
        msg = "code: its LOINC code and its text name different substances"
        raise LeftOverError(msg)
    values = [part[name] for name in ("valueCodeableConcept", "valueString") if name in part]
    positive = presence_of(*values, *as_list(part.get("interpretation")))
    if at(part, "dataAbsentReason") is not None:
        msg = "dataAbsentReason: there is no result"
        raise LeftOverError(msg)
    if positive is None:
        msg = "says neither positive nor negative in a code or a phrase that is known here"
        raise LeftOverError(msg)
    if any(
        denies_finding(phrase, is_positive=positive)
        for phrase in texts_of([*values, *as_list(part.get("interpretation"))])
    ):
        msg = "its codes and texts disagree"
        raise LeftOverError(msg)
    return _Result(test[0], positive, test[1])


def _specimen(patient: Patient, node: Node) -> str:
    """The specimen; urine where none is named, since the codes that are known here are those of urine tests.

    Raises:
        LeftOverError: it is another one than is known here.
    """
    reference = node.resource.get("specimen")
    if reference is None:
        return "urine"
    named = patient.references.named(reference, node)
    concept = named.resource.get("type") if named is not None else None
    known = _SPECIMEN_OF.get(code(concept, SNOMED))
    names = [plain(text(part)).removesuffix(" specimen").removesuffix(" sample") for part in (concept, reference)]
    specimen = known or next((_SPECIMENS[name] for name in names if name in _SPECIMENS), None)
    if specimen is None and (words(concept) or at(reference, "display")):
        msg = "specimen: is none that is known here"
        raise LeftOverError(msg)
    return specimen or "urine"
