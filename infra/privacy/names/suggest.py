"""Suggest charts to whoever is still typing: by name, by day of birth, by the end of a chart number."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

from infra.privacy.names.quick import BIRTH, ENDING, birth_mark, birth_of, compact, ending_mark
from infra.privacy.names.search import Match, carrying, named, search

if TYPE_CHECKING:
    from infra.privacy.names.context import HasNames

SHORTEST = 3
"""So many letters or digits say enough to suggest somebody by."""


def suggest(services: HasNames, text: str, limit: int, sites: Collection[str] | None = None) -> list[Match]:
    """Charts that fit what was typed so far, at most ``limit``; none for less than three letters or digits.

    A day, as 1990-01-31 or 31 Jan 1990, finds those born on it; what has a digit in it finds chart numbers that end so,
    and names; all else names, as ``search``. ``sites`` keeps to clients at these sites.

    Raises:
        MasterKeyError: there is no master key.
    """
    if len(compact(text)) < SHORTEST:
        return []
    birth = birth_of(text.strip())
    if birth is not None:
        born = carrying(services, [services.names.token(birth_mark(birth), BIRTH)], sites)
        return _in_order(services, born, "birth")[:limit]
    by_name = search(services, text, limit, sites)
    if any(map(str.isdigit, text)):  # digits sound like nothing
        by_name = [match for match in by_name if match.how != "sound"]
    matches: dict[str, Match] = {}
    for match in (*_by_number(services, text, sites), *by_name):
        matches.setdefault(match.client_id, match)
    return list(matches.values())[:limit]


def _by_number(services: HasNames, text: str, sites: Collection[str] | None) -> list[Match]:
    mark = ending_mark(text)
    if mark is None:
        return []
    ending = carrying(services, [services.names.token(mark, ENDING)], sites)
    plain = compact(text)
    return [match for match in _in_order(services, ending, "number") if compact(match.reference).endswith(plain)]


def _in_order(services: HasNames, client_ids: list[str], how: str) -> list[Match]:
    matches = [
        Match(client_id, reference, names[0] if names else "", "", how)
        for client_id, reference, names in named(services.names, client_ids)
    ]
    return sorted(matches, key=lambda match: (match.name.casefold(), match.reference))
