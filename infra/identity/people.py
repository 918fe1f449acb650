"""Who is asking: a name for the record, one role, the sites, and what the request is for."""

from __future__ import annotations

import os
import pwd
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast
from uuid import UUID

from domain.people import DEMO, OPERATOR, Person
from domain.phrases import Phrase
from domain.vocabulary import Role
from infra.eventstore.log import Author

ROLES: tuple[Role, ...] = ("intake", "clinician", "auditor", "analyst", "reporting", "admin")
EVERY_SITE = "*"
LONGEST_IDENTIFIER = 255  # of a subject (OpenID Connect Core 2), and enough for an issuer
# Those who are bound to their sites; an auditor sees every history, the others see no client.
SITE_BOUND: frozenset[Role] = frozenset({"intake", "clinician"})

PURPOSES: dict[str, str] = {
    "treatment": "Care of this client",
    "payment": "Coverage, authorisation, billing",
    "operations": "Running the programme: quality, supervision, planning",
    "audit": "Review of records and of access to them",
    "patient_request": "The client asked for it",
    "emergency": "A medical emergency (42 CFR 2.51)",
}
_USUAL: dict[Role, str] = {"intake": "treatment", "clinician": "treatment", "auditor": "audit"}


class ClaimsError(ValueError):
    """The provider's claims make nobody of this app; the message names the claim, not the person."""


@dataclass(frozen=True, slots=True)
class Principal:
    """Who is asking, and in which request. ``sites`` are the facilities they work at; ``None`` is every one.

    Who they are is said by ``issuer`` and ``subject``; ``name`` is for people to read, and may change or be another's.
    ``doing`` is the route or command, never an address with a chart number in it.
    """

    name: str
    role: Role
    sites: frozenset[str] | None = None
    via: str = "api"
    doing: str = ""
    purpose: str = ""
    session: str = ""
    issuer: str = ""
    subject: str = ""

    def author(self, site: str, request_id: str) -> Author:
        """As the author of entries recorded by one request."""
        site, request = site or self.only_site, UUID(request_id)
        return Author(self.name, self.role, self.via, site, request, None, self.issuer, self.subject)

    @property
    def person(self) -> Person:
        """Who it is, whatever they do and wherever they signed in."""
        return Person(self.name, self.issuer, self.subject)

    @property
    def only_site(self) -> str:
        """The site of whoever works at exactly one."""
        return next(iter(self.sites)) if self.sites is not None and len(self.sites) == 1 else ""

    def at(self, site: str) -> bool:
        """Whether they work at a site; a chart without one is nobody's who is bound to sites."""
        return self.bound_to is None or site in self.bound_to

    @property
    def bound_to(self) -> frozenset[str] | None:
        """The sites whose clients alone they see; ``None`` is every client, of no site too."""
        return self.sites if self.role in SITE_BOUND else None

    @property
    def why(self) -> str:
        """The purpose of the access: as said, or what the role usually reads for."""
        return self.purpose or _USUAL.get(self.role, "operations")


def operator(doing: str) -> Principal:
    """Whoever runs a local command: the operating system's user, as the operator of the database."""
    user = system_user()
    return Principal(user, "system", via="command-line", doing=doing, issuer=OPERATOR, subject=user)


def in_demo(role: Role) -> Principal:
    """Whoever signs in to a demo in a role."""
    name = f"demo-{role}"
    return Principal(name, role, issuer=DEMO, subject=name)


def principal_of(
    claims: Mapping[str, Any], *, role_claim: str, sites_claim: str, name_claim: str, names: Mapping[str, str]
) -> Principal:
    """The person that a provider's claims describe. ``names`` translates its names of roles into ours.

    One person has one role here: whoever needs two has two accounts, so that no auditor writes.

    Raises:
        ClaimsError: no issuer, subject or name, no role of this app, or more than one.
    """
    given = {names.get(role, role) for role in _texts(_claim(claims, role_claim))}
    roles: list[Role] = [role for role in ROLES if role in given]
    if len(roles) != 1:
        claimed = {"claim": repr(role_claim), "roles": ", ".join(ROLES)}
        msg = Phrase("the claim {claim} names no role of this app: exactly one of {roles} is needed", **claimed)
        if roles:
            msg = Phrase(
                "the claim {claim} names more than one role of this app: exactly one of {roles} is needed", **claimed
            )
        raise ClaimsError(msg)
    name = _claim(claims, name_claim) or claims.get("sub")
    if not isinstance(name, str) or not 0 < len(name) <= 200 or not name.isprintable():
        msg = Phrase("the claim {claim} is no name of up to 200 printable characters", claim=repr(name_claim))
        raise ClaimsError(msg)
    sites = frozenset(_texts(_claim(claims, sites_claim)))
    issuer, subject = (_identifier(claims, claim) for claim in ("iss", "sub"))
    return Principal(name, roles[0], None if EVERY_SITE in sites else sites, issuer=issuer, subject=subject)


def _identifier(claims: Mapping[str, Any], claim: str) -> str:
    """A claim that says who somebody is (OpenID Connect Core 2: ``iss`` and ``sub``)."""
    value = claims.get(claim)
    if not isinstance(value, str) or not 0 < len(value) <= LONGEST_IDENTIFIER or not value.isprintable():
        msg = Phrase(
            "the claim {claim} is needed: up to {most} printable characters that say who this is",
            claim=repr(claim),
            most=LONGEST_IDENTIFIER,
        )
        raise ClaimsError(msg)
    return value


def system_user() -> str:
    """Who runs this process by the system's own word; variables of the environment can say anything."""
    try:
        return f"os:{pwd.getpwuid(os.getuid()).pw_name}"
    except KeyError:  # a container's user may have no name
        return f"os:{os.getuid()}"


def _claim(claims: Mapping[str, Any], path: str) -> Any:
    """A claim by its name, or by a path of names with dots between them."""
    if path in claims:
        return claims[path]
    value: Any = claims
    for name in path.split("."):
        value = cast("Mapping[str, Any]", value).get(name) if isinstance(value, Mapping) else None
    return value


def _texts(value: Any) -> list[str]:
    """A claim of several values: a list, or a text with spaces or commas between them."""
    if isinstance(value, str):
        return value.replace(",", " ").split()
    items = cast("list[Any]", value) if isinstance(value, list) else []
    return [item for item in items if isinstance(item, str)]
