"""Review of broken glass: each use with its reason, and the auditor's mark that somebody has looked at it.

A mark is an entry of the access log like any other, sealed with it: who reviewed which use, when, and what they noted.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from domain.errors import ExpectedError
from domain.people import may_be_same
from infra.access_log.context import HasPeople
from infra.access_log.entries import Access, Accessed
from infra.identity.people import Principal

LONGEST_NOTE = 1_000


class NotAUseError(ExpectedError, LookupError, kind="not-found"):
    """No glass was broken at this place of the access log."""

    def __init__(self) -> None:
        """Say what to do."""
        super().__init__("no glass was broken there: choose a use from the list")


class AlreadyReviewedError(ExpectedError, ValueError):
    """Somebody has reviewed this use before."""

    def __init__(self, by: str) -> None:
        """Say who."""
        self.by = by
        super().__init__(f"{by} has reviewed this use already")


class OwnUseError(ExpectedError, PermissionError, kind="not-allowed"):
    """Whoever broke the glass reviews it."""

    def __init__(self) -> None:
        """Say what to do."""
        super().__init__("you broke this glass yourself: let somebody else review it")


class NoteTooLongError(ExpectedError, ValueError):
    """The note of a review says more than anybody will read."""

    def __init__(self) -> None:
        """Say how much it may."""
        super().__init__(f"note: write at most {LONGEST_NOTE:,} characters")


@dataclass(frozen=True, slots=True)
class GlassUse:
    """One use of broken glass, and the mark of its review if there is one."""

    entry: Accessed
    mark: Accessed | None


def uses(entries: Iterable[Accessed]) -> list[GlassUse]:
    """Every use among these entries, newest first."""
    breaks: list[Accessed] = []
    marks: dict[str, Accessed] = {}
    for entry in entries:
        if entry.kind == "GlassBroken":
            breaks.append(entry)
        elif entry.kind == "GlassReviewed":
            marks.setdefault(entry.about, entry)
    return [GlassUse(entry, marks.get(entry.entry_id)) for entry in reversed(breaks)]


def mark(services: HasPeople, who: Principal, position: int, note: str = "", request: str = "") -> GlassUse:
    """Mark the use at a position of the access log as reviewed; durable when this returns.

    Raises:
        NotAUseError: no glass was broken there.
        OwnUseError: it is this person's own.
        AlreadyReviewedError: it is marked.
        NoteTooLongError: the note is too long.
    """
    note = " ".join(note.split())
    if len(note) > LONGEST_NOTE:
        raise NoteTooLongError
    log = services.people.log
    entries = [entry for entry in log.at([position]) if entry.kind == "GlassBroken"]
    if not entries:
        raise NotAUseError
    if may_be_same(entries[0].person, who.person):
        raise OwnUseError
    client_id = entries[0].clients[0]
    use = next(use for use in uses(log.of_client(client_id)) if use.entry.position == position)
    if use.mark is not None:
        raise AlreadyReviewedError(use.mark.name)
    words = {"note": note} if note else {}
    entry = Access(
        "GlassReviewed", who, services.now(), (client_id,), words=words, request=request, about=use.entry.entry_id
    )
    log.record([entry])
    return next(use for use in uses(log.of_client(client_id, opened=True)) if use.entry.position == position)
