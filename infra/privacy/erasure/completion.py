"""Complete erasures: the ledger, what was put back from an older copy, and what is left in files.

An erasure is decided in one transaction of the log. What follows can be cut off at any place; it is done again, from
the log's own note of it, when the store is opened next.
"""

from __future__ import annotations

from pathlib import Path
from uuid import UUID

from domain.commands import Draft
from domain.entries import moment
from domain.events import ClientErased
from domain.people import Person
from infra.eventstore.causes import caused_by
from infra.eventstore.event_ids import add_ids, last_sequence
from infra.eventstore.keyring import Cipher
from infra.eventstore.log import Author, EventLog, NewEntry, stored_row
from infra.eventstore.rows import Writing
from infra.eventstore.stream import read_stream
from infra.privacy.erasure.ledger import Erasure, ledger_of, recorded
from infra.privacy.erasure.requests import ErasureRequest, destroy
from infra.privacy.erasure.scrub import PATIENCE_SECONDS, scrub

_NAMED = ("name_token", "name_shared", "name_client")
_NAME_TABLES = (*_NAMED, *(f"read_models.{table}" for table in _NAMED))
OPERATOR = Author(role="system")


def complete(log: EventLog, ledger_file: Path, urls: tuple[str, str], patience: float = PATIENCE_SECONDS) -> bool:
    """Bring log, ledger and files into line; False when something held a database, so that it is to be done again.

    ``urls`` are those of the log and of the read models.

    Raises:
        LedgerError: the ledger was altered or cannot be written.
    """
    ledger = ledger_of(log, ledger_file)
    done = recorded(log)
    known = {erasure.client_id for erasure in done}
    kept = ledger.read()
    for erasure in kept:
        if erasure.client_id not in known:
            erase_again(log, erasure)
    held = {erasure.client_id for erasure in kept}
    ledger.add([erasure for erasure in done if erasure.client_id not in held and _is_entered(log, erasure)])
    if not unscrubbed(log):
        return True
    return _scrub(log, urls, patience)


def _is_entered(log: EventLog, erasure: Erasure) -> bool:
    """Whether the stream itself says that it was erased: a row of the table alone erases nothing for good."""
    entries = [entry for entry in read_stream(log, erasure.client_id) if isinstance(entry.event, ClientErased)]
    return any(log.is_as_recorded(entry) for entry in entries)


def unscrubbed(log: EventLog) -> bool:
    """Whether something of an erased chart may still be in the files."""
    return bool(log.recorder.query("SELECT 1 FROM erasure WHERE state='erased' AND scrubbed=0 LIMIT 1"))


def erase_again(log: EventLog, erasure: Erasure) -> None:
    """Erase what came back with an older copy of the log, on the decision that the ledger holds."""
    request = ErasureRequest(
        erasure.client_id,
        erasure.request_id,
        erasure.requested_by,
        moment(erasure.erased_at),
        moment(erasure.erased_at),
        erasure.ground,  # type: ignore[arg-type]
        Person(erasure.requested_by),
    )
    with log.recorder.writing() as tx:
        _entry(log, tx, erasure)
        destroy(tx, [erasure.client_id], request, erasure.confirmed_by, moment(erasure.erased_at))
    log.keyring.forget(erasure.client_id)


def _entry(log: EventLog, tx: Writing, erasure: Erasure) -> None:
    """Record the erasure in the stream anew, if the stream is there."""
    sequence = last_sequence(tx, erasure.client_id)
    if not sequence:
        return
    event = ClientErased(
        requested_by=erasure.requested_by,
        confirmed_by=erasure.confirmed_by,
        ground=erasure.ground,  # type: ignore[arg-type]
        request=UUID(hex=erasure.request_id),
    )
    author = caused_by(OPERATOR, erasure.request_id)
    entry = NewEntry(Draft(event, moment(erasure.erased_at)), author)
    nothing_to_seal = Cipher(bytes(32))
    [position] = tx.insert([stored_row(erasure.client_id, sequence + 1, entry, log.clock(), nothing_to_seal)])
    add_ids(tx, [(entry.event_id, position)])


def _scrub(log: EventLog, urls: tuple[str, str], patience: float) -> bool:
    rows = log.recorder.query("SELECT client_id FROM erasure WHERE state='erased' AND scrubbed=0")
    log_url, reads = urls
    clear = scrub(log_url, ("chart",) if reads != log_url else ("chart", *_NAME_TABLES), patience)
    if reads != log_url:
        clear = scrub(reads, _NAME_TABLES, patience) and clear
    if clear:
        with log.recorder.writing() as tx:
            tx.many("UPDATE erasure SET scrubbed=1 WHERE client_id=?", [tuple(row) for row in rows])
    return clear
