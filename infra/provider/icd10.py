"""Codes of ICD-10-CM from the order file that CMS publishes each year (icd10cm_order_YYYY.txt); we ship none of it.

A line has the code from column 7 on, in column 15 whether it may be billed, a short title from 17, a long one from 78.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from pathlib import Path

from domain.errors import ExpectedError

_CHAPTER = "F"  # mental, behavioral and neurodevelopmental disorders, those of substance use among them
_LARGEST = 100_000_000


class OrderFileError(ExpectedError):
    """It is no order file; the message says what to give."""


def read_codes(path: Path) -> tuple[tuple[str, str], ...]:
    """The codes of the chapter that care here is about which may be recorded, each with its title.

    Raises:
        OrderFileError: the file cannot be read, or is no order file.
    """
    try:
        if path.stat().st_size > _LARGEST:
            raise OrderFileError(_said(path, "is too large for an order file"))
        text = path.read_text("utf-8")
    except (OSError, UnicodeDecodeError):
        raise OrderFileError(_said(path, "cannot be read")) from None
    codes = [_code(line) for line in text.splitlines() if line[6:7] == _CHAPTER and line[14:15] == "1"]
    if not codes or any(not code[1:3].isalnum() or not title for code, title in codes):
        raise OrderFileError(_said(path, "is no order file of ICD-10-CM"))
    return tuple(codes)


@cache
def codes_of(path: Path | None) -> tuple[tuple[str, str], ...]:
    """The codes of the file that the settings name, read once; none without one, or where it cannot be read."""
    try:
        return read_codes(path) if path else ()
    except OrderFileError:
        return ()


def find_codes(codes: Sequence[tuple[str, str]], words: str) -> tuple[tuple[str, str], ...]:
    """The codes that have every word in code or title, whatever its case; none without a word.

    A code may be written without its dot.
    """
    wanted = words.casefold().split()
    if not wanted:
        return ()
    return tuple(
        (code, title)
        for code, title in codes
        for text in [f"{code} {code.replace('.', '')} {title}".casefold()]
        if all(word in text for word in wanted)
    )


def _code(line: str) -> tuple[str, str]:
    """A code with its dot, and its title."""
    code = line[6:13].strip()
    dotted = f"{code[:3]}.{code[3:]}" if len(code) > 3 else code
    return dotted, line[77:].strip() or line[16:76].strip()


def _said(path: Path, what: str) -> str:
    return f"{path.name}: {what}: give icd10cm_order_YYYY.txt, as CMS publishes it"
