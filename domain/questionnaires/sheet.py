"""What a questionnaire is: its items with the answers that each takes, how they add up, and what a total means."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Item:
    """One item: its number, its text, and its answers as (score, words); without answers it counts days, 0 to 30."""

    number: int
    text: str
    answers: tuple[tuple[int, str], ...] = ()

    @property
    def name(self) -> str:
        """The name under which its score is recorded."""
        return str(self.number)

    def allows(self, score: float) -> bool:
        """Whether it is a score of this item."""
        if not self.answers:
            return float(score).is_integer() and 0 <= score <= DAYS
        return any(score == answer for answer, _ in self.answers)


@dataclass(frozen=True, slots=True)
class Questionnaire:
    """An instrument whose items are free to use: ``instrument`` is its name, ``source`` who says so.

    ``bands`` are (lowest score, words), ascending, by the published cut-offs ``cut_offs``; ``counted`` are the items
    whose sum is the total, all of them where it is empty.
    """

    instrument: str
    asks: str
    items: tuple[Item, ...]
    source: str
    bands: tuple[tuple[int, str], ...] = ()
    cut_offs: str = ""
    counted: frozenset[int] = frozenset()

    def total(self, given: Mapping[str, object]) -> float | None:
        """The sum of what was answered; None while an item that counts has no number."""
        numbers = [given.get(item.name) for item in self.items if not self.counted or item.number in self.counted]
        known = [number for number in numbers if isinstance(number, int | float)]
        return float(sum(known)) if len(known) == len(numbers) else None

    def band(self, score: float) -> str:
        """What a total means, in a word or two; empty where none is published."""
        return next((words for lowest, words in reversed(self.bands) if score >= lowest), "")


DAYS = 30
"""Days that an item may count: those that the client is asked about."""


def numbered(texts: Iterable[str], answers: tuple[tuple[int, str], ...]) -> tuple[Item, ...]:
    """Items that all take the same answers, numbered from 1."""
    return tuple(Item(number, text, answers) for number, text in enumerate(texts, start=1))
