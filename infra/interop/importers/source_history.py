"""A source's entries in a chart, version by version, and what was changed of them here since."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from domain.entries import Entry, effective
from domain.events import ClientDetailsUpdated, ClientRegistered, ConsentGiven, ConsentRevoked, Event
from domain.numbers import canonical
from infra.interop.importers.items import Line, entry_id
from infra.interop.importers.versions import is_older

DETAILS = ("name", "birth_date", "sex", "phone", "email", "address", "emergency_contact")


@dataclass(frozen=True, slots=True)
class VersionContent:
    """What a version of an entry says: when (µs UTC) and what."""

    at: int
    event: Event


class SourceHistory:
    """One client's recorded entries, opened, and which of their versions came from a source."""

    def __init__(self, entries: Sequence[Entry]) -> None:
        self._entries = entries
        self._by_id = {entry.event_id: entry for entry in entries}
        self.effective = {entry.event_id: entry for entry in effective(entries)}

    def counts(self, target: str) -> bool:
        """Whether the entry was not retracted."""
        return target in self.effective

    def was_withdrawn(self, target: str) -> bool:
        """Whether the source marked the entry as entered in error, and that still counts."""
        return retraction_id(target) in self._by_id and not self.counts(target)

    def versions(self, target: str) -> list[VersionContent]:
        """The versions of an entry that the source sent, oldest first."""
        first = self._by_id[target]
        versions = [VersionContent(first.at, first.event)]
        for correction in self._corrections(target):
            [now] = effective([first, correction])
            versions.append(VersionContent(now.at, now.event))
        return versions

    def _corrections(self, target: str) -> Iterator[Entry]:
        yield from self._numbered(correction_id, target)

    def says(self, target: str, statement: VersionContent) -> bool:
        """Whether the source's newest version of an entry, or of the person's details, equals this statement."""
        if self.is_of_person(target):
            return _said_details(statement.event).items() <= self.told_by_source(target)[-1].items()
        return statement == self.versions(target)[-1]

    def is_untouched(self, target: str) -> bool:
        """Whether nobody here has corrected it since the source last spoke."""
        by = self.effective[target].amended_by
        last = [None, *(entry.event_id for entry in self._corrections(target))][-1]
        return (by.event_id if by else None) == last

    def was_taken_back(self, target: str) -> bool:
        """Whether it is a consent that was revoked because its source gave it no more."""
        return revocation_id(target) in self._by_id

    def is_of_older(self, version: str, target: str) -> bool:
        """Whether a version of a source's item is older than one that something of ``target`` was recorded of."""
        return any(is_older(version, recorded) for recorded in self._source_versions(target))

    def is_of(self, version: str, target: str) -> bool:
        """Whether something of ``target`` was recorded of this version of a source's item."""
        return version in self._source_versions(target)

    def is_of_newer(self, version: str, target: str) -> bool:
        """Whether a version of a source's item is newer than all that something of ``target`` was recorded of."""
        return all(is_older(recorded, version) for recorded in self._source_versions(target))

    def _source_versions(self, target: str) -> list[str]:
        amendments = [*self._corrections(target), *self._updates(target)]
        others = (self._by_id.get(event_id) for event_id in (target, retraction_id(target), revocation_id(target)))
        return [entry.source_version for entry in (*amendments, *others) if entry is not None]

    def revocation(self, client: str, target: str, now: str, version: str) -> Line | None:
        """The line that revokes a consent; None where it is revoked."""
        given = self.effective[target]
        assert isinstance(given.event, ConsentGiven)
        consent_id = given.event.consent_id
        is_revoked = self.was_taken_back(target) or any(
            isinstance(entry.event, ConsentRevoked) and entry.event.consent_id == consent_id and entry.at >= given.at
            for entry in self.effective.values()
        )
        envelope = {"client": client, "source": "import", "source_version": version}
        return (
            None
            if is_revoked
            else amending(
                envelope, target, ConsentRevoked.__name__, now, {"consent_id": consent_id}, revocation_id(target)
            )
        )

    def is_of_person(self, target: str) -> bool:
        """Whether the entry is a registration or an update of details."""
        return isinstance(self._by_id[target].event, ClientRegistered | ClientDetailsUpdated)

    def told_by_source(self, target: str) -> list[dict[str, Any]]:
        """The details as the source sent them, oldest first."""
        versions = [_said_details(self._by_id[target].event)]
        for entry in self._updates(target):
            versions.append(versions[-1] | _said_details(entry.event))
        return versions

    def _updates(self, target: str) -> Iterator[Entry]:
        yield from self._numbered(update_id, target)

    def _numbered(self, id_of: Callable[[str, int], str], target: str) -> Iterator[Entry]:
        number = 1
        while (entry := self._by_id.get(id_of(target, number))) is not None:
            yield entry
            number += 1

    def details(self) -> dict[str, Any]:
        """The details in force."""
        details: dict[str, Any] = {}
        for entry in self.effective.values():
            if isinstance(entry.event, ClientRegistered | ClientDetailsUpdated):
                details |= _said_details(entry.event)
        return details


def _said_details(event: Event) -> dict[str, Any]:
    return {name: value for name in DETAILS if (value := getattr(event, name, None)) is not None}


def moved_id(line: Line) -> str:
    """The id of an entry on the chart to which its source moved it."""
    return entry_id("moved", line["event_id"], canonical(line["client"]))


def correction_id(target: str, number: int) -> str:
    """The id of the correction by which a source changed an entry for the ``number``-th time."""
    return entry_id("correction", target, number)


def retraction_id(target: str) -> str:
    """The id of the retraction by which a source took an entry back."""
    return entry_id("retraction", target)


def revocation_id(target: str) -> str:
    """The id of the revocation of a consent that its source gave no more."""
    return entry_id("revocation", target)


def update_id(target: str, number: int) -> str:
    """The id of the update by which a source changed a registration's details for the ``number``-th time."""
    return entry_id("update", target, number)


def amending(line: Line, target: str, kind: str, now: str, data: dict[str, Any], event_id: str) -> Line:
    """A line that amends the entry ``target`` by what ``line`` says, by the same author, through the same system."""
    names = ("client", "source", "source_version", "site", "actor", "issuer", "subject", "role")
    envelope = {name: line[name] for name in names if name in line}
    return {**envelope, "type": kind, "occurred_at": now, "event_id": event_id, "causation_id": target, "data": data}
