"""In which order the list of clients stands, and the headers that choose another.

Names and chart numbers are kept as ciphertext: they can be put in order where all clients are on one page, and read for
it anyway. More are in the order of a day, which an index has.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, cast
from urllib.parse import urlencode

from api.i18n.language import N_
from infra.privacy.names.words import words
from infra.reporting.kinds import natural
from projections.status.order import ORDERS, Order, OrderName

NAME, DAY, CONTACT = "name", "day", "last_contact"
_SENTENCES = {
    NAME: N_("By name."),
    "-name": N_("By name, from the end."),
    DAY: N_("Newest in the level first."),
    "-day": N_("Longest in the level first."),
    CONTACT: N_("Longest without contact first."),
    "-last_contact": N_("Latest contact first."),
}


@dataclass(frozen=True, slots=True)
class Head:
    """A header that sorts: where it leads (empty: it does not here), and how the list is sorted by it."""

    to: str
    sorted: str


@dataclass(frozen=True, slots=True)
class ListOrder:
    """The order of a list; ``whole`` is one that one page holds."""

    sort: str
    whole: bool

    @staticmethod
    def of(sort: str, *, whole: bool) -> ListOrder:
        """The order that an address names, or the usual one."""
        known = [*ORDERS, *([NAME] if whole else [])]
        usual = NAME if whole else f"-{CONTACT}"
        return ListOrder(sort if sort.removeprefix("-") in known else usual, whole)

    @property
    def by_name(self) -> bool:
        """Whether names decide."""
        return self._column == NAME

    @property
    def by_day(self) -> Order:
        """The order that tables have."""
        return Order(cast("OrderName", self._column), self.sort.startswith("-"))

    @property
    def sentence(self) -> str:
        """The order in words."""
        return _SENTENCES[self.sort]

    def named(self, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Rows by name, then by chart number; who has no name comes last."""
        nameless = [row for row in rows if not row["name"]]
        others = [row for row in rows if row["name"]]
        others.sort(key=lambda row: (words(row["name"]), natural(row["client"])), reverse=self.sort.startswith("-"))
        return [*others, *sorted(nameless, key=lambda row: natural(row["client"]))]

    def heads(self, where: dict[str, str]) -> dict[str, Head]:
        """The headers, by the column."""
        return {name: self._head(name, where) for name in (NAME, DAY, CONTACT)}

    @property
    def _column(self) -> str:
        return self.sort.removeprefix("-")

    def _head(self, name: str, where: dict[str, str]) -> Head:
        if name == NAME and not self.whole:
            return Head("", "")
        first = name if name == NAME else f"-{name}"
        turned = name if self.sort.startswith("-") else f"-{name}"
        here = self._column == name
        to = f"?{urlencode({**where, 'sort': turned if here else first})}"
        return Head(to, ("descending" if self.sort.startswith("-") else "ascending") if here else "")
