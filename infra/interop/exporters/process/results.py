"""What a score or a drug screen is called as an activity, and what it found."""

from __future__ import annotations

from collections.abc import Mapping

from domain.events import DrugScreenResulted, InstrumentScored
from projections.clinical.substances import class_of, plain_name
from projections.timeline.words import instrument_title

Detail = str | float


def scored(event: InstrumentScored) -> tuple[str, Mapping[str, Detail]]:
    """A score's name, by its instrument, and its details: the instrument and the score."""
    title = instrument_title(event.instrument.strip())
    return f"Instrument scored: {title}", {"instrument": title, "score": float(event.score)}


def screened(event: DrugScreenResulted) -> tuple[str, Mapping[str, Detail]]:
    """A screen's name, by its specimen and the name of its panel, and its details.

    ``result`` is ``positive``, ``negative`` or ``invalid``; each substance that was found, or that the panel lists by
    name, has a result of its own (``result_fentanyl``); a name of the panel has none where another of its class was
    found. An invalid screen says nothing of any.
    """
    panel = event.panel if isinstance(event.panel, str) else ""
    listed = () if event.panel is None or isinstance(event.panel, str) else event.panel
    details: dict[str, Detail] = {"specimen": event.specimen, "panel": panel or ", ".join(listed)}
    name = f"Drug screen: {', '.join(part for part in (event.specimen.replace('_', ' '), panel) if part)}"
    if event.valid is False:
        return name, {**details, "result": "invalid"}
    classes = {class_of(name) for name in event.positive}
    results = {_key(name): "negative" for name in listed if class_of(name) not in classes}
    results |= {_key(name): "positive" for name in event.positive}
    return name, {**details, "result": "positive" if event.positive else "negative", **results}


def _key(substance: str) -> str:
    return f"result_{plain_name(substance).replace(' ', '_')}"
