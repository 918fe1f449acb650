"""Ways on as links: to a form with its fields filled in, to an entry, to the papers of the chart."""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import urlencode
from uuid import UUID

from api.addresses import address_of
from api.http.access import may
from domain.ways import Way

Link = tuple[str, str]
"""Its words and its address."""


def links(reference: str, role: str, ways: Iterable[Way]) -> list[Link]:
    """The ways that a role may take, in the order given."""
    return [(way.words, _address(reference, way)) for way in ways if _may(role, way)]


def _may(role: str, way: Way) -> bool:
    if way.entry:
        return may(role, "command:correct")
    return not way.command or may(role, f"command:{way.command}")


def _address(reference: str, way: Way) -> str:
    chart = address_of(reference)
    if way.entry:
        return f"{chart}/entries/{UUID(hex=way.entry)}"
    if not way.command:
        return f"{chart}/print"
    return f"{chart}/record/{way.command}" + (f"?{urlencode(way.values)}" if way.values else "")
