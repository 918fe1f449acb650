"""Progress of builds, with an estimate of the time left."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from infra.readmodels.generations import Generation

_SECOND = 1_000_000


@dataclass(frozen=True, slots=True)
class Underway:
    """A generation that is being built, or was when its process died.

    ``seconds_left`` is None while there is nothing to estimate it from.
    """

    generation: int
    position: int
    seconds_left: float | None


def underway(every: Iterable[Generation], head: int, now: int) -> dict[str, Underway]:
    """The newest one of each read model, by its name; ``now`` is µs UTC."""
    return {
        generation.model.name: Underway(generation.id, generation.position, _seconds_left(generation, head, now))
        for generation in every
        if generation.state == "building"
    }


def _seconds_left(generation: Generation, head: int, now: int) -> float | None:
    """At the pace since it began; one that another process took up had a pause within it, and seems slower."""
    if not generation.began or not generation.position or now <= generation.began:
        return None
    return round(max(0, head - generation.position) * (now - generation.began) / generation.position / _SECOND, 1)
