"""An append and its receipt."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import uuid4

from domain.commands import Draft
from infra.eventstore.author import Author


@dataclass(frozen=True, slots=True)
class NewEntry:
    """An event to record, with what only some callers give: its id and (on import) its knowledge time."""

    draft: Draft
    author: Author
    event_id: str = field(default_factory=lambda: uuid4().hex)
    recorded_at: datetime | None = None


class EmptyAppendError(ValueError):
    """An append has no entries."""

    def __init__(self) -> None:
        """Say what to do."""
        super().__init__("an append of nothing: give at least one entry")


@dataclass(frozen=True, slots=True)
class Append:
    """Entries for one client. ``expected`` is the sequence that the caller saw; ``None`` takes any.

    ``provider``: the reference is the label of a stream of the provider's own.
    """

    reference: str
    entries: Sequence[NewEntry]
    expected: int | None = None
    provider: bool = False

    def __post_init__(self) -> None:
        """Refuse an append of nothing: it has no position to be answered.

        Raises:
            EmptyAppendError: there are no entries.
        """
        if not self.entries:
            raise EmptyAppendError


@dataclass(frozen=True, slots=True)
class Receipt:
    """What an append came to, for one client. ``replayed``: it had been recorded before."""

    client_id: str
    sequence: int
    position: int
    event_ids: tuple[str, ...]
    replayed: bool = False
