"""Phrases: texts that keep template and values apart, so that they can be translated."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any


class Phrase(str):
    """An English text for everyone, with what it was made of for those who say it in another language.

    ``template`` is the text before its values were put in: the key that a catalogue knows it by. Of ``values``,
    those that are phrases are said in the other language too; all others (names, numbers, what somebody recorded)
    stay as they are. Days and moments (aware) are
    said as the reader writes them; in the text itself they are ISO 8601.
    """

    template: str
    values: dict[str, Any]

    def __new__(cls, template: str, /, **values: Any) -> Phrase:
        """Put the values into the template; one without values is taken as it is."""
        made = super().__new__(
            cls, template.format(**{name: _iso(value) for name, value in values.items()}) if values else template
        )
        made.template, made.values = template, values
        return made

    def __getnewargs_ex__(self) -> tuple[tuple[str], dict[str, Any]]:
        """How a copy is made."""
        return (self.template,), self.values


def _iso(value: Any) -> Any:
    return value.isoformat().replace("+00:00", "Z") if isinstance(value, datetime) else value


# How words are written that a type's name runs together or takes apart.
_HYPHENED = {"Follow up": "Follow-up", "Handoff": "Hand-off"}


def spaced(name: str) -> Phrase:
    """A CamelCase name, of a type of event, as words: *Consent given*."""
    text = "".join(f" {letter.lower()}" if letter.isupper() else letter for letter in name).strip().capitalize()
    for joined_up, written in _HYPHENED.items():
        text = text.replace(joined_up, written)
    return Phrase(text)


def ago(days: int) -> Phrase:
    """So many days before today: *today*, *yesterday*, *3 days ago*."""
    if days < 2:
        return Phrase("yesterday") if days else Phrase("today")
    return Phrase("{days} days ago", days=days)


def ahead(days: int) -> Phrase:
    """So many days after today: *today*, *tomorrow*, *in 3 days*."""
    if days < 2:
        return Phrase("tomorrow") if days else Phrase("today")
    return Phrase("in {days} days", days=days)


def lasting(days: int) -> Phrase:
    """So many whole days of time: *less than a day*, *a day*, *3 days*."""
    if days < 2:
        return Phrase("a day") if days else Phrase("less than a day")
    return Phrase("{days} days", days=days)


def joined(separator: str, parts: Sequence[Any]) -> Phrase:
    """Parts one after another, each said by itself."""
    names = [f"part{place}" for place in range(len(parts))]
    return Phrase(separator.join(f"{{{name}}}" for name in names), **dict(zip(names, parts, strict=True)))
