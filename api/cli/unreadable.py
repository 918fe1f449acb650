"""What a command says of entries that this release cannot read: where they stand, and no value of them."""

from __future__ import annotations

from collections.abc import Sequence

import typer

from api.cli.context import REFUSED, say
from infra.eventstore.unreadable import Unread
from infra.interop.exporters.left_out import LeftOut

_SHOWN = 10


def tell_left(left: LeftOut) -> None:
    """Say who was left out of an export.

    Raises:
        typer.Exit: somebody was; exit 1, since what was written is not everything.
    """
    for client_id, reason in list(left.clients.items())[:_SHOWN]:
        say(f"left out: client {client_id}: {reason}")
    if left.clients:
        count = len(left.clients)
        say(f"carejourney: {count} client{'s' if count > 1 else ''} left out, of whom an entry cannot be read here.")
        raise typer.Exit(REFUSED)


def tell_unread(unread: Sequence[Unread]) -> None:
    """Say which entries of a chart do not count, since they cannot be read or were set aside."""
    for entry in unread:
        place = f"entry {entry.sequence} ({entry.topic}) at position {entry.position}"
        if entry.aside is None:
            say(f"{place} cannot be read here: {entry.reason}")
        else:
            why = f": {entry.aside.reason}" if entry.aside.reason else ""
            say(f"{place} was set aside by {entry.aside.actor} on {entry.aside.at:%Y-%m-%d}{why}")
