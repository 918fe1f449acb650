"""From a document to the bytes of a tagged PDF: the same document always makes the same bytes.

Texts go to the typesetter as data, never as markup, and its fonts are its own, so that no machine's fonts matter.
It runs outside Python's lock: a long document keeps no other request waiting.
"""

from __future__ import annotations

from dataclasses import asdict
from functools import cache
from pathlib import Path
from typing import Any, cast

import orjson
import typst

from infra.pdf.document import Document

PDF = "application/pdf"
_TEMPLATE = Path(__file__).parent / "document.typ"
_ACCESSIBLE = "ua-1"


def pdf(document: Document) -> bytes:
    """The document as PDF/UA-1.

    Where a text has letters that the fonts lack (an emoji, say), boxes stand for them, and the file, tagged all the
    same, no longer claims that standard.
    """
    given = {"document": orjson.dumps(_cleaned(asdict(document))).decode()}
    try:
        return _compiled(given, document.printed, [_ACCESSIBLE])
    except typst.TypstError as error:
        if not error.message.startswith("PDF/UA"):
            raise
        return _compiled(given, document.printed, [])


def _compiled(given: dict[str, str], printed: int, standards: list[typst.PDFStandard]) -> bytes:
    made = typst.compile(
        _template(),
        sys_inputs=given,
        font_paths=_fonts(),
        ignore_system_fonts=True,
        pdf_standards=standards,
        timestamp=printed,
    )
    assert isinstance(made, bytes)
    return made


@cache
def _template() -> bytes:
    return _TEMPLATE.read_bytes()


@cache
def _fonts() -> typst.Fonts:
    """The fonts that come with the typesetter, opened once."""
    return typst.Fonts(include_system_fonts=False)


def _cleaned(value: Any) -> Any:
    """The same without control characters, which have no picture; line breaks stay."""
    if isinstance(value, str):
        return "".join(letter for letter in value if letter == "\n" or letter.isprintable() or letter in _INVISIBLE)
    if isinstance(value, dict):
        return {name: _cleaned(inner) for name, inner in cast("dict[str, Any]", value).items()}
    if isinstance(value, list | tuple):
        return [_cleaned(inner) for inner in cast("list[Any]", value)]
    return value


# Not printable by Python's book, but part of how words are written: soft hyphen, joiners, no-break spaces.
_INVISIBLE = frozenset("\u00ad\u200c\u200d\u00a0\u202f")
