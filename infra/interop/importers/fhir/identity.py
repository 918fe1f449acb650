"""Whose chart a Patient is: chart numbers by their system, names by use and period, one person for one number."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from domain.numbers import canonical
from infra.interop.fhir.coding import CHART_NUMBER
from infra.interop.importers.fhir.parts import Resource, as_list, at, code, elements_with, last_day, midnight, text
from infra.interop.importers.fhir.words import plain

_V2: Final = "http://terminology.hl7.org/CodeSystem/v2-0203"
# v2-0203: numbers of people that are no chart's: social security, licences, passports, members, accounts …
_OTHER_NUMBERS: Final = frozenset({"SS", "DL", "PPN", "MB", "SB", "NIIP", "TAX", "AN", "VN", "NPI", "EI", "MA", "MC"})
_TYPES: Final = (_V2, "http://hl7.org/fhir/v2/0203")  # the second one is its name in STU3
# Social security and Medicare, by name and by OID; driver's licences are all under one OID.
_OTHER_SYSTEMS: Final = (
    *("http://hl7.org/fhir/sid/us-ssn", "http://hl7.org/fhir/sid/us-medicare", "http://hl7.org/fhir/sid/us-mbi"),
    *("urn:oid:2.16.840.1.113883.4.1", "urn:oid:2.16.840.1.113883.4.572", "urn:oid:2.16.840.1.113883.4.927"),
)
_LICENCES: Final = "urn:oid:2.16.840.1.113883.4.3."
_OTHER_TYPES: Final = frozenset(
    {
        *("ssn", "ss", "social security", "social security number", "dl", "driver s license", "drivers license"),
        *("driver s license number", "passport", "passport number", "member number", "member id", "subscriber id"),
        *("account number", "visit number", "tax id", "npi", "medicare number", "medicaid number"),
    }
)
_SHARED: Final = frozenset({"MB", "SB", "AN", "VN"})  # a family may share them
_USES: Final = ("official", "usual", "")
_NAME_WORDS: Final = ("given", "family", "suffix")


class IdentityError(ValueError):
    """Nobody can say whose chart a Patient is; the message says why and the remedy, never a number."""


def chart_number(resource: Resource, now: datetime, system: str = "") -> str:
    """A Patient's chart number: ours, else that of ``system``, else the one of type MR, else the only identifier.

    A Patient without any identifier is known by its id.

    Raises:
        IdentityError: it has several, or none that can be a chart number.
    """
    given = in_use(resource, now)
    ours = elements_with(given, "system", CHART_NUMBER)
    if ours:
        return _agreed_number(ours)
    if system:
        named = elements_with(given, "system", system)
        if not named:
            msg = "identifier: has none of the system that was given as that of chart numbers"
            raise IdentityError(msg)
        return _agreed_number(named)
    charts = [identifier for identifier in given if "MR" in _kinds(identifier)]
    usable = charts or [identifier for identifier in given if _may_be_chart(identifier)]
    if usable:
        return _agreed_number(usable)
    key = resource.get("id")
    if as_list(resource.get("identifier")) or not key:  # one without a value is hidden
        msg = "identifier: none of them is a chart number: give the system of chart numbers with --number-system"
        raise IdentityError(msg)
    return str(key)


def in_use(resource: Resource, now: datetime) -> list[Any]:
    """The identifiers that stand for somebody for good: not old ones, not those given for a time, none without value.

    One whose period is over is old, whatever its use says.
    """
    zone = ZoneInfo("UTC")
    return [
        identifier
        for identifier in as_list(resource.get("identifier"))
        if str(at(identifier, "value") or "").strip()
        and at(identifier, "use") not in ("old", "temp")
        and is_in_force(identifier, now, zone)
    ]


def identifiers(resource: Resource, now: datetime) -> Iterator[tuple[str, str]]:
    """(system, number in one spelling) of the identifiers that are one person's alone."""
    for identifier in in_use(resource, now):
        if not _kinds(identifier) & _SHARED:
            yield key_of(identifier)


def key_of(identifier: Any) -> tuple[str, str]:
    """(system, number in one spelling) of an identifier."""
    return str(at(identifier, "system") or ""), canonical(str(at(identifier, "value") or ""))


def _kinds(identifier: Any) -> set[str]:
    return {kind for system in _TYPES if (kind := code(at(identifier, "type"), system))}


def _may_be_chart(identifier: Any) -> bool:
    system = str(at(identifier, "system") or "")
    type_name = plain(text(at(identifier, "type")))
    return not (
        _kinds(identifier) & _OTHER_NUMBERS
        or system in _OTHER_SYSTEMS
        or system.startswith(_LICENCES)
        or type_name in _OTHER_TYPES
    )


def _agreed_number(identifiers: list[Any]) -> str:
    """The number that these identifiers agree on; the official or usual one where they do not."""
    preferred = [identifier for identifier in identifiers if at(identifier, "use") in ("official", "usual")]
    for chosen in (preferred, identifiers):
        values = [str(at(identifier, "value")).strip() for identifier in chosen]
        numbers = {canonical(value): value for value in values}
        if len(numbers) == 1:
            return next(iter(numbers.values()))
        if chosen:
            break
    msg = "identifier: has several chart numbers: give the system of those that count with --number-system"
    raise IdentityError(msg)


def name_of(resource: Resource, now: datetime, zone: ZoneInfo) -> str:
    """The name by which a person is registered: the official one, else the usual, else the first without a use, of
    those in force. Nicknames, former and invented names register nobody.
    """
    in_force = [name for name in as_list(resource.get("name")) if is_in_force(name, now, zone)]
    for use in _USES:
        for name in in_force:
            if (at(name, "use") or "") == use and (full_name := _full_name(name)):
                return full_name
    return ""


def is_in_force(part: Any, now: datetime, zone: ZoneInfo) -> bool:
    """Whether the period of a name, an identifier, a telephone number or an address has begun and is not over."""
    start, end = midnight(at(part, "period", "start"), zone), last_day(at(part, "period", "end"), zone)
    begun = not start or datetime.fromisoformat(start) <= now
    return begun and (end is None or end >= now.astimezone(zone).date())


def _full_name(name: Any) -> str:
    """The text, with the suffixes that it leaves out; else the parts."""
    whole = " ".join(text(name).split())
    parts = _NAME_WORDS if not whole else ("suffix",)
    present = {word.casefold().strip(".,") for word in whole.split()}
    more = (part for word in parts for part in _words(at(name, word)))
    return " ".join([whole, *(part for part in more if part.casefold().strip(".,") not in present)]).strip()


def _words(value: Any) -> Iterator[str]:
    for word in [value] if isinstance(value, str) else as_list(value):
        if isinstance(word, str) and word.strip():
            yield word.strip()
