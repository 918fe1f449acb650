"""Instruments filled in on a page: their items as a form shows and reads them, and the total of these."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from api.i18n.language import N_
from api.web.writing.fields import Field, Given
from domain.events import InvalidDataError
from domain.instruments import known_instruments
from domain.phrases import Phrase
from domain.questionnaires import DAYS, QUESTIONNAIRES, Item, Questionnaire, questionnaire
from projections.timeline.words import instrument_title

TO_FILL_IN = tuple((sheet.instrument, instrument_title(sheet.instrument)) for sheet in QUESTIONNAIRES)
_TOTAL = N_("Only where the answers are not at hand: without them the total stands alone")


def name_of(item: Item) -> str:
    """The name of an item's field."""
    return f"items:{item.name}"


def fields_beside(fields: Sequence[Field], sheet: Questionnaire | None) -> list[Field]:
    """The other fields of a score: beside the items of a sheet only the total, which may be left empty."""
    if sheet is None:
        return [
            replace(field, kind="choice", choices=_instruments()) if field.name == "instrument" else field
            for field in fields
        ]
    return [
        replace(field, label=N_("Total"), required=False, help=_TOTAL) for field in fields if field.name != "instrument"
    ]


def beside_items(fields: Sequence[Field], items: Mapping[str, str]) -> list[Field]:
    """The fields of a correction; where the items are on record the total is left to them."""
    if not any(items.values()):
        return list(fields)
    return [
        replace(field, required=False, help=_TOTAL, value="") if field.name == "score" else field for field in fields
    ]


def answered(data: Mapping[str, Any], given: Given) -> dict[str, Any]:
    """A score with its items and the total they add up to, where any item was answered.

    Raises:
        InvalidDataError: an item was left out or is none of its answers, or another total was given.
    """
    sheet = questionnaire(str(data.get("instrument", "")))
    texts = held(sheet, given) if sheet else {}
    if sheet is None or not any(texts.values()):
        return dict(data)
    problems: list[str] = []
    items: dict[str, float] = {}
    for item in sheet.items:
        text = texts[item.name]
        if text.isdecimal() and len(text) < 4 and item.allows(int(text)):
            items[item.name] = int(text)
        else:
            problems.append(_left_out(item))
    total = sheet.total(items)
    if not problems and data.get("score") not in (None, total):
        problems = [
            Phrase(
                "Total: the answers add up to {total}. Leave the total empty, or correct an answer.",
                total=f"{total:g}",
                field="score",
            )
        ]
    if problems:
        raise InvalidDataError(problems)
    return {**data, "items": items, "score": total}


def held(sheet: Questionnaire, given: Given) -> dict[str, str]:
    """What a form says of each item, by the item's name."""
    return {item.name: (given.get(name_of(item)) or [""])[0].strip() for item in sheet.items}


def recorded(sheet: Questionnaire, items: object) -> dict[str, str]:
    """What an entry says of each item, as a form holds it; empty texts where it has none."""
    answers: Mapping[Any, Any] = {}
    if isinstance(items, Mapping):
        answers = items  # pyright: ignore[reportUnknownVariableType]
    elif isinstance(items, tuple | list):
        answers = {str(number): item for number, item in enumerate(items, start=1)}  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]
    numbers = {item.name: answers.get(item.name) for item in sheet.items}
    return {name: f"{answer:g}" if isinstance(answer, int | float) else "" for name, answer in numbers.items()}


def _left_out(item: Item) -> Phrase:
    if item.answers:
        return Phrase("Item {number}: choose an answer.", number=item.number, field=name_of(item))
    return Phrase("Item {number}: give the days, 0 to {most}.", number=item.number, most=DAYS, field=name_of(item))


def _instruments() -> tuple[tuple[str, str], ...]:
    return tuple(
        (instrument.name, f"{instrument.title} ({instrument.lowest:g}–{instrument.highest:g})")
        for instrument in known_instruments()
    )
