"""Questionnaires that are filled in here: those whose items are free to use, and what a total of them means."""

from __future__ import annotations

from domain.events import InstrumentScored
from domain.instruments import plain_name
from domain.questionnaires.monitor import BAM
from domain.questionnaires.mood import GAD7, PHQ9
from domain.questionnaires.sheet import DAYS as DAYS, Item as Item, Questionnaire as Questionnaire
from domain.questionnaires.withdrawal import CIWA_AR, COWS

QUESTIONNAIRES = (PHQ9, GAD7, BAM, COWS, CIWA_AR)
_BY_NAME = {plain_name(form.instrument): form for form in QUESTIONNAIRES}


def questionnaire(instrument: str) -> Questionnaire | None:
    """The questionnaire of an instrument, by any of its spellings; None where its items are not kept here."""
    return _BY_NAME.get(plain_name(instrument))


def severity(instrument: str, score: float) -> str:
    """What a total means by the published cut-offs; empty where there are none."""
    form = questionnaire(instrument)
    return form.band(score) if form else ""


def asks_self_harm(event: InstrumentScored) -> bool:
    """Whether the answer to the ninth item of a PHQ-9 is on record."""
    return _ninth(event) is not None


def says_self_harm(event: InstrumentScored) -> bool:
    """Whether a PHQ-9 says thoughts of death or self-harm: its ninth item is above 0."""
    return (_ninth(event) or 0) > 0


def _ninth(event: InstrumentScored) -> float | None:
    if questionnaire(event.instrument) is not PHQ9 or not event.items:
        return None
    ninth = PHQ9.items[-1]
    if isinstance(event.items, tuple):
        answer = event.items[ninth.number - 1] if len(event.items) >= ninth.number else None
    else:
        answer = event.items.get(ninth.name)
    return answer if isinstance(answer, int | float) else None
