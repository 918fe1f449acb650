"""People: the issuer of a sign-in and its name for the person (OpenID Connect Core 2, ``iss`` and ``sub``).

The name beside it is for people to read: it may change, and two people may share it.
"""

from __future__ import annotations

from hashlib import blake2b
from typing import NamedTuple

from domain.entries import Envelope, Meta

DEMO = "urn:carejourney:demo"  # who signs in to a demo
OPERATOR = "urn:carejourney:operator"  # who runs a local command: the operating system's user


class Person(NamedTuple):
    """Somebody as an entry names them. What was recorded before people were told apart has a name alone."""

    name: str
    issuer: str = ""
    subject: str = ""

    @property
    def is_identified(self) -> bool:
        """Whether issuer and subject are known."""
        return bool(self.issuer and self.subject)

    @property
    def key(self) -> str:
        """What stands for this person and for nobody else, 32 hex digits; of a name alone, for whoever has it."""
        identity = f"{len(self.issuer)}:{self.issuer}{self.subject}" if self.is_identified else f"named:{self.name}"
        return blake2b(identity.encode(), digest_size=16, person=b"person").hexdigest()


def person_of(meta: Meta) -> Person:
    """Who recorded an entry."""
    entry = Envelope(meta)
    return Person(entry.actor, entry.issuer, entry.subject)


def may_be_same(person: Person, other: Person) -> bool:
    """Whether two may be one person, for rules that need two people: what is not known counts against it.

    One issuer tells its people apart. Of two issuers, and where there is a name alone, the names decide, whatever
    their case and spaces.
    """
    if person.is_identified and other.is_identified and person.issuer == other.issuer:
        return person.subject == other.subject
    return _plain(person.name) == _plain(other.name)


def _plain(name: str) -> str:
    return " ".join(name.casefold().split())
