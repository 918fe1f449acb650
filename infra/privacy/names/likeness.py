"""Marks that charts of one person share, though somebody heard or typed it differently; kept as keyed hashes alone.

Two charts are possible duplicates when one of these agrees: the sound of the surname, or of first and last name in
either order, with an equal day of birth; the same name with a day of birth whose day and month are swapped, or of which
one digit differs; the chart number but for case, blanks, punctuation and leading zeros.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from datetime import date
from typing import Literal

from infra.privacy.names.words import sound, words

PERSON, DATE_OFF, NUMBER, APART = b"p", b"q", b"c", b"x"  # the first byte of a token; b"n" has those of the search
How = Literal["name", "birth_date", "number"]
HOW: dict[bytes, How] = {PERSON: "name", DATE_OFF: "birth_date", NUMBER: "number"}
"""By the first byte of a token that two charts share: how they look alike."""
_SUFFIXES = frozenset({"jr", "sr", "ii", "iii", "iv"})
_PARTS = re.compile(r"\d+|[^\W\d_]+")

Mark = tuple[bytes, str]


def person_marks(name: str, birth: date) -> Iterator[Mark]:
    """The marks of a name with a day of birth."""
    surname, ends = _surname(name), sorted(_ends(name))
    if not ends:
        return
    day = birth.isoformat()
    yield PERSON, f"{_heard(surname)}|{day}"
    yield PERSON, f"{'+'.join(sorted(map(_heard, ends)))}|{day}"
    whole = "+".join(ends)
    digits = f"{birth:%Y%m%d}"
    yield from ((DATE_OFF, f"{whole}|{digits[:place]}_{digits[place + 1 :]}") for place in range(len(digits)))
    yield DATE_OFF, f"{whole}|{birth.year}|{'|'.join(sorted((digits[4:6], digits[6:])))}"


def number_mark(reference: str) -> Mark:
    """The mark of a chart number in any spelling."""
    parts = _PARTS.findall(unicodedata.normalize("NFKC", reference).casefold())
    return NUMBER, "-".join(part.lstrip("0") or "0" if part.isdigit() else part for part in parts) or reference


def apart_mark(first: str, other: str) -> Mark:
    """The mark of two charts (streams) that somebody said are two people's."""
    return APART, "|".join(sorted((first, other)))


def _surname(name: str) -> str:
    """What stands before a comma, or else the last word that is no suffix."""
    before, comma, _ = name.partition(",")
    named = _plain(before)
    if comma and named and _plain(name) != named:
        return named[-1]
    return ([*_plain(name)] or [""])[-1]


def _ends(name: str) -> set[str]:
    parts = _plain(name)
    return {parts[0], parts[-1]} if parts else set()


def _plain(name: str) -> list[str]:
    parts = words(name)
    return [word for word in parts if word not in _SUFFIXES] or parts


def _heard(word: str) -> str:
    return sound(word) or word
