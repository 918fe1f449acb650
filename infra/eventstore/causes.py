"""Causation ids: an amendment is caused by what it amends, a command's further entries by its first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from uuid import UUID

from domain.commands import Command, Correct, Draft, Retract
from infra.eventstore.log import Author, NewEntry


def caused_by(author: Author, cause: UUID | str) -> Author:
    """The author of entries that an entry led to, by its event id (hex where it is text)."""
    return replace(author, causation_id=cause if isinstance(cause, UUID) else UUID(hex=cause))


def entries_of(command: Command, drafts: Sequence[Draft], author: Author) -> list[NewEntry]:
    """The entries that a command on one chart comes to, each with what led to it."""
    amended = command.target if isinstance(command, Correct | Retract) else None
    first = NewEntry(drafts[0], caused_by(author, amended) if amended else author)
    following = caused_by(author, first.event_id)
    return [first, *(NewEntry(draft, following) for draft in drafts[1:])]
