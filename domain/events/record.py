"""Entries about entries and charts: notes, corrections, retractions, merges, erasure."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, model_validator

from domain.events.base import Event, PersonalText, RequiredText, RequiredWord, Word
from domain.phrases import Phrase
from domain.vocabulary import ErasureGround


class NoteAdded(Event):
    """A clinical note; its text is personal data."""

    text: RequiredText = None
    kind: Word | None = None


class Replacement(BaseModel):
    """What a corrected entry should have said. ``data`` is that type's payload, of that type's version."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    type: Word
    occurred_at: AwareDatetime
    data: dict[str, Any]
    version: int = 1


class EntryCorrected(Event):
    """An entry was wrong: the target stays in the log, projections use the replacement."""

    target: UUID
    replacement: Replacement
    reason: RequiredText = None


class EntryRetracted(Event):
    """An entry was made in error. Retracting a correction or a retraction undoes it."""

    target: UUID
    reason: RequiredText = None


class EntrySetAside(Event):
    """An entry that cannot be read is left out of what is made of the chart, by somebody's decision.

    The target stays in the log and is found by its id alone: nothing of what it says need be readable.
    """

    target: UUID
    reason: RequiredText = None


class EntryTakenUp(Event):
    """An entry that was set aside counts again: as what it says where it can be read, as unreadable where not."""

    target: UUID
    reason: RequiredText = None


class ChartsMerged(Event):
    """Another chart is the same person's: this stream takes over its history.

    ``other_client`` is that chart's number; ``other_client_id`` is its stream, filled in by the store.
    """

    other_client: RequiredWord = None
    other_client_id: UUID | None = None


class ChartClosed(Event):
    """This chart was merged into another; its stream is closed and points there."""

    merged_into: UUID


class MergedChartContinued(Event):
    """An entry came to a chart that was merged into this one: it counts here, with all that chart held until now.

    ``other_client_id`` is that chart's stream. The store derives it from the late entry; nobody records it by hand.
    """

    other_client_id: UUID


class OverlapResolved(Event):
    """Somebody decided which of overlapping stays of one person counts. No measure counts the others.

    ``stays`` are the ids of the entries that started them, the one that ``counts`` among them. A decision holds as
    long as that one is on the chart: a merge that is undone takes it along.
    """

    stays: Annotated[tuple[UUID, ...], Field(min_length=2, max_length=20)]
    counts: UUID

    @model_validator(mode="after")
    def _one_of_them(self) -> OverlapResolved:
        if self.counts not in self.stays or len(set(self.stays)) < len(self.stays):
            msg = Phrase("name each stay once, the one that counts among them")
            raise ValueError(msg)
        return self


class NotSamePerson(Event):
    """The chart that looks like this one is another person's: the two are no longer listed as possible duplicates.

    ``other_client`` is that chart's number; ``other_client_id`` is its stream, filled in by the store.
    """

    other_client: RequiredWord = None
    other_client_id: UUID | None = None


class ErasureRequested(Event):
    """Somebody asks that the client's personal data be destroyed; another person has to confirm it in time.

    ``ground`` is a word of the vocabulary and stays; ``basis`` is free text and goes with the rest.
    """

    requested_by: Word
    ground: ErasureGround
    expires_at: AwareDatetime
    basis: PersonalText = None


class ClientErased(Event):
    """The client's key was destroyed; what is left carries no personal data."""

    requested_by: Word
    confirmed_by: Word | None = None
    ground: ErasureGround | None = None
    request: UUID | None = None
    basis: PersonalText = None
