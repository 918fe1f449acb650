"""Usual lengths of sessions; whoever chooses another kind does not keep the length of the first."""

from __future__ import annotations

from collections.abc import Mapping
from typing import get_args

from api.web.writing.submission import Posted
from domain.levels import LEVELS_OF_CARE
from domain.phrases import Phrase
from domain.vocabulary import SessionKind

# Minutes that a form offers, to be changed by who knows better; of groups the level has its own.
_OF_KIND = {"medication_management": 30, "case_management": 30}
_HOUR = 60


def usual_minutes(level: str) -> dict[str, int]:
    """Minutes by kind of session at a level."""
    of_group = next((care.group_minutes for name, care in LEVELS_OF_CARE.items() if name == level), _HOUR)
    usual = {kind: _OF_KIND.get(kind, _HOUR) for kind in get_args(SessionKind)}
    return usual | {"group": of_group}


def kept_length(form: Posted, usual: Mapping[str, int]) -> str:
    """What to ask about minutes that stand there from another kind of session than was chosen; else nothing.

    Where scripts run the minutes followed the choice. ``for_kind`` is the kind whose minutes the form offered.
    """
    kind, offered = form.text("kind"), form.text("for_kind")
    minutes = usual.get(kind)
    if kind == offered or minutes is None or form.text("minutes") != str(usual.get(offered)):
        return ""
    if usual[offered] == minutes:
        return ""
    return Phrase(
        "Minutes: {kept} are the usual length of another kind; of this kind it is {minutes}. Give those that it took.",
        kept=usual[offered],
        minutes=minutes,
    )
