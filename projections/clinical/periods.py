"""Spans of days on which medication is covered, and the periods that they add up to."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, NamedTuple

from domain.entries import Entry

GAP_DAYS: Final = 7
"""The longest gap without medication that does not end a period (CBE 3175; POD says that one of 8 days does)."""


class Span(NamedTuple):
    """What one dose, supply or prescription covers: for sure from ``first`` to the day before ``end``.

    It may go on to the day before ``latest``. ``entry`` is the dose or the start of the prescription, ``stop`` its
    recorded stop; ``is_open`` marks a prescription without one.
    """

    first: int
    end: int
    latest: int
    entry: Entry
    stop: Entry | None = None
    is_open: bool = False

    def at_most(self) -> Span:
        """The same as if all that may be covered were."""
        return self._replace(end=self.latest)


@dataclass(frozen=True, slots=True)
class Period:
    """Days of coverage from ``first`` to the day before ``end`` without a gap of more than 7 days; its spans."""

    first: int
    end: int
    spans: tuple[Span, ...]

    @property
    def days(self) -> int:
        """Its length in days, those of the gaps within it included."""
        return self.end - self.first


def periods(spans: Iterable[Span]) -> list[Period]:
    """The periods that spans (by first day) add up to; what covers no day is in none."""
    runs: list[list[Span]] = []
    end = 0
    for span in spans:
        if span.end <= span.first:
            continue
        if not runs or span.first - end > GAP_DAYS:
            runs.append([])
        runs[-1].append(span)
        end = max(end, span.end)
    return [Period(run[0].first, max(span.end for span in run), tuple(run)) for run in runs]
