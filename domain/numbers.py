"""Chart numbers: what may be one, and when two spellings are the same number."""

from __future__ import annotations

import unicodedata
from functools import lru_cache

from domain.errors import ExpectedError
from domain.phrases import Phrase

LONGEST = 200
PROVIDER = "provider:"  # begins the label of a stream of the provider's own, and no chart number
# Unicode general categories that nobody sees or that mean nothing yet: control, format (zero-width, text direction),
# surrogate, private use, unassigned.
_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn"})
# What has no picture of its own though its category says otherwise: fillers, variation selectors, blank Braille.
_FILLERS = frozenset(
    map(chr, (0x034F, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x2800, 0x3164, *range(0x180B, 0x1810), *range(0xFE00, 0xFE10)))
) | frozenset(map(chr, range(0xE0100, 0xE01F0)))
# Scripts whose letters are taken for one another (Unicode TR 39): a number keeps to one of them.
_ALIKE = frozenset({"LATIN", "CYRILLIC", "GREEK", "ARMENIAN", "CHEROKEE", "COPTIC", "LISU", "DESERET", "GOTHIC"})
# Letters of Cyrillic and Greek that look as Latin ones do.
_AS_LATIN = frozenset("АВЕЅІЈКМНОРСТУХԚԜаеорсухѕіјԛԝһԁӏӀ" + "ΑΒΕΖΗΙΚΜΝΟΡΤΥΧονυικρ")


class ChartNumberError(ExpectedError, ValueError, kind="invalid"):
    """A text cannot be a chart number; the message says why and never repeats it."""


@lru_cache(4_096)
def canonical(number: str) -> str:
    """What a number is compared by: NFKC, trimmed, runs of blanks as one space, without case.

    ``C-1001``, `` c-1001 `` and ``Ｃ-1001`` (full-width) are one number. It takes any text.
    """
    if not number.isascii():
        number = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", number).casefold())
    return " ".join(number.split()).casefold()


@lru_cache(4_096)  # the lines of a chart come together
def as_shown(number: str) -> str:
    """A new chart's number as it is kept and shown: as it was first given, without the blanks around it.

    Raises:
        ChartNumberError: it is blank, too long, holds a character that nobody sees, or looks as another number does.
    """
    shown = number.strip()
    if not shown:
        raise ChartNumberError(Phrase("the chart number is blank: give one"))
    if len(shown) > LONGEST:
        raise ChartNumberError(Phrase("the chart number is longer than 200 characters: give a shorter one"))
    if canonical(shown).startswith(PROVIDER):
        raise ChartNumberError(Phrase("a chart number cannot begin with provider: give another one"))
    if not shown.isascii() or not shown.isprintable():
        if any(unicodedata.category(character) in _UNSEEN or character in _FILLERS for character in shown):
            raise ChartNumberError(Phrase("the chart number holds a character that cannot be seen: type it by hand"))
        if not canonical(shown):
            raise ChartNumberError(Phrase("the chart number is blank: give one"))
        if _looks_as_another(unicodedata.normalize("NFKC", shown)):
            msg = Phrase(
                "the chart number holds letters or dashes that look as others do: type it in one script, with -"
            )
            raise ChartNumberError(msg)
    return shown


def _looks_as_another(number: str) -> bool:
    """Whether a number can be taken for one of other characters: letters of several scripts that look alike, only such
    letters of another script as Latin has too, or a dash that is no hyphen.
    """
    letters = [letter for letter in number if unicodedata.category(letter)[0] == "L"]
    scripts = {unicodedata.name(letter, "").partition(" ")[0] for letter in letters} & _ALIKE
    is_latin_to_see = bool(letters) and all(letter in _AS_LATIN for letter in letters)
    dashes = any(
        character != "-" and (unicodedata.category(character) == "Pd" or character == "\N{MINUS SIGN}")
        for character in number
    )
    return len(scripts) > 1 or is_latin_to_see or dashes
