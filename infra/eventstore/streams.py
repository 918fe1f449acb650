"""Batch reads of keys and chart numbers for many streams."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from domain.numbers import as_shown
from infra.eventstore.keyring import Cipher, Keyring, id_bytes, of_provider

_AT_ONCE = 500
Rows = Callable[[str, Sequence[Any]], list[tuple[Any, ...]]]
"""Runs a query, in a transaction or outside of one."""


def shown(stream_id: str, reference: str) -> str:
    """What a new stream is called: a chart number as ``as_shown`` lets it through, or the provider's label as it is.

    Raises:
        ChartNumberError: no chart can have this number.
    """
    return reference.strip() if of_provider(stream_id) else as_shown(reference)


def ciphers(rows: Rows, keyring: Keyring, client_ids: Sequence[str]) -> dict[str, Cipher]:
    """The ciphers of streams; one without a key is left out."""
    return {client_id: cipher for client_id, cipher, _ in _opened(rows, keyring, client_ids)}


def numbers(rows: Rows, keyring: Keyring, client_ids: Sequence[str]) -> dict[str, str]:
    """The chart numbers of streams; one without a key is left out."""
    return {
        client_id: cipher.open(sealed, client_id.encode()).decode()
        for client_id, cipher, sealed in _opened(rows, keyring, client_ids)
    }


def _opened(rows: Rows, keyring: Keyring, client_ids: Sequence[str]) -> Iterator[tuple[str, Cipher, bytes]]:
    for start in range(0, len(client_ids), _AT_ONCE):
        part = [id_bytes(client_id) for client_id in client_ids[start : start + _AT_ONCE]]
        places = ",".join("?" * len(part))
        sql = f"SELECT client_id, wrapped_key, reference FROM chart WHERE client_id IN ({places})"
        for raw_id, wrapped, sealed in rows(sql, part):
            client_id = bytes(raw_id).hex()
            yield client_id, keyring.open(client_id, bytes(wrapped)), bytes(sealed)
