"""Record a definition of the provider's: decide, then append to the stream of its own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from domain.commands import Command, Draft, Record
from domain.entries import Entry, set_aside
from domain.errors import ExpectedError
from domain.events import ProviderEvent
from domain.provider import decide_definition, label_of
from infra.commands.handle import answered_or
from infra.eventstore.author import Author
from infra.eventstore.event_ids import row_of
from infra.eventstore.keyring import of_provider
from infra.eventstore.log import Append, EventLog, NewEntry, Receipt, StaleSequenceError
from infra.eventstore.stream import read_stream
from infra.eventstore.unreadable import SetAsideBy, Unread


def define(
    log: EventLog,
    event: ProviderEvent,
    *,
    author: Author,
    now: datetime,
    since: datetime | None = None,
    key: str | None = None,
) -> Receipt:
    """Record a definition that holds from ``since`` on, or from ``now``; durable when this returns.

    A ``key`` that was used before answers as it did then.

    Raises:
        CommandRefusedError: what is unmet.
        IdempotencyKeyReusedError: the key was used for another request.
    """
    return amend(log, label_of(event), Record(event, since or now), author=author, now=now, key=key)


def amend(
    log: EventLog,
    label: str,
    command: Command,
    *,
    author: Author,
    now: datetime,
    expected: int | None = None,
    key: str | None = None,
) -> Receipt:
    """Record what a command comes to in the provider's stream of a label: a definition, a correction, a retraction.

    ``expected`` is the sequence that the caller saw.

    Raises:
        CommandRefusedError, IdempotencyKeyReusedError: as ``define``.
        StaleSequenceError: the stream is not at ``expected``.
    """
    stream = log.provider_id(label)
    content = [command.event.model_dump(mode="json"), command.occurred_at] if isinstance(command, Record) else command
    digest = log.fingerprint(label, type(command).__name__, content, author.actor)

    def attempt() -> list[Receipt]:
        recorded = stream_of(log, label)
        if expected is not None and expected != recorded.sequence:
            raise StaleSequenceError(stream, expected, recorded.sequence)
        draft = recorded.decide(command, now)
        append = Append(label, [NewEntry(draft, author)], recorded.sequence, provider=True)
        return log.append_all([append], key=key, digest=digest)

    return answered_or(log, attempt, key, digest)[0]


@dataclass(frozen=True, slots=True)
class Recorded:
    """All that is recorded in the provider's stream of a label, what amends it too; ``unread`` cannot be read here."""

    label: str
    entries: Sequence[Entry]
    unread: Sequence[Unread]

    @property
    def sequence(self) -> int:
        """That of the newest entry, whether or not it can be read; 0 where nothing is recorded."""
        return max((entry.sequence for entry in (*self.entries, *self.unread)), default=0)

    def decide(self, command: Command, now: datetime) -> Draft:
        """What a command comes to.

        Raises:
            CommandRefusedError: what is unmet.
        """
        unread = {entry.event_id: entry.type for entry in self.unread}
        return decide_definition(self.label, self.entries, command, now, unread)


def stream_of(log: EventLog, label: str, *, opened: bool = False) -> Recorded:
    """The entries of a label's stream in the order of recording; ``opened`` with what is sealed in them: reasons."""
    unread: list[Unread] = []
    entries = read_stream(log, log.provider_id(label), opened=opened, left=unread)
    aside = {event_id: SetAsideBy.of(decision) for event_id, decision in set_aside(entries).items()}
    return Recorded(label, entries, [replace(entry, aside=aside.get(entry.event_id)) for entry in unread])


class NoSuchDefinitionError(ExpectedError, LookupError, kind="not-found"):
    """None of the provider's entries has this id."""

    def __init__(self) -> None:
        """Say what to do."""
        super().__init__("no definition has this id: take it from the history of a site, program, group or person")


def label_at(log: EventLog, target: UUID) -> str:
    """The label of the stream that holds an entry of the provider's.

    Raises:
        NoSuchDefinitionError: there is none, or it is a client's.
    """
    row = row_of(log.recorder, target.hex)
    label = log.reference(row.client_id) if row and of_provider(row.client_id) else None
    if label is None:
        raise NoSuchDefinitionError
    return label
