"""Ask for an erasure, withdraw the request, confirm it: never one and the same person, and within a time limit.

Request and erasure are entries of the chart, so they stand under the same seal as everything else. The entry, the
end of the key and the note of the erasure are one transaction: an erasure happened whole or not at all.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from domain.commands import Command, Draft, Record, Retract
from domain.decisions import decide
from domain.entries import Entry, effective, microseconds
from domain.events import ClientErased, ErasureRequested
from domain.people import Person, may_be_same, person_of
from domain.phrases import Phrase
from domain.refusals import CommandRefusedError, Refusal
from domain.vocabulary import ErasureGround
from infra.commands.handle import answered_or
from infra.eventstore.causes import caused_by
from infra.eventstore.client_chart import OpenedChart, open_chart
from infra.eventstore.keyring import id_bytes
from infra.eventstore.log import Append, Author, EventLog, NewEntry, Receipt
from infra.eventstore.rows import Writing
from infra.eventstore.stream import read_stream

_COLUMNS = "client_id, request_id, requested_by, requested_at, expires_at, ground"
_WAITING = "SELECT client_id, request_id FROM erasure WHERE state='requested'"


@dataclass(frozen=True, slots=True)
class ErasureRequest:
    """A request that waits for its confirmation: ``person`` asked, ``requested_by`` by name."""

    client_id: str
    request_id: str
    requested_by: str
    requested_at: datetime
    expires_at: datetime
    ground: ErasureGround
    person: Person


def request(
    log: EventLog,
    reference: str,
    *,
    author: Author,
    ground: ErasureGround,
    basis: str | None,
    now: datetime,
    hours: int,
) -> Receipt:
    """Ask that a chart be erased; somebody else has ``hours`` to confirm it.

    Raises:
        CommandRefusedError: it is asked for already, or the chart is erased or merged into another.
        NoSuchChartError: nothing is recorded under the number.
    """
    expires = now + timedelta(hours=hours)
    event = ErasureRequested(requested_by=author.actor, ground=ground, expires_at=expires, basis=basis)

    def attempt() -> list[Receipt]:
        chart = open_chart(log, reference)
        waiting = waiting_for(log, chart, now)
        if waiting is not None:
            until = waiting.expires_at.isoformat()
            text = Phrase("asked for by {who}, until {until}", who=waiting.requested_by, until=until)
            raise CommandRefusedError([Refusal("no_request_waits", text, Phrase("Confirm it, or withdraw it first."))])
        entry = NewEntry(_decided(chart, Record(event, now), now, author), author)
        row = (
            id_bytes(chart.client_id),
            entry.event_id,
            author.actor,
            microseconds(now),
            microseconds(expires),
            ground,
        )

        def note(tx: Writing) -> None:
            tx.many("DELETE FROM erasure WHERE client_id=?", [row[:1]])
            tx.many(
                "INSERT INTO erasure (client_id, request_id, requested_by, requested_at, expires_at, ground, "
                "state, confirmed_by, erased_at, scrubbed) VALUES (?,?,?,?,?,?,'requested','',0,0)",
                [row],
            )

        return log.append_all([Append(reference, [entry], chart.sequence)], also=note)

    return answered_or(log, attempt, None, "")[0]


def withdraw(log: EventLog, reference: str, *, author: Author, reason: str, now: datetime) -> Receipt:
    """Take a request back.

    Raises:
        CommandRefusedError: none waits.
        NoSuchChartError: nothing is recorded under the number.
    """

    def attempt() -> list[Receipt]:
        chart = open_chart(log, reference)
        waiting = _needed(log, chart, now)
        target = UUID(hex=waiting.request_id)
        draft = _decided(chart, Retract(target, reason), now, author)
        clients = [(id_bytes(chart.client_id),)]
        return log.append_all(
            [Append(reference, [NewEntry(draft, caused_by(author, target))], chart.sequence)],
            also=lambda tx: tx.many("DELETE FROM erasure WHERE client_id=? AND state='requested'", clients),
        )

    return answered_or(log, attempt, None, "")[0]


def confirm(log: EventLog, reference: str, *, author: Author, now: datetime) -> list[Receipt]:
    """Erase the chart that somebody else asked to erase, with every chart that was merged into it.

    The keys are gone when this returns; ``infra.privacy.erasure.completion`` then clears what is left of them in files.

    Raises:
        CommandRefusedError: no request waits, or it is this person's own.
        NoSuchChartError: nothing is recorded under the number.
    """

    def attempt() -> list[Receipt]:
        chart = open_chart(log, reference)
        waiting = _needed(log, chart, now)
        if may_be_same(waiting.person, author.person):
            refusal = Refusal(
                "two_people", Phrase("you asked for it yourself"), Phrase("Let somebody else confirm it.")
            )
            raise CommandRefusedError([refusal])
        event = ClientErased(
            requested_by=waiting.requested_by,
            confirmed_by=author.actor,
            ground=waiting.ground,
            request=UUID(hex=waiting.request_id),
        )
        draft, asked_for = _decided(chart, Record(event, now), now, author), caused_by(author, waiting.request_id)
        merged = _merged(log, chart)
        appends = [Append(reference, [NewEntry(draft, asked_for)], chart.sequence)]
        appends += [Append(number, [NewEntry(Draft(event, now), asked_for)]) for number in merged.values()]
        ids = [chart.client_id, *merged]
        return log.append_all(appends, also=lambda tx: destroy(tx, ids, waiting, author.actor, now))

    receipts = answered_or(log, attempt, None, "")
    for receipt in receipts:
        log.keyring.forget(receipt.client_id)
    return receipts


def waiting_requests(log: EventLog, now: datetime) -> list[ErasureRequest]:
    """Every request that can still be confirmed, oldest first."""
    return [request for request in open_requests(log) if request.expires_at > now]


def open_requests(log: EventLog) -> list[ErasureRequest]:
    """Every request that was neither confirmed nor withdrawn, oldest first: those too whose time ran out."""
    rows = log.recorder.query(f"{_WAITING} ORDER BY requested_at")
    streams = {client_id: read_stream(log, client_id) for client_id in (bytes(row[0]).hex() for row in rows)}
    return list(_asked(log, rows, streams))


def waiting_for(log: EventLog, chart: OpenedChart, now: datetime) -> ErasureRequest | None:
    """The request that waits for this chart, unless it ran out or was retracted."""
    rows = log.recorder.query(f"{_WAITING} AND client_id=?", (id_bytes(chart.client_id),))
    return next(
        (request for request in _asked(log, rows, {chart.client_id: chart.entries}) if request.expires_at > now), None
    )


def destroy(tx: Writing, client_ids: Sequence[str], request: ErasureRequest, confirmed_by: str, now: datetime) -> None:
    """Remove the keys and chart numbers of streams, and note that they were erased; within one transaction."""
    ids = [(id_bytes(client_id),) for client_id in client_ids]
    tx.many("DELETE FROM chart WHERE client_id=?", ids)
    tx.many("DELETE FROM erasure WHERE client_id=?", ids)
    asked_at, expires = microseconds(request.requested_at), microseconds(request.expires_at)
    done = microseconds(now)
    rows = [
        (*key, request.request_id, request.requested_by, asked_at, expires, request.ground, confirmed_by, done)
        for key in ids
    ]
    tx.many(
        f"INSERT INTO erasure ({_COLUMNS}, confirmed_by, erased_at, state, scrubbed) "
        "VALUES (?,?,?,?,?,?,?,?,'erased',0)",
        rows,
    )


def _decided(chart: OpenedChart, command: Command, now: datetime, author: Author) -> Draft:
    return decide(chart.history, command, now, author.role)[0]


def _needed(log: EventLog, chart: OpenedChart, now: datetime) -> ErasureRequest:
    waiting = waiting_for(log, chart, now)
    if waiting is not None:
        return waiting
    if log.erased([chart.client_id]):
        refusal = Refusal("chart_not_erased", Phrase("this chart was erased"), Phrase("Nothing is left to do."))
    else:
        refusal = Refusal(
            "request_waits", Phrase("no request waits, or its time ran out"), Phrase("Ask for the erasure first.")
        )
    raise CommandRefusedError([refusal])


def _merged(log: EventLog, chart: OpenedChart) -> dict[str, str]:
    """The charts whose history this one took over, with their numbers."""
    others = sorted({entry.client_id for entry in chart.entries} - {chart.client_id})
    return {client_id: number for client_id, number in log.references(others).items() if not log.erased([client_id])}


def _asked(
    log: EventLog, rows: Sequence[Sequence[Any]], charts: Mapping[str, Sequence[Entry]]
) -> Iterator[ErasureRequest]:
    """The requests that the table names and that nobody took back, as their own entries say them.

    The table says only which entries were asked here; one that is not in the chart as it was recorded counts nothing.
    """
    for client_id, request_id in ((bytes(raw).hex(), request_id) for raw, request_id in rows):
        for entry in effective(charts[client_id]):
            event = entry.event
            if entry.event_id != request_id or entry.client_id != client_id or entry.amended_by is not None:
                continue
            if isinstance(event, ErasureRequested) and log.is_as_recorded(entry):
                by, at, who = event.requested_by, entry.occurred_at, person_of(entry.meta)
                yield ErasureRequest(client_id, request_id, by, at, event.expires_at, event.ground, who)
