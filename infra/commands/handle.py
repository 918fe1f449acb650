"""Handle commands: load the chart, decide, append with the sequence that the decision saw.

Everybody who writes on somebody's behalf comes through here (web forms, HTTP, the simulator), so the rules
are met in one place. A chart that moves between the decision and the append is decided on anew.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID, uuid4

from domain.bookkeeping import SAME_CHART
from domain.commands import Command, Draft, KeepApart, Record, ResolveOverlap, Retract
from domain.decisions import History, decide
from domain.entries import Entry
from domain.errors import ExpectedError
from domain.events import ChartsMerged, ClientRegistered, EntryRetracted, OverlapResolved, ReferralReceived
from domain.overlaps import not_decided, overlaps_between, undecided, unresolvable
from domain.refusals import CommandRefusedError
from infra.eventstore.causes import caused_by, entries_of
from infra.eventstore.client_chart import NoSuchChartError, OpenedChart, open_chart
from infra.eventstore.log import Append, Author, EventLog, NewEntry, Receipt, StaleSequenceError
from infra.eventstore.merge import closing, closing_id, linked
from infra.eventstore.unreadable import Unread
from infra.observability import telemetry

ATTEMPTS = 8
# Writers of this process take turns on a chart: attempts are for other processes, and none can be starved here.
_TURNS = [threading.Lock() for _ in range(64)]
BEGINNING = (ClientRegistered, ReferralReceived)


@dataclass(frozen=True, slots=True)
class Change:
    """An entry that came after the sequence a caller saw: what kind, when, by whom; never its content.

    Of one that cannot be read here, the times as far as they are known.
    """

    sequence: int
    type: str
    occurred_at: datetime | None
    recorded_at: datetime | None
    actor: str

    @staticmethod
    def of(entry: Entry | Unread) -> Change:
        """What may be said of an entry."""
        return Change(entry.sequence, entry.type, entry.occurred_at, entry.recorded_at, entry.actor)


class StaleChartError(ExpectedError, kind="stale"):
    """The chart is not at the sequence that the caller saw; ``changes`` is what came since."""

    def __init__(self, expected: int, actual: int, changes: Sequence[Change]) -> None:
        """Keep both sequences and what changed between them."""
        self.expected, self.actual, self.changes = expected, actual, list(changes)
        message = f"the chart is at entry {actual}, not {expected}: see what changed since, then try again"
        super().__init__(message)


def handle(
    log: EventLog,
    reference: str,
    command: Command,
    *,
    author: Author,
    now: datetime,
    expected: int | None = None,
    key: str | None = None,
) -> Receipt:
    """Record what a command comes to, durably, or refuse it with nothing written.

    ``expected`` is the sequence that the caller saw; ``None`` decides on whatever the chart has become.
    A ``key`` that was used before answers as it did then. ``now`` is aware.

    Raises:
        CommandRefusedError: every unmet criterion.
        NoSuchChartError: the chart does not exist and the command does not open one.
        StaleChartError: the chart is not at ``expected``.
        IdempotencyKeyReusedError: the key was used for another request.
    """
    digest = log.fingerprint(reference, type(command).__name__, _content(command), author.actor)

    def attempt() -> list[Receipt]:
        opens = isinstance(command, Record) and isinstance(command.event, BEGINNING)
        chart = load(log, reference, empty=opens)
        check_expected(chart, expected)
        history = chart.history
        drafts = decide(history, command, now, author.role)
        entries = entries_of(command, drafts, author)
        appends = [Append(reference, entries, chart.sequence)]
        undone = _merge_undone(history, command)
        if undone is not None:
            appends.append(_reopening(log, undone, entries[0]))
        return log.append_all(appends, key=key, digest=digest)

    with (
        telemetry.span("command", kind=type(command).__name__),
        _TURNS[hash(log.client_id(reference)) % len(_TURNS)],
    ):
        return answered_or(log, attempt, key, digest)[0]


def merge(
    log: EventLog,
    reference: str,
    other: str,
    *,
    author: Author,
    now: datetime,
    expected: int | None = None,
    key: str | None = None,
    overlaps: Sequence[ResolveOverlap] = (),
) -> Receipt:
    """Merge the duplicate chart ``other`` into ``reference``: the other closes and points to the survivor.

    ``overlaps`` say of each stay of one chart that overlaps one of the other which of the two counts; they are recorded
    with the merge, or nothing is.

    Raises:
        CommandRefusedError, NoSuchChartError, StaleChartError, IdempotencyKeyReusedError: as ``handle``.
    """
    given = [other, *overlaps] if overlaps else other
    digest = log.fingerprint(reference, "merge", given, author.actor)

    def attempt() -> list[Receipt]:
        chart = load(log, reference)
        check_expected(chart, expected)
        theirs = load(log, other)
        if theirs.client_id == chart.client_id:
            raise CommandRefusedError([SAME_CHART])
        event = linked(ChartsMerged(other_client=theirs.reference), theirs.client_id)
        taken = decide(chart.history, Record(event, now), now, author.role)
        taken += _overlaps_decided(chart, theirs, overlaps, now)
        closed = Record(closing(chart.client_id), now)
        left = decide(theirs.history, closed, now, author.role)
        merge_id = uuid4().hex
        follows = caused_by(author, merge_id)
        decided = [NewEntry(draft, follows) for draft in taken[1:]]
        appends = [
            Append(reference, [NewEntry(taken[0], author, merge_id), *decided], chart.sequence),
            Append(other, [NewEntry(left[0], follows, closing_id(merge_id))], theirs.sequence),
        ]
        return log.append_all(appends, key=key, digest=digest)

    return answered_or(log, attempt, key, digest)[0]


def keep_apart(
    log: EventLog,
    reference: str,
    other: str,
    *,
    author: Author,
    now: datetime,
    expected: int | None = None,
    key: str | None = None,
) -> Receipt:
    """Record that ``other`` is another person's chart than ``reference``.

    Raises:
        CommandRefusedError, NoSuchChartError, StaleChartError, IdempotencyKeyReusedError: as ``handle``.
    """
    theirs = load(log, other)
    if theirs.client_id == log.client_id(reference):
        raise CommandRefusedError([SAME_CHART])
    command = KeepApart(other, UUID(hex=theirs.client_id))
    return handle(log, reference, command, author=author, now=now, expected=expected, key=key)


def _overlaps_decided(
    chart: OpenedChart, theirs: OpenedChart, given: Sequence[ResolveOverlap], now: datetime
) -> list[Draft]:
    """The decisions about the overlaps that a merge would make.

    Raises:
        CommandRefusedError: one is left open, or is about stays that do not overlap.
    """
    ours, others = chart.history.journey, theirs.history.journey
    both = replace(ours, stays=(*ours.stays, *others.stays))
    events = [OverlapResolved(stays=decision.stays, counts=decision.counts) for decision in given]
    refusals = [refusal for event in events for refusal in unresolvable(both, event)]
    pairs = overlaps_between(ours, others)
    refusals += [not_decided(pair) for pair in undecided(pairs, events)]
    if refusals:
        raise CommandRefusedError(refusals)
    return [Draft(event, now) for event in events]


def load(log: EventLog, reference: str, *, empty: bool = False) -> OpenedChart:
    """The chart with what was merged into it; with ``empty``, one without entries where nothing is recorded yet.

    Raises:
        NoSuchChartError: nothing is recorded, and the chart is not being opened.
    """
    try:
        return open_chart(log, reference)
    except NoSuchChartError:
        if not empty:
            raise
        return OpenedChart(log.client_id(reference), reference, [], log.calendar)


def answered_or(
    log: EventLog,
    attempt: Callable[[], list[Receipt]],
    key: str | None,
    digest: str,
    refused: tuple[type[Exception], ...] = (CommandRefusedError, StaleChartError),
) -> list[Receipt]:
    """What the key was answered before, else the attempt, made again while other writers move the charts.

    ``refused`` are the errors by which an attempt refuses.

    Raises:
        StaleSequenceError: the charts would not hold still for any attempt.
    """
    for left in reversed(range(ATTEMPTS)):
        before = log.answered(key, digest) if key is not None else None
        if before is not None:
            return before
        try:
            return attempt()
        except StaleSequenceError:
            if not left:
                raise
        except refused:
            # the same request may have been recorded by its twin since the look above
            before = log.answered(key, digest) if key is not None else None
            if before is None:
                raise
            return before
    raise AssertionError


def check_expected(chart: OpenedChart, expected: int | None) -> None:
    """Compare with the sequence that the caller saw.

    Raises:
        StaleChartError: the chart is elsewhere.
    """
    if expected is None or expected == chart.sequence:
        return
    since = [entry for entry in (*chart.entries, *chart.unread) if chart.owns(entry) and entry.sequence > expected]
    changes = [Change.of(entry) for entry in sorted(since, key=lambda entry: entry.sequence)]
    raise StaleChartError(expected, chart.sequence, changes)


def _merge_undone(history: History, command: Command) -> Entry | None:
    entry = _entry(history, command.target) if isinstance(command, Retract) else None
    return entry if isinstance(_event(entry), ChartsMerged) else None


def _reopening(log: EventLog, undone: Entry, retraction: NewEntry) -> Append:
    """What opens the other chart again when a merge is retracted: a retraction of its closing entry."""
    merged = undone.event
    assert isinstance(merged, ChartsMerged)
    assert merged.other_client is not None
    draft = retraction.draft
    assert isinstance(draft.event, EntryRetracted)
    target = UUID(hex=closing_id(undone.event_id))
    event = draft.event.model_copy(update={"target": target})
    author = caused_by(retraction.author, retraction.event_id)
    entry = NewEntry(Draft(event, draft.occurred_at), author, closing_id(retraction.event_id))
    return Append(merged.other_client, [entry], load(log, merged.other_client).sequence)


def _entry(history: History, event_id: UUID) -> Entry | None:
    return next((entry for entry in history.entries if entry.event_id == event_id.hex), None)


def _event(entry: Entry | None) -> object:
    return entry.event if entry else None


def _content(command: Command) -> object:
    if isinstance(command, Record):
        noted = [command.note.model_dump(mode="json")] if command.note else []
        return [type(command.event).__name__, command.event.model_dump(mode="json"), command.occurred_at, *noted]
    return command
