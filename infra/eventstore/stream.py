"""Read a stream as far as this release can: entries, and unreadable ones between them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from domain.entries import Entry, UnappliedCorrectionError, effective
from domain.events import EntryCorrected
from domain.journey import journey_of
from infra.eventstore.asides import places_set_aside
from infra.eventstore.keyring import Cipher, MasterKeyError
from infra.eventstore.log import EventLog
from infra.eventstore.rows import LogRow
from infra.eventstore.unreadable import Unread, UnreadableEntryError, unread


def read_stream(
    log: EventLog,
    client_id: str,
    before: int | None = None,
    *,
    opened: bool = False,
    left: list[Unread] | None = None,
    known: Callable[[Entry], bool] | None = None,
) -> list[Entry]:
    """A client's entries (before a position) as far as they can be read and applied; ``left`` takes the others.

    For those who show a chart or decide on it: one entry of another release must not close the rest of it. ``known``
    says which of those that can be read are looked at.
    """
    cipher = log.cipher(client_id) if opened else None
    until = None if before is None else before - 1
    without = [] if left is None else left
    entries = readable(log, log.recorder.streams([client_id], until), cipher, without)
    return applicable(entries if known is None else [entry for entry in entries if known(entry)], without)


def readable(log: EventLog, rows: Iterable[LogRow], cipher: Cipher | None, left: list[Unread]) -> list[Entry]:
    """The entries of rows that this release can read; ``left`` takes the others."""
    entries: list[Entry] = []
    for row in rows:
        try:
            entries.append(log.entry(row, cipher))
        except UnreadableEntryError as error:
            left.append(unread(error))
    return entries


def applicable(entries: Sequence[Entry], left: list[Unread]) -> list[Entry]:
    """The entries without the corrections that cannot be applied, which ``left`` takes."""
    kept = list(entries)
    while True:
        try:
            must_apply(kept)
        except UnappliedCorrectionError as error:
            left.append(unread(error))
            kept.remove(error.correction)
        else:
            return kept


def must_apply(entries: Sequence[Entry]) -> None:
    """Check that each correction which counts can be applied.

    Raises:
        UnappliedCorrectionError: one cannot.
    """
    if any(isinstance(entry.event, EntryCorrected) for entry in entries):
        effective(entries)


def is_set_aside(log: EventLog, row: LogRow) -> bool:
    """Whether it was decided to go on without an entry, in its own stream or in that of a chart that took it over."""
    entries: list[Entry] = []
    seen: set[str] = set()
    client_id: str | None = row.client_id
    while client_id is not None and client_id not in seen:
        seen.add(client_id)
        stream_entries = read_stream(log, client_id)
        entries += stream_entries
        client_id = journey_of(stream_entries).closed_into
    return row.position in places_set_aside(log, entries)


def keys_of(log: EventLog, client_ids: Sequence[str]) -> tuple[dict[str, Cipher], set[str]]:
    """The ciphers of many clients, and who has none although nobody erased them: one bad key stops nobody else.

    Raises:
        MasterKeyError: no key of them opens.
    """
    try:
        ciphers = log.ciphers(client_ids)
    except MasterKeyError:
        ciphers = dict(pair for client_id in client_ids for pair in _ciphers(log, client_id).items())
        if not ciphers:
            raise
    without = [client_id for client_id in client_ids if client_id not in ciphers]
    return ciphers, set(without) - log.erased(without)


def _ciphers(log: EventLog, client_id: str) -> dict[str, Cipher]:
    try:
        return log.ciphers([client_id])
    except MasterKeyError:
        return {}
