"""Set an entry aside that cannot be read, or take it up again: by its id alone, on the chart where it counts.

Of a chart that was taken over, the survivor decides; a copy of the decision stands in each stream from the entry's own
to the survivor's, so that each is folded anew, and the decision stays with the entry should the merge be undone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from domain.commands import Draft, SetAside, TakeUp
from domain.decisions import decide
from domain.entries import set_aside
from domain.journey import journey_of
from infra.access_log.context import HasPeople
from infra.commands.handle import answered_or, load
from infra.disclosure.record_guard import reach
from infra.eventstore.client_chart import NoSuchChartError, OpenedChart
from infra.eventstore.event_ids import row_of
from infra.eventstore.keyring import of_provider
from infra.eventstore.log import Append, Author, EventLog, NewEntry, Receipt
from infra.eventstore.merge import repeated_id
from infra.eventstore.stream import read_stream
from infra.eventstore.unreadable import SetAsideBy, Unread, described
from infra.identity.people import Principal
from infra.integrity.proofs import NoSuchEntryError
from infra.provider.define import amend, stream_of


@dataclass(frozen=True, slots=True)
class Standing:
    """An entry by its id, and where it counts: from its own stream to that of the chart that goes on, by number.

    One of the provider's own counts in its stream, whose label stands in place of the number.
    """

    entry: Unread
    streams: Sequence[str]
    references: Sequence[str]

    @property
    def is_definition(self) -> bool:
        """Whether it is one of the provider's own entries."""
        return of_provider(self.entry.client_id)


def standing(log: EventLog, event_id: UUID) -> Standing:
    """Where an entry stands, whether or not it can be read.

    Raises:
        NoSuchEntryError: no entry has this id.
        NoSuchChartError: its chart has no number here.
    """
    row = row_of(log.recorder, event_id.hex)
    if row is None:
        raise NoSuchEntryError("no entry has this id")
    streams = [row.client_id]
    while (into := journey_of(read_stream(log, streams[-1])).closed_into) is not None and into not in streams:
        streams.append(into)
    numbers = log.references(streams)
    if len(numbers) < len(streams):
        raise NoSuchChartError
    return Standing(described(row, ""), streams, [numbers[client_id] for client_id in streams])


@dataclass(frozen=True, slots=True)
class Judged:
    """An entry that somebody may have to decide about: why it cannot be read (empty: it can), and who set it aside."""

    standing: Standing
    reason: str
    aside: SetAsideBy | None


def judged(log: EventLog, event_id: UUID) -> Judged:
    """What stands of an entry, and what was decided about it; nothing of what it says.

    Raises:
        NoSuchEntryError, NoSuchChartError: as ``standing``.
    """
    target = standing(log, event_id)
    left: list[Unread] = []
    read_stream(log, target.entry.client_id, left=left)
    reason = next((left_over.reason for left_over in left if left_over.position == target.entry.position), "")
    decision = set_aside(read_stream(log, target.streams[-1], opened=True)).get(event_id.hex)
    return Judged(target, reason, SetAsideBy.of(decision) if decision else None)


def check_aside(log: EventLog, command: SetAside | TakeUp, *, role: str, now: datetime) -> None:
    """Decide without recording, for whoever asks once more before.

    Raises:
        Exception: as ``record_aside``.
    """
    target = standing(log, command.target)
    if target.is_definition:
        stream_of(log, target.references[0]).decide(command, now)
    else:
        _decided(log, target, command, now, role)


def record_aside(
    log: EventLog, command: SetAside | TakeUp, *, author: Author, now: datetime, key: str | None = None
) -> Receipt:
    """Record the decision about an entry; the receipt is that of the chart that goes on, or of the provider's stream.

    Raises:
        NoSuchEntryError, NoSuchChartError: as ``standing``.
        CommandRefusedError: the entry can be read, is none that may be set aside, or is not set aside.
        IdempotencyKeyReusedError: the key was used for another request.
    """
    definition = standing(log, command.target)
    if definition.is_definition:
        return amend(log, definition.references[0], command, author=author, now=now, key=key)

    def attempt() -> list[Receipt]:
        target = standing(log, command.target)
        *taken, reference = target.references
        chart, draft = _decided(log, target, command, now, author.role)
        decision = NewEntry(draft, author)
        appends = [Append(reference, [decision], chart.sequence)]
        for client_id, number in zip(target.streams, taken, strict=False):
            appends.append(Append(number, [NewEntry(draft, author, repeated_id(decision.event_id, client_id))]))
        return log.append_all(appends, key=key, digest=digest)

    digest = log.fingerprint(type(command).__name__, command, author.actor)
    return answered_or(log, attempt, key, digest)[0]


def _decided(
    log: EventLog, target: Standing, command: SetAside | TakeUp, now: datetime, role: str
) -> tuple[OpenedChart, Draft]:
    """The chart that goes on, and the entry that the command comes to on it."""
    chart = load(log, target.references[-1])
    [draft] = decide(chart.history, command, now, role)
    return chart, draft


def decide_aside(
    services: HasPeople,
    who: Principal,
    command: SetAside | TakeUp,
    *,
    author: Author,
    request: str = "",
    key: str | None = None,
) -> Receipt:
    """The same for somebody who asks for it: that they looked at the chart, if it is one, is on record first.

    Raises:
        ChartErasedError: the chart was erased.
        Exception: as ``record_aside``.
    """
    target = standing(services.log, command.target)
    if not target.is_definition:
        broken = reach(services, who, target.streams[-1], request)
        services.people.log.read(who, list(target.streams), broken=broken, request=request)
    return record_aside(services.log, command, author=author, now=services.now(), key=key)
