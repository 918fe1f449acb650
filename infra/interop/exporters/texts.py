"""Texts in the form that every export format can hold."""

from __future__ import annotations

import re
from typing import Any, Final, cast

# Control characters but tab and line ends, surrogates, and what Unicode says is no character (chapter 23.7): U+FDD0 to
# U+FDEF and the last two of each of its 17 planes. XML 1.0 and FHIR forbid most of them; no reader has a use for any.
_LAST_TWO = "".join(chr(plane << 16 | 0xFFFE) + chr(plane << 16 | 0xFFFF) for plane in range(17))
_NO_CHARACTER: Final = re.compile(f"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufdd0-\ufdef{_LAST_TWO}]")

# What moves or hides other characters and has no picture of its own: controls but tab and line ends, marks and
# overrides of text direction (UAX #9), zero-width characters that no script's spelling needs.
_HIDING: Final = (
    *(*range(0x20), *range(0x7F, 0xA0), 0x061C, 0x200B, 0x200E, 0x200F, *range(0x202A, 0x202F), 0x2060),
    *(*range(0x2066, 0x206A), 0xFEFF),
)
_MARKS: Final = {code: f"[U+{code:04X}]" for code in _HIDING if chr(code) not in "\t\n\r"}
_hides: Final = re.compile(f"[{''.join(map(re.escape, map(chr, _MARKS)))}]").search
_RUNS: Final = ("=", "+", "-", "@", "\t", "\r", "\uff1d", "\uff0b", "\uff0d", "\uff20")
_is_number: Final = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?%?", re.ASCII).fullmatch


def visible(text: str) -> str:
    """A text in which everything can be seen: what would move or hide the rest stands as its code, as ``[U+202E]``."""
    return text.translate(_MARKS) if _hides(text) else text


def csv_text(text: str) -> str:
    """A text as a cell of CSV: all of it can be seen, and a spreadsheet runs none of it.

    A text that begins as a formula does is quoted; a number is a number, whatever its sign.
    """
    text = visible(text)
    return f"'{text}" if text.startswith(_RUNS) and not _is_number(text) else text


def shown(text: str) -> str:
    """A text without what is no character."""
    return _NO_CHARACTER.sub("", text)


def all_shown(value: Any) -> Any:
    """A value of JSON with every text in it, names of members too, without what is no character."""
    if isinstance(value, str):
        return shown(value)
    if isinstance(value, dict):
        return {shown(name): all_shown(part) for name, part in cast("dict[str, Any]", value).items()}
    if isinstance(value, list | tuple):
        return [all_shown(part) for part in cast("list[Any]", value)]
    return value
