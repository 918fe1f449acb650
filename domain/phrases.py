"""Phrases: texts that keep template and values apart, so that they can be translated."""

from __future__ import annotations

from typing import Any


class Phrase(str):
    """An English text for everyone, with what it was made of for those who say it in another language.

    ``template`` is the text before its values were put in: the key that a catalogue knows it by. Of ``values``,
    those that are phrases are said in the other language too; all others (names, numbers, what somebody recorded)
    stay as they are.
    """

    template: str
    values: dict[str, Any]

    def __new__(cls, template: str, /, **values: Any) -> Phrase:
        """Put the values into the template; one without values is taken as it is."""
        made = super().__new__(cls, template.format(**values) if values else template)
        made.template, made.values = template, values
        return made

    def __getnewargs_ex__(self) -> tuple[tuple[str], dict[str, Any]]:
        """How a copy is made."""
        return (self.template,), self.values


def spaced(name: str) -> Phrase:
    """A CamelCase name, of a type of event, as words: *Consent given*."""
    return Phrase("".join(f" {letter.lower()}" if letter.isupper() else letter for letter in name).strip().capitalize())


def joined(separator: str, parts: list[str]) -> Phrase:
    """Parts one after another, each said by itself."""
    names = [f"part{place}" for place in range(len(parts))]
    return Phrase(separator.join(f"{{{name}}}" for name in names), **dict(zip(names, parts, strict=True)))
