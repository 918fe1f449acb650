"""Write a batch of prepared lines in one transaction: duplicates skipped, sequences and keys given."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

import orjson

from domain.entries import as_uuid, microseconds
from domain.events import ChartClosed, ChartsMerged, EntryRetracted, MergedChartContinued, NotSamePerson
from domain.journey import journey_of
from infra.eventstore import streams
from infra.eventstore.erased import refuse_erased
from infra.eventstore.event_ids import add_ids, known_positions
from infra.eventstore.keyring import Cipher, id_bytes, of_provider
from infra.eventstore.log import EventLog
from infra.eventstore.mapper import opened, plain, seal
from infra.eventstore.merge import closing, closing_id, continuing_id, linked
from infra.eventstore.recorded_ids import Taken
from infra.eventstore.rows import Writing
from infra.eventstore.stream import read_stream
from infra.interop.importers.events.known import known_lines, refusal
from infra.interop.importers.events.lines import Prepared
from infra.interop.importers.events.merged_charts import Followers, ToRecord
from infra.interop.importers.events.origin import KEPT_HERE, Origin
from infra.interop.importers.events.second_registration import ANOTHER_BIRTH_DATE, other_people
from infra.runtime.collector import collector_paused


@dataclass(frozen=True, slots=True)
class Written:
    """What a batch came to: new entries by type, how many of them were derived from others (a merge closes the
    other chart), lines that say again what is recorded, and lines whose id stands for another entry, which were
    refused, as are registrations of somebody else's chart: each with the reason; ``followed``: the new lines that came
    under merged streams.
    """

    by_type: Counter[str]
    derived: int
    known: int
    refused: tuple[tuple[Prepared, str], ...] = ()
    followed: int = 0


def write_batch(log: EventLog, lines: Sequence[Prepared], origin: Origin | None = None) -> Written:
    """Record the lines that are not recorded yet; durable when this returns. Without ``origin``: a batch of its own.

    Where the origin is a trial nothing is: the transaction is taken back.
    """
    origin = origin or Origin()
    try:
        return log.recorder.retrying(lambda: _write_batch(log, lines, origin))
    except _TriedError as tried:
        return tried.written


class _TriedError(Exception):
    """A trial has seen what it would write: the transaction ends without it."""

    def __init__(self, written: Written) -> None:
        super().__init__()
        self.written = written


def _write_batch(log: EventLog, lines: Sequence[Prepared], origin: Origin) -> Written:
    with collector_paused(), log.recorder.writing() as tx:
        recorded = known_positions(tx, [line.event_id for line in lines])
        known = known_lines(log, tx, lines, recorded)
        given = [line for place, line in enumerate(lines) if place not in known]
        fresh, entries, last = _allowed(log, tx, given, origin)
        there = () if origin.trial is None else _there(log, tx, lines)
        clients = {entry.client_id: entry.reference for entry in reversed(entries)}  # the spelling that came first
        others = other_people(log, [(entry.client_id, entry.event_id, entry.state) for entry in entries], last)
        entries = [entry for entry in entries if entry.event_id not in others]
        ciphers = _ciphers(log, tx, clients)
        now = microseconds(log.clock())
        live, kept = (orjson.dumps(origin.stamp(knowledge_time, now)) for knowledge_time in (None, now))
        rows: list[tuple[str, int, str, bytes]] = []
        for client_id, _, event_id, state, known_since in entries:
            sequence = last[client_id] = last.get(client_id, 0) + 1
            moment, stamp = (now, live) if known_since is None else (known_since, kept)
            rows.append((client_id, sequence, state.topic, seal(state, event_id, moment, ciphers[client_id], stamp)))
        if rows:
            positions = tx.insert(rows)
            add_ids(tx, [(entry.event_id, position) for entry, position in zip(entries, positions, strict=True)])
        if origin.trial is not None:
            begun = {row[0] for row in rows if row[1] == 1 and not of_provider(row[0])}
            origin.trial.saw(entries, begun, there)
            raise _TriedError(_came_to(lines, given, fresh, entries, known, others))
    origin.wrote([*{entry.client_id: None for entry in entries if entry.recorded is not None}], last)
    return _came_to(lines, given, fresh, entries, known, others)


def _there(log: EventLog, tx: Writing, lines: Sequence[Prepared]) -> Collection[str]:
    """The streams of lines that have entries already."""
    return tx.last([*{log.client_id(line.reference) for line in lines if not line.provider}])


def _came_to(
    lines: Sequence[Prepared],
    given: Sequence[Prepared],
    fresh: Sequence[Prepared],
    entries: Sequence[ToRecord],
    known: Mapping[int, tuple[Prepared, Taken]],
    others: Collection[str],
) -> Written:
    """The account of a batch: of its ``lines``, those not known (``given``), of them those allowed (``fresh``)."""
    by_type: Counter[str] = Counter()
    for topic, number in Counter(entry.state.topic for entry in entries).items():
        by_type[topic.partition(".")[0]] += number
    derived = len(entries) + len(others) - len(fresh)  # what lines say themselves is there, but for others' lines
    late = {line.event_id for line in given} - {line.event_id for line in fresh} if len(fresh) < len(given) else ()
    refused = (
        *_refused(known, given),
        *((line, KEPT_HERE) for line in given if line.event_id in late),
        *((line, ANOTHER_BIRTH_DATE) for line in fresh if line.event_id in others),
    )
    known_again = len(lines) - len(entries) + derived - len(refused)
    return Written(by_type, derived, known_again, refused, _followed(entries, fresh) if derived else 0)


def _allowed(
    log: EventLog, tx: Writing, lines: Sequence[Prepared], origin: Origin
) -> tuple[Sequence[Prepared], list[ToRecord], dict[str, int]]:
    """The lines without those that would be known in the past on a chart that is kept here, what they come to, and the
    last sequence of each stream.
    """
    entries = _unique(tx, lines, list(_entries(log, tx, lines)))
    last = tx.last(list(dict.fromkeys(entry.client_id for entry in entries)))
    kept = list(dict.fromkeys(entry.client_id for entry in entries if entry.recorded is not None))
    here = origin.kept_here(log, kept, last)
    if not here:
        return lines, entries, last
    line_ids = {line.event_id for line in lines}
    late: set[str] = set()
    line = ""
    for entry in entries:
        line = entry.event_id if entry.event_id in line_ids else line  # what is derived from a line follows it
        if entry.recorded is not None and entry.client_id in here:
            late.add(line)
    return _allowed(log, tx, [prepared for prepared in lines if prepared.event_id not in late], origin)


def _followed(entries: Sequence[ToRecord], lines: Sequence[Prepared]) -> int:
    """How many of the lines came under merged streams."""
    continuations = {e.event_id for e in entries if e.state.topic.startswith(f"{MergedChartContinued.__name__}.")}
    return sum(continuing_id(line.event_id) in continuations for line in lines) if continuations else 0


def _refused(
    known: Mapping[int, tuple[Prepared, Taken]], fresh: Sequence[Prepared]
) -> tuple[tuple[Prepared, str], ...]:
    """The lines whose id is taken by something else, each with the reason."""
    if not known:
        return ()
    numbers = {line.event_id: line.line for line in fresh}
    reasons = ((line, refusal(taken, numbers.get(line.event_id))) for line, taken in known.values())
    return tuple((line, reason) for line, reason in reasons if reason is not None)


def _entries(log: EventLog, tx: Writing, lines: Sequence[Prepared]) -> Iterator[ToRecord]:
    """What to record, in order, with what survivors take over of it."""
    followers = Followers(log, tx)
    for entry in _told(log, tx, lines):
        yield entry
        yield from followers.after(entry)


def _told(log: EventLog, tx: Writing, lines: Sequence[Prepared]) -> Iterator[ToRecord]:
    """What lines say, in order; a merge also closes the other chart, and its retraction reopens it."""
    ids: dict[str, str] = {}
    closed: dict[str, tuple[str, str, str]] = {}
    for line in lines:
        reference = line.reference
        client_id = ids.get(reference)  # a label is no chart number
        if client_id is None:
            client_id = ids[reference] = log.stream_id(reference, provider=line.provider)
        if line.other is not None:
            yield from _about_another(log, client_id, line, line.other, closed)
            continue
        yield ToRecord(client_id, reference, line.event_id, line.state, line.recorded)
        if not line.provider and line.state.topic.startswith("EntryRetracted."):
            yield from _reopening(log, tx, line, client_id, closed)


def _unique(tx: Writing, lines: Sequence[Prepared], entries: list[ToRecord]) -> list[ToRecord]:
    """Without derived entries that are recorded already, or that stand in the batch themselves as well."""
    if len(entries) == len(lines):
        return entries
    line_ids = {line.event_id for line in lines}
    seen: set[str] = set(known_positions(tx, [entry.event_id for entry in entries if entry.event_id not in line_ids]))
    kept: list[ToRecord] = []
    for entry in entries:
        if entry.event_id not in seen:
            seen.add(entry.event_id)
            kept.append(entry)
    return kept


def _about_another(
    log: EventLog, client_id: str, line: Prepared, other: str, closed: dict[str, tuple[str, str, str]]
) -> Iterator[ToRecord]:
    other_id = log.client_id(other)
    meta, merge = opened(line.state)
    if isinstance(merge, NotSamePerson):
        yield ToRecord(client_id, line.reference, line.event_id, plain(meta, linked(merge, other_id)), line.recorded)
        return
    assert isinstance(merge, ChartsMerged)
    yield ToRecord(client_id, line.reference, line.event_id, plain(meta, linked(merge, other_id)), line.recorded)
    closing_entry = closing_id(line.event_id)
    closed[closing_entry] = other_id, other, client_id
    meta["i"], meta["k"] = closing_entry, line.event_id
    yield ToRecord(other_id, other, closing_entry, plain(meta, closing(client_id)), line.recorded)


def _reopening(
    log: EventLog, tx: Writing, line: Prepared, client_id: str, closed: dict[str, tuple[str, str, str]]
) -> Iterator[ToRecord]:
    """The retraction of the entry that closed the other chart, if what is retracted is a merge into this one."""
    meta, retraction = opened(line.state)
    assert isinstance(retraction, EntryRetracted)
    target = closing_id(retraction.target.hex)
    chart = closed.get(target) or _recorded_chart(log, tx, target)
    if chart is not None and _goes_on_as(log, chart[2], client_id):
        reopening_entry = closing_id(line.event_id)
        meta["i"], meta["k"] = reopening_entry, line.event_id
        event = retraction.model_copy(update={"target": as_uuid(target)})
        yield ToRecord(*chart[:2], reopening_entry, plain(meta, event), line.recorded)


def _goes_on_as(log: EventLog, client_id: str, other_id: str) -> bool:
    """Whether a chart is another one, or was merged into it, or into one that was."""
    seen: set[str] = set()
    while client_id != other_id and client_id not in seen:
        seen.add(client_id)
        client_id = journey_of(read_stream(log, client_id)).closed_into or client_id
    return client_id == other_id


def _recorded_chart(log: EventLog, tx: Writing, event_id: str) -> tuple[str, str, str] | None:
    """Of the closing entry with this id, or of what took one back: the stream and number of its chart, and the stream
    that it closes into; None where nothing of the kind is recorded.
    """
    while True:
        position = known_positions(tx, [event_id]).get(event_id)
        if position is None:
            return None
        row = log.recorder.page(position - 1, 1)[0]
        event = log.entry(row).event
        if isinstance(event, ChartClosed):
            return row.client_id, log.reference(row.client_id) or "", event.merged_into.hex
        if not isinstance(event, EntryRetracted) or event.target.hex == event_id:
            return None
        event_id = event.target.hex


def _ciphers(log: EventLog, tx: Writing, clients: dict[str, str]) -> dict[str, Cipher]:
    """A cipher for each client; new charts get their key here, in the same transaction."""
    ciphers = streams.ciphers(tx.rows, log.keyring, list(clients))
    new = [client_id for client_id in clients if client_id not in ciphers]
    refuse_erased(tx, new)
    opened: list[tuple[bytes, bytes, bytes]] = []
    for client_id in new:
        cipher, wrapped = log.keyring.create(client_id)
        ciphers[client_id] = cipher
        sealed = cipher.seal(streams.shown(client_id, clients[client_id]).encode(), client_id.encode())
        opened.append((id_bytes(client_id), wrapped, sealed))
    if opened:
        tx.many("INSERT INTO chart VALUES (?,?,?)", opened)
    return ciphers
