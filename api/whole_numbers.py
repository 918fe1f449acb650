"""Whole numbers as requests write them."""

from __future__ import annotations

LONGEST = 18  # digits: whatever they say fits a place in the log


def whole_number(text: str, digits: int = LONGEST) -> int | None:
    """The number that so many ASCII digits at the most say; None where a text is anything else.

    ``str.isdigit`` is no test of that: it takes superscripts, of which ``int`` makes nothing, and any length.
    """
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= digits else None
