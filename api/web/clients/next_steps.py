"""What follows from the entry that was just recorded, said where it is seen at once."""

from __future__ import annotations

from collections.abc import Iterable

from domain.entries import Entry
from domain.events import InstrumentScored
from domain.phrases import Phrase
from domain.questionnaires import says_self_harm

Step = tuple[str, str, str]
"""What to do, the command that records it, and the words of its link."""
_SAFETY: Step = (
    Phrase(
        "Item 9 is above 0: thoughts of death or self-harm. Ask about the risk of suicide before the client leaves, "
        "agree on a safety plan and tell the supervisor. The 988 Suicide & Crisis Lifeline answers calls and texts."
    ),
    "add-note",
    Phrase("Write what was agreed"),
)


def next_step(entries: Iterable[Entry], recorded: str) -> Step | None:
    """The step after the entry of that id (as addresses give it); None where nothing follows."""
    wanted = recorded.replace("-", "")
    event = next((entry.event for entry in entries if entry.event_id == wanted), None)
    return _SAFETY if isinstance(event, InstrumentScored) and says_self_harm(event) else None
