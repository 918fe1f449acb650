"""Which names and days of birth a client has, from the entries that count."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial

from domain.entries import Entry, effective
from domain.events import ClientDetailsUpdated, ClientErased, ClientRegistered, EntryCorrected, NotSamePerson
from domain.journey import journey_of
from infra.eventstore.asides import ChartReading
from infra.eventstore.keyring import Cipher, of_provider
from infra.eventstore.log import EventLog
from infra.eventstore.rows import LogRow
from projections.chart import with_merged
from projections.clinical import details

NAMING = frozenset({"ClientRegistered", "ClientDetailsUpdated"})
_AMENDING = frozenset(
    {
        "EntryCorrected",
        "EntryRetracted",
        "ChartsMerged",
        "ChartClosed",
        "MergedChartContinued",
        "NotSamePerson",
        "EntrySetAside",
        "EntryTakenUp",
        "ClientErased",
    }
)
_RELEVANT = NAMING | _AMENDING


@dataclass(frozen=True, slots=True)
class Known:
    """Who a chart is about. ``names``: the latest one first. ``apart``: streams of other people who look alike."""

    names: list[str]
    births: list[date]
    apart: list[str]


def kind(row: LogRow) -> str:
    """The type of a stored row."""
    return row.topic.partition(".")[0]


def is_relevant(row: LogRow) -> bool:
    """Whether a row changes what is known of who somebody is, or opens a chart: its number is looked for as well.

    What is said of the provider itself is of nobody.
    """
    return not of_provider(row.client_id) and (row.sequence == 1 or kind(row) in _RELEVANT)


def known_of(log: EventLog, rows: Sequence[LogRow], cipher: Cipher | None) -> Known | None:
    """Who a client is; nothing for a chart that is erased or merged into another.

    Raises:
        UnreadableEntryError: an entry is of a type or version that this release does not know.
    """
    if cipher is None:
        return None
    kinds = {kind(row) for row in rows}
    if kinds.isdisjoint(_AMENDING):  # most charts: what nobody amended can be read alone
        return _known([log.entry(row, cipher) for row in rows if kind(row) in NAMING])
    reading, entries = _relevant(log, rows, cipher)
    if journey_of(entries).closed_into is not None or any(isinstance(e.event, ClientErased) for e in entries):
        return None
    return _known(with_merged(entries, partial(reading.stream, opened=True)))


def _relevant(log: EventLog, rows: Sequence[LogRow], cipher: Cipher) -> tuple[ChartReading, list[Entry]]:
    """The entries that say who somebody is or amend others; all, where one of another type may be amended to say so."""
    reading = ChartReading(log)
    entries = reading.entries((row for row in rows if kind(row) in _RELEVANT), cipher)
    corrections = [entry.event for entry in entries if isinstance(entry.event, EntryCorrected)]
    if any(correction.replacement.type in NAMING for correction in corrections):
        read = {entry.event_id for entry in entries}
        if any(correction.target.hex not in read for correction in corrections):
            reading = ChartReading(log)
            entries = reading.entries(rows, cipher)
    return reading, entries


def _known(entries: Sequence[Entry]) -> Known:
    counted = effective(entries)
    people = [entry.event for entry in reversed(counted)]
    births = (person.birth_date for person in people if isinstance(person, ClientRegistered | ClientDetailsUpdated))
    others = (person.other_client_id for person in people if isinstance(person, NotSamePerson))
    return Known(
        details.names_of(counted),
        list(dict.fromkeys(born for born in births if born)),
        [other.hex for other in others if other is not None],
    )
