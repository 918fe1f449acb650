"""The form of an assessment: what the last one said stands there, and what is different now is marked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from api.web.writing.fields import Field, shown
from domain.entries import Entry, effective
from domain.events import AssessmentCompleted, InvalidDataError
from domain.phrases import Phrase


def last_assessment(entries: list[Entry]) -> Entry | None:
    """The latest assessment by clinical time of those whose findings are on record."""
    assessments = [entry for entry in effective(entries) if isinstance(entry.event, AssessmentCompleted)]
    rated = [entry for entry in assessments if not getattr(entry.event, "unrated", None)]
    return max(rated, key=lambda entry: (entry.at, entry.position), default=None)


def as_rows(fields: Sequence[Field], last: Entry | None) -> list[Field]:
    """The fields of an assessment with their answers side by side, and what each was in the last one."""
    data = last.event.model_dump(mode="json") if last else {}
    return [
        replace(field, rows=True, was=shown(field, data[field.name]) if data.get(field.name) is not None else "")
        for field in fields
    ]


def since(last: Entry | None) -> str:
    """The day of the last assessment (ISO), as the facility's calendar has it."""
    return date.fromordinal(last.day).isoformat() if last else ""


def all_rated(data: Mapping[str, Any]) -> None:
    """Ask for every dimension that was left out; the sixth has no rating in the 4th edition.

    Raises:
        InvalidDataError: one of them has none.
    """
    ratings = data.get("asam") or [None] * 6
    wanted = 5 if data.get("edition") == 4 else 6
    left_out = [number for number, rating in enumerate(ratings[:wanted], start=1) if rating is None]
    if left_out:
        raise InvalidDataError(
            [
                Phrase("Dimension {number}: choose a rating.", number=dimension, field=f"asam:{dimension}")
                for dimension in left_out
            ]
        )
