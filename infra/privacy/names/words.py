"""Names as words to look for: without case, accents, hyphens; what they begin with, and how they sound."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

SHORTEST_PREFIX = 3
LONGEST_PREFIX = 10

_SPLIT = re.compile(r"[^\w]+|_+")
_JOINED = re.compile(r"['’`´]")
# Letters that no decomposition takes apart.
_PLAIN = str.maketrans({"ß": "ss", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ı": "i"})

# How letters sound, in order: an English-speaking front desk hears many spellings of one name.
_SOUNDS = tuple(
    (re.compile(pattern), sound)
    for pattern, sound in (
        (r"^(kn|gn|pn)", "n"),
        (r"^wr", "r"),
        (r"^ps", "s"),
        (r"^mac", "mc"),
        (r"sch|sh|tsch|tch|ch", "x"),
        (r"ph|v", "f"),
        (r"gh(?=t)|d(?=t)", ""),
        (r"th", "t"),
        (r"c(?=[eiy])|z|ts", "s"),
        (r"ck|c|q|kh|g(?=[^eiy]|$)", "k"),
        (r"g|j", "j"),
        (r"(?<=.)[aeiouywh]", ""),
        (r"^[aeiouy]", "a"),
        (r"(.)\1+", r"\1"),
    )
)


def words(name: str) -> list[str]:
    """The words of a name, in order: ``O'Brien-Núñez`` is obrien and nunez."""
    joined = _JOINED.sub("", name).casefold().translate(_PLAIN)
    plain = "".join(letter for letter in unicodedata.normalize("NFKD", joined) if not unicodedata.combining(letter))
    return [word for word in _SPLIT.split(plain) if word]


def sound(word: str) -> str:
    """How a word sounds, roughly: Catherine and Kathryn are ktrn."""
    for pattern, heard in _SOUNDS:
        word = pattern.sub(heard, word)
    return word


def prefix(word: str) -> str:
    """The beginning of a word that is looked up."""
    return word[:LONGEST_PREFIX]


def marks(name: str) -> Iterator[str]:
    """Everything by which a name is found: whole words, beginnings of three letters and more, sounds."""
    for word in words(name):
        yield f"={word}"
        yield from (f"^{word[:length]}" for length in range(SHORTEST_PREFIX, min(len(word), LONGEST_PREFIX) + 1))
        if len(word) >= SHORTEST_PREFIX:
            yield f"~{sound(word)}"
