"""Drug screens in the words of the timeline: what is prescribed is no finding, and what is not valid says nothing."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from domain.entries import Entry
from domain.events import DrugScreenResulted
from domain.phrases import Phrase
from projections.clinical.medication import Medications
from projections.clinical.screens import unexplained
from projections.timeline.summary import summary_of, summary_of_screen
from projections.timeline.words import title_of

Sign = Literal["positive", "prescribed", "negative", "invalid"]


@dataclass(frozen=True, slots=True)
class Said:
    """What a screen comes to, its title and its line."""

    sign: Sign
    title: str
    summary: str


def said_of(entry: Entry, screen: DrugScreenResulted, taken: Medications) -> Said:
    """A screen as people read it who know what was prescribed then."""
    left = unexplained(entry, taken)
    sign = _sign(screen, left)
    title = Phrase("Drug screen as prescribed") if sign == "prescribed" else title_of(screen)
    return Said(sign, title, summary_of_screen(screen, left))


def titled(entry: Entry, counted: Iterable[Entry]) -> tuple[str, str]:
    """The title and the line of an entry, among all that count."""
    if not isinstance(entry.event, DrugScreenResulted):
        return title_of(entry.event), summary_of(entry.event)
    screen = said_of(entry, entry.event, Medications.of(counted))
    return screen.title, screen.summary


def _sign(screen: DrugScreenResulted, left: list[str]) -> Sign:
    if screen.valid is False:
        return "invalid"
    if left:
        return "positive"
    return "prescribed" if screen.positive else "negative"
