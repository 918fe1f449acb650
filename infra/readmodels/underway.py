"""Progress of builds, with an estimate of the time left."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from infra.readmodels.generations import Generation

_SECOND = 1_000_000


@dataclass(frozen=True, slots=True)
class Underway:
    """A generation that is being built, or was when its process died.

    ``seconds_left`` is None while nothing can be said.
    """

    generation: int
    position: int
    seconds_left: float | None


def underway(every: Iterable[Generation], head: int, now: int) -> dict[str, Underway]:
    """The newest one of each read model, by its name; ``now`` is µs UTC."""
    return {
        one.model.name: Underway(one.id, one.position, _seconds_left(one, head, now))
        for one in every
        if one.state == "building"
    }


def _seconds_left(one: Generation, head: int, now: int) -> float | None:
    """At the pace since it began; one that another process took up had a pause within it, and seems slower."""
    if not one.began or not one.position or now <= one.began:
        return None
    return round(max(0, head - one.position) * (now - one.began) / one.position / _SECOND, 1)
