"""Record a definition of the provider's: decide, then append to the stream of its own."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from domain.commands import Command, Record
from domain.errors import ExpectedError
from domain.events import ProviderEvent
from domain.provider import decide_definition, label_of
from infra.commands.handle import answered_or
from infra.eventstore.author import Author
from infra.eventstore.event_ids import row_of
from infra.eventstore.keyring import of_provider
from infra.eventstore.log import Append, EventLog, NewEntry, Receipt, StaleSequenceError
from infra.eventstore.stream import read_stream
from infra.eventstore.unreadable import Unread


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
        unread: list[Unread] = []
        entries = read_stream(log, stream, left=unread)
        sequence = max((entry.sequence for entry in (*entries, *unread)), default=0)
        if expected is not None and expected != sequence:
            raise StaleSequenceError(stream, expected, sequence)
        draft = decide_definition(label, entries, command, now)
        append = Append(label, [NewEntry(draft, author)], sequence, provider=True)
        return log.append_all([append], key=key, digest=digest)

    return answered_or(log, attempt, key, digest)[0]


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
