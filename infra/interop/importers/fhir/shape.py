"""Whether a resource has the shape that FHIR gives its type: fhir.resources reads it, before anything is made of it.

Its models are those of R4B, which are R4's for every type that is read here.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime
from types import NoneType
from typing import Any, Protocol, cast

from pydantic import ValidationError

from infra.interop.importers.fhir.parts import Resource, as_list, at, members
from infra.interop.importers.source import Source
from infra.interop.importers.zones import ZoneError

_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(?P<offset>Z|[+-]\d\d:\d\d)?")
_TIMES = frozenset(
    {
        *("start", "end", "date", "dateTime", "created", "authored", "authoredOn", "recorded", "recordedDate"),
        *("issued", "sent", "effectiveDateTime", "onsetDateTime", "abatementDateTime", "deceasedDateTime"),
        *("occurredDateTime", "valueDateTime", "lastUpdated", "statusDate", "whenHandedOver", "whenPrepared"),
    }
)
_TRUTHS = frozenset({"doNotPerform", "active", "verified"})
_JSON: tuple[tuple[type, Callable[[str], bool]], ...] = (
    (bool, lambda name: name in _TRUTHS or (name.endswith("Boolean") and not name.startswith("_"))),
    (int, lambda name: name.endswith("Integer") and not name.startswith("_")),
)
_V3 = ("http://terminology.hl7.org/CodeSystem/v3-", "http://hl7.org/fhir/v3/")
_MARKS = {
    ("ObservationValue", "SUBSETTED"): "has parts of the resource only: have it sent whole",
    ("ActReason", "HTEST"): "is test data, and nobody's care",
}
_QUANTITIES = ("Quantity", "dose", "daysSupply")
_SHOWN = 3  # problems that a reason names


class ShapeError(ValueError):
    """A resource cannot be read; the message names the element and the remedy, never a value."""


class _Model(Protocol):
    @classmethod
    def model_validate(cls, obj: Any) -> Any: ...


def shaped(resource: Resource, source: Source) -> Resource:
    """The resource with its offsets, once it is sure that it has the shape of its type.

    ``source`` says where times without an offset were written.

    Raises:
        ShapeError: what does not fit, and what to do.
    """
    from fhir.resources.R4B import get_fhir_model_class  # slow to load, and nothing else needs it

    given = cast("Resource", _located(resource, source, ""))
    _refuse_types(given, "")
    try:
        model = cast("_Model", get_fhir_model_class(str(given["resourceType"])))
    except (ValueError, KeyError, ImportError):
        msg = "is of no resource type of FHIR R4"
        raise ShapeError(msg) from None
    try:
        model.model_validate(given)
    except ValidationError as error:
        problems = [_said(problem) for problem in error.errors(include_url=False, include_input=False)]
        msg = "is no FHIR R4: " + "; ".join(dict.fromkeys(problems[:_SHOWN]))
        raise ShapeError(msg) from None
    _refuse_modifiers(given, "")
    _refuse_marks(given)
    return given


def _located(value: Any, source: Source, path: str) -> Any:
    """The same with an offset at every time that has none."""
    if isinstance(value, dict):
        return {
            name: _moment(part, source, f"{path}{name}")
            if name in _TIMES and isinstance(part, str)
            else _located(part, source, f"{path}{name}.")
            for name, part in members(value)
        }
    if isinstance(value, list):
        return [_located(part, source, path) for part in as_list(value)]
    return value


def _moment(value: str, source: Source, path: str) -> str:
    match = _TIME.fullmatch(value)
    if not match or (match["offset"] and not source.ignores_offsets):
        return value
    if source.zone is None:
        msg = f"{path}: has no UTC offset: give the zone of its times with --zone"
        raise ShapeError(msg)
    try:
        return source.moment(datetime.fromisoformat(value)).isoformat()
    except ZoneError as error:
        msg = f"{path}: {error}"
        raise ShapeError(msg) from None
    except ValueError:
        msg = f"{path}: is no time"
        raise ShapeError(msg) from None


def _said(problem: Any) -> str:
    path = ".".join(str(step) for step in problem["loc"]) or "it"
    if problem["type"].endswith("missing"):
        return f"{path}: is required"
    if problem["type"] == "extra_forbidden":
        return f"{path}: is no element of this type"
    if "DateTime" in problem["msg"] or "date" in problem["type"]:
        return f"{path}: is no time of FHIR, as 2026-01-31T09:00:00-05:00"
    return f"{path}: does not fit its type"


def _refuse_types(value: Any, path: str) -> None:
    """A truth value or a number that is written as another type of JSON may mean anything: ``"false"`` is no false.

    Raises:
        ShapeError: there is one.
    """
    for name, part in members(value):
        wanted = next((kind for kind, wants in _JSON if wants(name)), None)
        number = at(part, "value") if name.endswith(_QUANTITIES) else None
        if (wanted is not None and type(part) is not wanted) or type(number) not in (int, float, NoneType):
            msg = f"{path}{name}: is no FHIR R4: does not fit its type"
            raise ShapeError(msg)
        for child in [part, *as_list(part)]:
            _refuse_types(child, f"{path}{name}.")


def _refuse_modifiers(value: Any, path: str) -> None:
    """What an extension that is not known here may turn into its opposite is not read.

    Raises:
        ShapeError: there is one.
    """
    for name, part in members(value):
        if name in ("modifierExtension", "implicitRules") and part:
            msg = f"{path}{name}: changes what the resource says, and is not known here"
            raise ShapeError(msg)
        for child in [part, *as_list(part)]:
            _refuse_modifiers(child, f"{path}{name}.")


def _refuse_marks(resource: Resource) -> None:
    """What says itself that it is not whole, or that it is no real one.

    Raises:
        ShapeError: it does.
    """
    for name in ("tag", "security"):
        for coding in as_list(at(resource, "meta", name)):
            url = str(at(coding, "system"))
            system = next((url.removeprefix(base) for base in _V3 if url.startswith(base)), "")
            if reason := _MARKS.get((system, str(at(coding, "code")))):
                msg = f"meta.{name}: {reason}"
                raise ShapeError(msg)
