"""Marks of what is typed to find a chart quickly, beside its names: a day of birth, and how its number ends."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date

from projections.params import known_day

BIRTH, ENDING = b"b", b"e"  # the first byte of a token; the others are in ``likeness``
SHORTEST_ENDING, LONGEST_ENDING = 3, 8
_PLAIN = re.compile(r"[\W_]+")
_DAY, _YEAR = r"(?P<day>\d{1,2})", r"(?P<year>\d{4})"
_NUMBER, _NAME = r"(?P<month>\d{1,2})", r"(?P<month>[^\W\d_]{3,})\.?"
_WAYS = tuple(
    re.compile(way, re.ASCII if way.count(_NUMBER) else 0)
    for way in (
        rf"{_NUMBER}/{_DAY}/{_YEAR}",
        rf"{_DAY}\.\s?{_NUMBER}\.\s?{_YEAR}",
        rf"{_DAY}\.?(?: de)? {_NAME}(?: de)?,? {_YEAR}",
        rf"{_NAME} {_DAY},? {_YEAR}",
    )
)
_ENGLISH = "jan feb mar apr may jun jul aug sep oct nov dec"
_SPANISH = "ene feb mar abr may jun jul ago sep oct nov dic"
_MONTHS = {name: number for names in (_ENGLISH, _SPANISH) for number, name in enumerate(names.split(), start=1)}


def compact(number: str) -> str:
    """A chart number without case, blanks and punctuation: ``SIM-000123`` is sim000123."""
    return _PLAIN.sub("", number).casefold()


def birth_mark(birth: date) -> str:
    """The mark of a day of birth."""
    return birth.isoformat()


def birth_of(text: str) -> date | None:
    """The day that a text is; None for any other text.

    As people write it: 1990-01-31, 01/31/1990 (of two that can be months the first is), 31.01.1990, 31 Jan 1990,
    Jan 31, 1990, 31 de enero de 1990; years have four digits.
    """
    return known_day(text) or next(filter(None, (_written(way.fullmatch(text.strip())) for way in _WAYS)), None)


def _written(text: re.Match[str] | None) -> date | None:
    if text is None:
        return None
    day, month, year = (text[part] for part in ("day", "month", "year"))
    number = int(month) if month.isdecimal() else _MONTHS.get(month.casefold()[:3], 0)
    if number > 12 and "/" in text[0]:  # nothing but a day: it was written first
        day, number = str(number), int(day)
    try:
        return date(int(year), number, int(day))
    except ValueError:
        return None


def ending_mark(text: str) -> str | None:
    """The mark of the end of a number, or its last part where it is longer; None where it says too little."""
    plain = compact(text)
    return plain[-LONGEST_ENDING:] if len(plain) >= SHORTEST_ENDING and any(map(str.isdigit, plain)) else None


def endings(reference: str) -> Iterator[str]:
    """The marks of every end of a chart number, from three letters and digits on."""
    plain = compact(reference)
    yield from (plain[-length:] for length in range(SHORTEST_ENDING, min(len(plain), LONGEST_ENDING) + 1))
