"""From a posted form to a definition; what does not fit comes back by field."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from api.i18n.language import _, translated
from api.web.administration.kinds import Field, Page
from api.web.writing.submission import Posted
from domain.phrases import Phrase


def data_of(page: Page, form: Posted) -> dict[str, Any]:
    """What a form says; what was left empty is left out. Checking it is the event's own business."""
    values = {field.name: _value(field, form.given.get(field.name, ())) for field in page.fields}
    return {name: value for name, value in values.items() if value not in (None, [], {})}


def by_field(problems: Sequence[str]) -> dict[str, str]:
    """What is wrong in words, by the id of the input that it is about; under no name what is about none."""
    by_name: dict[str, str] = {}
    for problem in problems:
        values = problem.values if isinstance(problem, Phrase) else {}
        parts = str(values.get("field", "")).split(".")
        name = "-".join(parts[:2]) if parts[0] == "capacity" else parts[0]
        by_name.setdefault(name, _plain(values.get("problem", problem)))
    return by_name


def problem_at(field: str, text: str) -> Phrase:
    """A problem of ours with an input of a form; of none where ``field`` is empty."""
    return Phrase("{field}: {problem}", field=field, problem=Phrase(text))


def _plain(problem: str) -> str:
    """What is wrong with a field, as a person would say it."""
    if problem == "Field required":
        return _("Fill this in.")
    error = problem.values.get("error") if isinstance(problem, Phrase) else None
    return translated(error) if isinstance(error, str) else translated(problem)


def _value(field: Field, given: Sequence[str]) -> Any:
    texts = [text.strip() for text in given]
    text = texts[0] if texts else ""
    match field.widget:
        case "days" | "ticks":
            return texts
        case "lines":
            return [part.strip() for part in re.split(r"[\n,;]", text) if part.strip()]
        case "places":
            levels = (level for level, _title in field.choices)
            return {level: _number(places) for level, places in zip(levels, texts, strict=False) if places}
        case "number":
            return _number(text) if text else None
        case _:
            return text or None


def _number(text: str) -> int | str:
    """A whole number where it is one; what is none is left for the event to refuse."""
    return int(text) if re.fullmatch(r"-?[0-9]{1,9}", text) else text
