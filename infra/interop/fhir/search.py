"""Search: which of a client's resources match what was asked.

Values are matched as R4 has it (search.html): a token is a code, ``system|code``, ``|code`` or ``system|``; commas
between values mean any of them, a repeated parameter means all.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import tzinfo
from typing import Any, cast

from infra.interop.fhir.coding import Resource
from infra.interop.fhir.dates import fits, wanted
from infra.interop.fhir.search_parameters import COMMON, PARAMETERS, Parameter


class SearchError(ValueError):
    """A parameter that is not known, or a value that cannot be read; the message names the parameter."""


def matching(
    made: Iterable[Resource], kind: str, pairs: Sequence[tuple[str, str]], zone_of: Callable[[Resource], tzinfo]
) -> Iterator[Resource]:
    """The resources that match every parameter; ``zone_of`` says in which zone a resource's days are.

    Raises:
        SearchError: a parameter is not one of the kind's, or its value is not of its type.
    """
    checks = [_check(kind, name, value) for name, value in pairs]
    return (resource for resource in made if all(check(resource, zone_of(resource)) for check in checks))


def _check(kind: str, name: str, value: str) -> Callable[[Resource, tzinfo], bool]:
    known = {**COMMON, **PARAMETERS[kind]}
    if name not in known:
        msg = f"{name}: no such search parameter of {kind}; there are {', '.join(sorted(known))}"
        raise SearchError(msg)
    parameter = known[name]
    tests = [_test(name, parameter, alternative) for alternative in value.split(",")]
    return lambda resource, zone: any(
        test(element, zone) for element in _elements(resource, parameter) for test in tests
    )


def _test(name: str, parameter: Parameter, value: str) -> Callable[[Any, tzinfo], bool]:
    if parameter.type == "date":
        try:
            bound = wanted(value)
        except ValueError:
            msg = f"{name}: write a date as 2026-01-31 or 2026-01-31T12:00:00Z, perhaps after ge, gt, le or lt"
            raise SearchError(msg) from None
        return lambda element, zone: fits(bound, element, zone)
    if parameter.type == "token":
        return lambda element, _: _is_token(element, value)
    if parameter.type == "reference":
        return lambda element, _: _is_reference(element, value)
    return lambda element, _: element == value


def _elements(resource: Resource, parameter: Parameter) -> Iterator[Any]:
    for path in parameter.elements:
        at: Any = resource
        for step in path.split("."):
            at = cast("Resource", at).get(step) if isinstance(at, dict) else None
        yield from cast("list[Any]", at) if isinstance(at, list) else [] if at is None else [at]


def _is_token(element: Any, wanted: str) -> bool:
    """Whether a code, a Coding, an Identifier or one of a CodeableConcept's codings is the token."""
    system, bar, code = wanted.rpartition("|")
    if isinstance(element, str):
        return element == code
    concept = cast("Resource", element)
    codings: list[Resource] = concept.get("coding", [concept])
    return any(
        (not bar or coding.get("system", "") == system)
        and (not code or code in (coding.get("code"), coding.get("value")))
        for coding in codings
    )


def _is_reference(element: Any, wanted: str) -> bool:
    target = str(cast("Resource", element).get("reference", ""))
    return target == wanted or target.rpartition("/")[2] == wanted
