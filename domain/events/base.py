"""The base of every event: frozen pydantic models that know their version and their personal fields."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Mapping
from datetime import date
from typing import Annotated, Any, ClassVar, cast

from pydantic import AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints

from domain.phrases import Phrase

NO_NUL = r"^[^\x00]*$"
Word = Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=NO_NUL)]
LONGEST_NAME = 1_000
Name = Annotated[str, StringConstraints(min_length=1, max_length=LONGEST_NAME, pattern=NO_NUL)]
Text = Annotated[str, StringConstraints(min_length=1, max_length=20_000, pattern=NO_NUL)]


class Personal:
    """Marks a field that identifies a person or is free text: kept as ciphertext under the client's own key.

    A personal field is ``None`` when its ciphertext was not opened, or can no longer be (key destroyed).
    """

    def __init__(self, *, required: bool = False, unless: Collection[str] = frozenset()) -> None:
        """Mark a field.

        ``required``: a new entry without it is refused, though a sealed one reads as None. ``unless``: the words
        of a closed list, which say nothing of one person: such a word stays readable, every other one is sealed.
        """
        self.required = required
        self.unless = frozenset(unless)


PersonalWord = Annotated[Word | None, Personal()]
PersonalText = Annotated[Text | None, Personal()]
RequiredWord = Annotated[Word | None, Personal(required=True)]
PersonalName = Annotated[Name | None, Personal()]
RequiredName = Annotated[Name | None, Personal(required=True)]
RequiredText = Annotated[Text | None, Personal(required=True)]


class Event(BaseModel):
    """A fact in a client's life, as recorded. ``version`` is its schema version; an old one is upcast."""

    model_config = ConfigDict(frozen=True, extra="forbid", json_schema_extra=lambda schema, cls: _mark(schema, cls))

    version: ClassVar[int] = 1
    of_provider: ClassVar[bool] = False
    """Whether it is said of the provider, not of a client: ``domain.events.provider``."""
    personal: ClassVar[frozenset[str]] = frozenset()
    personal_required: ClassVar[frozenset[str]] = frozenset()
    readable: ClassVar[Mapping[str, frozenset[str]]] = {}

    @property
    def may_follow_death(self) -> bool:
        """Whether somebody else may say it of a client who has died, so that it counts like any other entry."""
        return False

    @classmethod
    def __pydantic_init_subclass__(cls, **_: Any) -> None:
        marks = {
            name: mark
            for name, field in cls.model_fields.items()
            for mark in field.metadata
            if isinstance(mark, Personal)
        }
        cls.personal = frozenset(marks)
        cls.personal_required = frozenset(name for name, mark in marks.items() if mark.required)
        cls.readable = {name: mark.unless for name, mark in marks.items() if mark.unless}

    @classmethod
    def seals(cls, name: str, value: Any) -> bool:
        """Whether a field with this value is kept as ciphertext."""
        return name in cls.personal and value is not None and value not in cls.readable.get(name, ())

    @property
    def sealed(self) -> list[str]:
        """The names of the fields of this event that are kept as ciphertext."""
        return sorted(name for name in self.personal if self.seals(name, getattr(self, name)))

    def missing(self) -> list[str]:
        """Names of the personal fields that a new entry needs and this one lacks."""
        return sorted(name for name in self.personal_required if getattr(self, name) is None)

    def blank(self) -> list[str]:
        """Names of the text fields that say nothing: only spaces, and signs that nobody sees."""
        values = vars(self).items()
        return sorted(name for name, value in values if isinstance(value, str) and not says_something(value))

    def numbers_from(self, given: Mapping[str, Any]) -> list[str]:
        """Names of the fields for which yes or no was given and became the number 1 or 0."""
        if not any(isinstance(value, bool | dict) for value in given.values()):
            return []
        fields = ((name, info.alias or name) for name, info in type(self).model_fields.items())
        return sorted(alias for name, alias in fields if _became_number(given.get(alias), getattr(self, name)))


def _became_number(given: Any, taken: Any) -> bool:
    if isinstance(given, bool):
        return isinstance(taken, int | float) and not isinstance(taken, bool)
    if isinstance(given, dict) and isinstance(taken, Mapping):
        pairs = cast("dict[Any, Any]", given), cast("Mapping[Any, Any]", taken)
        return any(_became_number(value, pairs[1].get(key)) for key, value in pairs[0].items())
    return False


def says_something(text: str) -> bool:
    """Whether a text has a letter or sign that is seen: not only spaces, control and zero-width characters."""
    if text[:1].isalnum():  # a letter or number, as nearly every text begins
        return True
    return any(unicodedata.category(letter)[0] not in "ZCM" for letter in text)


def _mark(schema: dict[str, Any], cls: type[Any]) -> None:
    """Publish the required personal fields as required, which fields are personal, and which words of them are not."""
    if cls.personal_required:
        schema["required"] = sorted({*schema.get("required", ()), *cls.personal_required})
    for name in cls.personal:
        schema["properties"][name]["x-personal"] = True
    for name, words in cls.readable.items():
        schema["properties"][name]["x-readable"] = sorted(words)


def _calendar_day(value: Any) -> Any:
    """A day is written as a date; a bare number is no day."""
    if isinstance(value, str) and not re.fullmatch(r"(19|20|21)\d\d-\d\d-\d\d", value):
        msg = Phrase("is not a date: write it as 2026-01-31")
        raise ValueError(msg)
    if isinstance(value, int | float):
        msg = Phrase("is a number, not a date: write it as 2026-01-31")
        raise ValueError(msg)
    return value


def _clock_moment(value: Any) -> Any:
    """A moment is written with its date, its time and its UTC offset; a bare number is none."""
    written = not isinstance(value, int | float)
    if written and isinstance(value, str):
        written = re.match(r"(19|20|21)\d\d-\d\d-\d\d[T ]\d\d:\d\d", value) is not None
    if not written:
        msg = Phrase("is not a date and time: write it as 2026-01-31T09:00:00-05:00")
        raise ValueError(msg)
    return value


Moment = Annotated[AwareDatetime, BeforeValidator(_clock_moment)]
Day = Annotated[date, BeforeValidator(_calendar_day)]
Count = Annotated[int, Field(ge=0, le=1_000_000)]
Minutes = Annotated[int, Field(ge=1, le=24 * 60)]
Hours = Annotated[float, Field(ge=0, le=24 * 366)]
Dose = Annotated[float, Field(ge=0, le=100_000)]
DaysSupply = Annotated[int, Field(ge=1, le=365)]
