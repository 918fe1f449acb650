"""What a page is made of: the kinds of elements in it, by which pages of one template are told to be alike.

Two pages that are made of the same look the same to axe but for their texts, and what axe asks of texts is part of a shape here:
whether a control has a name, an id is given twice, a reference leads somewhere, a heading follows the one above it.
"""

from __future__ import annotations

from collections import Counter
from html.parser import HTMLParser

Shape = tuple[object, ...]
VOID = frozenset(["area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"])
UNSEEN = frozenset(("noscript", "script", "style", "template"))
FIELDS = frozenset(("input", "select", "textarea"))
NAMED_BY_TEXT = frozenset(
    [
        "a",
        "button",
        "caption",
        "dt",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "label",
        "legend",
        "option",
        "summary",
        "td",
        "th",
        "title",
    ]
)
REFERENCES = frozenset(("aria-activedescendant", "aria-controls", "aria-describedby", "aria-labelledby", "for", "list"))


def shapes(page: str) -> frozenset[Shape]:
    """The kinds of elements of a page, each with what it stands in and which attributes it has."""
    reader = _Reader()
    reader.feed(page)
    reader.close()
    return frozenset(reader.found | reader.of_the_whole())


def shown(page: str) -> str:
    """The texts in the main part of a page that are there to be read, one a line: none that is hidden, none of an attribute."""
    reader = _Texts()
    reader.feed(page)
    reader.close()
    return "\n".join(reader.found)


class _Texts(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self._open: list[tuple[str, bool]] = []  # and whether what is in it is hidden

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        hidden = tag in UNSEEN or "hidden" in given or (tag == "dialog" and "open" not in given)
        if tag not in VOID:
            self._open.append((tag, hidden))

    def handle_endtag(self, tag: str) -> None:
        if any(outer == tag for outer, _ in self._open):
            while self._open.pop()[0] != tag:
                pass

    def handle_data(self, data: str) -> None:
        inside = {tag for tag, _ in self._open}
        if data.strip() and "main" in inside and not any(hidden for _, hidden in self._open):
            self.found.append(" ".join(data.split()))


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: set[Shape] = set()
        self._open: list[tuple[Shape, bool]] = []  # and whether there is text in it
        self._ids: Counter[str] = Counter()
        self._references: set[tuple[str, str]] = set()
        self._fields: set[tuple[Shape, str]] = set()
        self._heading = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        kind: Shape = (tag, given.get("class", ""), given.get("type", ""), given.get("role", ""))
        self.found.add((self._open[-1][0] if self._open else (), kind, tuple(sorted(given))))
        self._ids.update([given["id"]] if "id" in given else [])
        self._references |= {(name, one) for name in REFERENCES & set(given) for one in given[name].split()}
        if tag in FIELDS and not any(outer[0] == "label" for outer, _ in self._open) and "aria-label" not in given:
            self._fields.add((kind, given.get("id", "")))
        if tag[0] == "h" and tag[1:].isdigit():
            self.found.add(("a heading after", self._heading, tag))
            self._heading = tag
        if "aria-label" in given or given.get("alt"):
            self._has_text()
        if tag not in VOID:
            self._open.append((kind, "aria-label" in given))

    def handle_endtag(self, tag: str) -> None:
        if all(kind[0] != tag for kind, _ in self._open):
            return
        while self._open:
            kind, text = self._open.pop()
            if kind[0] in NAMED_BY_TEXT and not text:
                self.found.add(("without text", kind))
            if kind[0] == tag:
                return

    def handle_data(self, data: str) -> None:
        if data.strip():
            self._has_text()

    def _has_text(self) -> None:
        self._open = [(kind, True) for kind, _ in self._open]

    def of_the_whole(self) -> set[Shape]:
        """What is known when all of the page was read."""
        labelled = {one for name, one in self._references if name == "for"}
        return {
            *(("an id that is there twice",) for times in self._ids.values() if times > 1),
            *(("leads nowhere", name) for name, one in self._references if one not in self._ids),
            *(("a field without a label", kind) for kind, own in self._fields if own not in labelled),
        }
