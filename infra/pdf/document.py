"""What a printed document is made of. All texts are already in the reader's language; none of them is markup."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Facts:
    """Names with their values, side by side."""

    pairs: Sequence[tuple[str, str]]
    kind: str = "facts"


@dataclass(frozen=True, slots=True)
class Table:
    """Rows under a head that is repeated on every page. ``widths`` are relative; ``name`` is for screen readers.

    From column ``numbers_from`` on the columns are numbers, which stand to the right; 0 says that none are.
    """

    name: str
    head: Sequence[str]
    rows: Sequence[Sequence[str]]
    widths: Sequence[float] = ()
    numbers_from: int = 0
    kind: str = "table"


@dataclass(frozen=True, slots=True)
class Text:
    """A paragraph. ``heading`` stands before it; ``mark`` sets it apart: ``quiet`` or ``important``."""

    text: str
    heading: str = ""
    mark: str = ""
    language: str = ""
    kind: str = "text"


Block = Facts | Table | Text


@dataclass(frozen=True, slots=True)
class Section:
    """A heading and what stands under it, on a page of its own where it is asked for."""

    title: str
    blocks: Sequence[Block]
    new_page: bool = False


@dataclass(frozen=True, slots=True)
class Document:
    """One document. ``head`` and ``foot`` stand on every page, ``watch`` too where it is not empty, and ``spelt`` where
    letters that the fonts lack stand as their numbers.

    ``page`` is the words "Page {page} of {pages}" with both names in braces; ``printed`` is when, in Unix seconds.
    """

    title: str
    language: str
    author: str
    subject: str
    head: Sequence[str]
    foot: Sequence[str]
    page: str
    printed: int
    watch: str = ""
    spelt: str = ""
    sections: Sequence[Section] = field(default_factory=list[Section])
