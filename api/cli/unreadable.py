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
    for one in unread:
        place = f"entry {one.sequence} ({one.topic}) at position {one.position}"
        if one.aside is None:
            say(f"{place} cannot be read here: {one.reason}")
        else:
            why = f": {one.aside.reason}" if one.aside.reason else ""
            say(f"{place} was set aside by {one.aside.actor} on {one.aside.at:%Y-%m-%d}{why}")
