"""Shared answers, asked anew once the read models have moved or the day has changed."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

from api.web.frame.pages import Pages

T = TypeVar("T")
MOST = 500


class Kept(Generic[T]):
    """Answers of one state of the read models, by what was asked; at most so many."""

    def __init__(self, pages: Pages) -> None:
        """Hold none yet."""
        self._services = pages.services
        self._state: object = None
        self._held: dict[Hashable, T] = {}

    def answer(self, question: Hashable, make: Callable[[], T]) -> T:
        """The answer of now, made where none is held."""
        rows = self._services.projector.status()
        # a chart that was mended moves no position
        where = [(row.projection, row.generation, row.position, row.quarantined, row.last_healed) for row in rows]
        state = where, self._services.today()
        if state != self._state or len(self._held) >= MOST:
            self._state, self._held = state, {}
        held = self._held
        if question not in held:
            held[question] = make()
        return held[question]
