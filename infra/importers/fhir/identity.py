"""Whose chart a Patient is: chart numbers by their system, names by use and period, one person for one number."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from infra.fhir.coding import CHART_NUMBER
from infra.importers.fhir.parts import Resource, as_list, at, code, codings, last_day, midnight, text

_V2: Final = "http://terminology.hl7.org/CodeSystem/v2-0203"
# v2-0203: numbers of people that are no chart's: social security, licences, passports, members, accounts …
_OTHER_NUMBERS: Final = frozenset({"SS", "DL", "PPN", "MB", "SB", "NIIP", "TAX", "AN", "VN", "NPI", "EI", "MA", "MC"})
_OTHER_SYSTEMS: Final = frozenset({"http://hl7.org/fhir/sid/us-ssn", "http://hl7.org/fhir/sid/us-medicare"})
_USES: Final = ("official", "usual", "")
_NAME_WORDS: Final = ("given", "family", "suffix")


class IdentityError(ValueError):
    """Nobody can say whose chart a Patient is; the message says why and the remedy, never a number."""


def chart_number(resource: Resource, system: str = "") -> str:
    """A Patient's chart number: ours, else that of ``system``, else the one of type MR, else the only identifier.

    A Patient without any identifier is known by its id.

    Raises:
        IdentityError: it has several, or none that can be a chart number.
    """
    given = [one for one in as_list(resource.get("identifier")) if at(one, "value") and at(one, "use") != "old"]
    ours = [one for one in given if at(one, "system") == CHART_NUMBER]
    if ours:
        return _one(ours)
    if system:
        named = [one for one in given if at(one, "system") == system]
        if not named:
            msg = "identifier: has none of the system that was given as that of chart numbers"
            raise IdentityError(msg)
        return _one(named)
    charts = [one for one in given if code(at(one, "type"), _V2) == "MR"]
    usable = charts or [one for one in given if _may_be_chart(one)]
    if usable:
        return _one(usable)
    key = resource.get("id")
    if given or not key:
        msg = "identifier: none of them is a chart number: give the system of chart numbers with --number-system"
        raise IdentityError(msg)
    return str(key)


def _may_be_chart(identifier: Any) -> bool:
    kinds = {str(one.get("code")) for one in codings(at(identifier, "type")) if one.get("system") in (None, _V2)}
    return not kinds & _OTHER_NUMBERS and at(identifier, "system") not in _OTHER_SYSTEMS


def _one(identifiers: list[Any]) -> str:
    """The number that these identifiers agree on; the official or usual one where they do not."""
    for chosen in ([one for one in identifiers if at(one, "use") in ("official", "usual")], identifiers):
        numbers = {str(at(one, "value")).strip() for one in chosen}
        if len(numbers) == 1:
            return numbers.pop()
        if chosen:
            break
    msg = "identifier: has several chart numbers: give the system of those that count with --number-system"
    raise IdentityError(msg)


def name_of(resource: Resource, now: datetime, zone: ZoneInfo) -> str:
    """The name by which a person is registered: the official one, else the usual, else the first without a use, of
    those in force. Nicknames, former and invented names register nobody.
    """
    in_force = [one for one in as_list(resource.get("name")) if _is_in_force(one, now, zone)]
    for use in _USES:
        for one in in_force:
            if (at(one, "use") or "") == use and (said := _said(one)):
                return said
    return ""


def _is_in_force(name: Any, now: datetime, zone: ZoneInfo) -> bool:
    end = last_day(at(name, "period", "end"), zone)
    start = midnight(at(name, "period", "start"), zone)
    is_over = end is not None and end < now.astimezone(zone).date()
    return not is_over and not (start and datetime.fromisoformat(start) > now)


def _said(name: Any) -> str:
    whole = text(name)
    return whole.strip() or " ".join(part for word in _NAME_WORDS for part in _words(at(name, word)))


def _words(value: Any) -> Iterator[str]:
    for one in [value] if isinstance(value, str) else as_list(value):
        if isinstance(one, str) and one.strip():
            yield one.strip()
