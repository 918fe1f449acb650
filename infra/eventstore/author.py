"""The author of entries, as their envelope names one."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from domain.entries import Meta
from domain.people import Person


@dataclass(frozen=True, slots=True)
class Author:
    """Who records, in which role, through which system, at which site, in which request.

    ``actor`` is a name to read; ``issuer`` and ``subject`` say who it is.
    """

    actor: str = ""
    role: str = ""
    source: str = "carejourney"
    site: str = ""
    correlation_id: UUID | None = None
    causation_id: UUID | None = None
    issuer: str = ""
    subject: str = ""

    @property
    def person(self) -> Person:
        """Who it is."""
        return Person(self.actor, self.issuer, self.subject)

    def meta(self) -> Meta:
        """The envelope's part of it; what is empty is left out."""
        given = {
            "w": self.actor,
            "u": self.issuer,
            "y": self.subject,
            "o": self.role,
            "s": self.source,
            "f": self.site,
            "c": self.correlation_id.hex if self.correlation_id else "",
            "k": self.causation_id.hex if self.causation_id else "",
        }
        return {key: value for key, value in given.items() if value}  # type: ignore[return-value]
