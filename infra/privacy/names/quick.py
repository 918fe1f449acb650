"""Marks of what is typed to find a chart quickly, beside its names: a day of birth, and how its number ends."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date

from projections.params import known_day

BIRTH, ENDING = b"b", b"e"  # the first byte of a token; the others are in ``likeness``
SHORTEST_ENDING, LONGEST_ENDING = 3, 8
_PLAIN = re.compile(r"[\W_]+")


def compact(number: str) -> str:
    """A chart number without case, blanks and punctuation: ``SIM-000123`` is sim000123."""
    return _PLAIN.sub("", number).casefold()


def birth_mark(birth: date) -> str:
    """The mark of a day of birth."""
    return birth.isoformat()


def birth_of(text: str) -> date | None:
    """The day that a text is, as 1990-01-31; None for any other text."""
    return known_day(text)


def ending_mark(text: str) -> str | None:
    """The mark of the end of a number, or its last part where it is longer; None where it says too little."""
    plain = compact(text)
    return plain[-LONGEST_ENDING:] if len(plain) >= SHORTEST_ENDING and any(map(str.isdigit, plain)) else None


def endings(reference: str) -> Iterator[str]:
    """The marks of every end of a chart number, from three letters and digits on."""
    plain = compact(reference)
    yield from (plain[-length:] for length in range(SHORTEST_ENDING, min(len(plain), LONGEST_ENDING) + 1))
