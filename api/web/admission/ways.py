"""Remedies for a refused admission: within its own steps where they have it, else by another form."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from urllib.parse import urlencode

from api.addresses import address_of
from api.web.admission.state import Step
from api.web.writing.submission import Outcome, Posted
from api.web.writing.ways import Link, links
from domain.criteria import Criterion
from domain.decisions import History
from domain.levels import LEVELS, Level
from domain.refusals import Refusal
from domain.remedies import remedies

_STEP: Mapping[str, Step] = {"complete-assessment": "assessment", "start-level": "level"}
_LEVEL: Mapping[str, str] = {"start-level.": "start-level.level"}


def ways_of_refusals(
    reference: str, role: str, history: History, outcome: Outcome, form: Posted | None, now: datetime
) -> list[Link]:
    """What would help against the refusals of a part; ``now`` is aware."""
    if form is None or not outcome.refusals:
        return []
    text = form.text(_LEVEL.get(outcome.prefix, "")) or form.text("complete-assessment.recommended_level")
    wanted = text if outcome.prefix in _LEVEL and text in LEVELS else None
    return _links(reference, role, history, outcome.refusals, wanted, now)


def ways_of_criteria(
    reference: str, role: str, history: History, unmet: Iterable[Criterion], wanted: Level | None, at: datetime
) -> list[Link]:
    """What would help against what is not met yet, before anything is sent; ``at`` is aware."""
    return _links(reference, role, history, [criterion.as_refusal() for criterion in unmet], wanted, at)


def _links(
    reference: str, role: str, history: History, refusals: Sequence[Refusal], wanted: Level | None, at: datetime
) -> list[Link]:
    ways = remedies(history, refusals, wanted, at)
    plain = {way.words: to for way in ways for _words, to in links(reference, role, [way])}
    inside = {
        way.words: f"{address_of(reference)}/admission?{urlencode({'step': _STEP[way.command], **way.values})}"
        for way in ways
        if way.command in _STEP
    }
    return [(words, inside.get(words, to)) for words, to in plain.items()]
