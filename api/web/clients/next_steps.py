"""Next steps after the entry that was just recorded."""

from __future__ import annotations

from dataclasses import dataclass

from api.web.writing.ways import Link, links
from domain.decisions import History
from projections.clinical.next_steps import next_steps


@dataclass(frozen=True, slots=True)
class Shown:
    """A step as the page shows it."""

    text: str
    urgent: bool
    links: list[Link]


def steps_shown(reference: str, role: str, history: History, recorded: str) -> list[Shown]:
    """The steps after the entry of that id (as addresses give it); without a way for the role only urgent ones."""
    steps = next_steps(history, recorded.replace("-", "")) if recorded else []
    shown = [Shown(step.text, step.urgent, links(reference, role, step.ways)) for step in steps]
    return [step for step in shown if step.urgent or step.links]
