"""Standing of this release towards the live rows: write, build anew, or rest.

Releases run side by side while one takes the other's place. A generation is written by the release of its version
alone, and nobody replaces a newer one but by a command. Who went back with ``project rollback`` left a version: its
generation is kept as "previous", or its bare row as "left", and the release of that version does not take over again
by itself.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Literal

from domain.errors import ExpectedError
from infra.readmodels.generations import Generation
from projections.base import ReadModel

Standing = Literal["current", "outdated", "newer", "rolled_back", "other_zones", "ahead"]
RESTS: frozenset[Standing] = frozenset({"newer", "rolled_back", "other_zones"})
ANEW: frozenset[Standing] = frozenset({"outdated", "ahead"})
FAR = 100_000  # entries from which it is quicker to build beside than to go on, where little is folded yet
_TIMES = 10


class NewerReleaseError(ExpectedError):
    """Readers see a generation of a newer release: this one does not build over it."""

    def __init__(self, models: Iterable[ReadModel]) -> None:
        """Of these read models."""
        names = ", ".join(sorted(model.name for model in models))
        super().__init__(
            f"a newer release's {names} is live: rebuild with that release, or go back to this one with "
            "`carejourney project rollback`"
        )


@dataclass(frozen=True, slots=True)
class LiveStanding:
    """A live generation, and how this release stands to it."""

    live: Generation
    standing: Standing


def to_build(stood: Iterable[LiveStanding], head: int) -> list[LiveStanding]:
    """What is to be built anew: as ``ANEW`` says, and what is so far behind the log that little of it is folded.

    A generation that is built beside gets its indexes at the end, which writes a fraction of what they take page by
    page; a large import into a new store is folded so.
    """
    return [
        comparison
        for comparison in stood
        if comparison.standing in ANEW or (comparison.standing == "current" and _far_behind(comparison.live, head))
    ]


def _far_behind(live: Generation, head: int) -> bool:
    return head - live.position >= max(FAR, _TIMES * live.position)


def standings(every: Iterable[Generation], zones: str, head: int, had: Collection[str] = ()) -> list[LiveStanding]:
    """How this release stands to each live generation.

    * *current*: it folds the same rows.
    * *outdated*: of an older release, or with days of other zones: to be built anew.
    * *ahead*: it holds more than the log, which was put back from a copy: to be built anew.
    * *newer*: of a newer release: this one rests.
    * *rolled_back*: somebody went back from this release's version: it rests until ``project rebuild``.
    * *other_zones*: this process has ``had`` its zones live, and another one has set others since: it rests.

    ``head`` must have been read after ``every``: a position is never beyond it then, unless the log was put back.
    """
    known = list(every)
    return [
        LiveStanding(generation, _standing(generation, known, zones, head, had))
        for generation in known
        if generation.state == "live"
    ]


def _standing(live: Generation, every: Iterable[Generation], zones: str, head: int, had: Collection[str]) -> Standing:
    our_version = live.model.version
    if live.version > our_version:
        return "newer"
    if live.version < our_version:
        left = any(
            generation.model is live.model
            and generation.state in ("previous", "left")
            and generation.version >= our_version
            for generation in every
        )
        return "rolled_back" if left else "outdated"
    if live.position > head:
        return "ahead"
    if live.zones != zones:  # none: from before zones decided
        return "other_zones" if live.zones and live.model.name in had else "outdated"
    return "current"
