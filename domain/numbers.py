"""Chart numbers: what may be one, and when two spellings are the same number."""

from __future__ import annotations

import unicodedata

from domain.phrases import Phrase

LONGEST = 200
# Unicode general categories that nobody sees or that mean nothing yet: control, format (zero-width, text direction),
# surrogate, private use, unassigned.
_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn"})


class ChartNumberError(ValueError):
    """A text cannot be a chart number; the message says why and never repeats it."""


def canonical(number: str) -> str:
    """What a number is compared by: NFKC, trimmed, runs of blanks as one space, without case.

    ``C-1001``, `` c-1001 `` and ``Ｃ-1001`` (full-width) are one number. It takes any text.
    """
    if not number.isascii():
        number = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", number).casefold())
    return " ".join(number.split()).casefold()


def as_shown(number: str) -> str:
    """A new chart's number as it is kept and shown: as it was first given, without the blanks around it.

    Raises:
        ChartNumberError: it is blank, too long, or holds a character that nobody sees.
    """
    shown = number.strip()
    if not shown:
        raise ChartNumberError(Phrase("the chart number is blank: give one"))
    if len(shown) > LONGEST:
        raise ChartNumberError(Phrase("the chart number is longer than 200 characters: give a shorter one"))
    if not shown.isascii() or not shown.isprintable():
        if any(unicodedata.category(character) in _UNSEEN for character in shown):
            raise ChartNumberError(Phrase("the chart number holds a character that cannot be seen: type it by hand"))
        if not canonical(shown):
            raise ChartNumberError(Phrase("the chart number is blank: give one"))
    return shown
