"""Entries about entries and charts: notes, corrections, retractions, merges, erasure."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict

from domain.events.base import Event, PersonalText, RequiredText, RequiredWord, Word
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


class ChartsMerged(Event):
    """Another chart is the same person's: this stream takes over its history.

    ``other_client`` is that chart's number; ``other_client_id`` is its stream, filled in by the store.
    """

    other_client: RequiredWord = None
    other_client_id: UUID | None = None


class ChartClosed(Event):
    """This chart was merged into another; its stream is closed and points there."""

    merged_into: UUID


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
