"""Erase for good: confirm what somebody else asked for, forget the name, clear what is left in files."""

from __future__ import annotations

from typing import Protocol

from infra.eventstore.log import Author, Receipt
from infra.privacy.erasure.ledger import LedgerError
from infra.privacy.erasure.requests import confirm
from infra.privacy.names.context import HasNames


class HasErasures(HasNames, Protocol):
    """Log and index of names, and what clears files after an erasure."""

    def complete_erasures(self) -> bool:
        """Do what is left of erasures; False when others held a database."""
        ...


def erase(services: HasErasures, reference: str, *, author: Author) -> tuple[list[Receipt], bool]:
    """Confirm the request for a chart; the entries of its erasure, its own first, and whether files are clear too.

    Where they are not, keys are destroyed all the same, and the next start clears the files.

    Raises:
        CommandRefusedError: no request waits, or it is this person's own.
        NoSuchChartError: nothing is recorded under the number.
    """
    receipts = confirm(services.log, reference, author=author, now=services.log.clock())
    services.names.forget([receipt.client_id for receipt in receipts])
    try:
        return receipts, services.complete_erasures()
    except LedgerError:
        return receipts, False
