"""Charts that may be one person's: found by keyed marks that they share, never by names in clear."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from sqlalchemy import and_, select

from infra.disclosure.record_guard import site_of
from infra.identity.people import Principal
from infra.privacy.names.likeness import APART, HOW, How, apart_mark, number_mark, person_marks
from infra.privacy.names.tables import NAME_SHARED, NAME_TOKEN
from projections.base import fetch

if TYPE_CHECKING:
    from infra.privacy.names.context import HasNames

MOST_PAIRS = 10_000
_AT_ONCE = 500
_PAGE = 20_000


@dataclass(frozen=True, slots=True)
class Alike:
    """Two charts (streams) that may be one person's.

    ``how``: "name" (it sounds alike, born on the same day), "birth_date" (the same name, the day of birth is off by a
    digit or has day and month swapped), "number" (one chart number in two spellings).
    """

    client_id: str
    other_id: str
    how: tuple[How, ...]


@dataclass(frozen=True, slots=True)
class Pair:
    """Two possible duplicates by their chart numbers."""

    client: str
    other: str
    how: tuple[How, ...]


@dataclass(frozen=True, slots=True)
class Candidates:
    """Charts that a new person may have already: numbers that the asking person may see, and how many others."""

    clients: list[str]
    others: int


def alike(services: HasNames, among: Collection[str] | None = None) -> list[Alike]:
    """Every two charts that look alike, but for those that were told apart; ``among``: with one of these streams."""
    left, right = NAME_TOKEN.alias("one"), NAME_TOKEN.alias("other")
    query = (
        select(left.c.client_id, right.c.client_id, left.c.token)
        .join(right, and_(left.c.token == right.c.token, left.c.client_id < right.c.client_id))
        .where(left.c.token.in_(select(NAME_SHARED.c.token)))
        .limit(MOST_PAIRS)
    )
    with services.reads.reading() as connection:
        rows = fetch(connection, query)
    marks: dict[tuple[str, str], set[How]] = {}
    for first, second, mark in rows:
        if among is None or first in among or second in among:
            marks.setdefault((first, second), set()).add(HOW[bytes(mark)[:1]])
    apart = _told_apart(services, list(marks))
    return [Alike(*pair, tuple(sorted(how))) for pair, how in sorted(marks.items()) if pair not in apart]


def pairs_for(services: HasNames, who: Principal) -> tuple[list[Pair], int]:
    """The possible duplicates that a person may see, their look recorded, and how many others there are."""
    pairs = alike(services)
    ids = list(dict.fromkeys(client for pair in pairs for client in (pair.client_id, pair.other_id)))
    seen = _visible(services, who, ids)
    shown = [pair for pair in pairs if pair.client_id in seen and pair.other_id in seen]
    services.people.log.read(
        who, list(dict.fromkeys(client_id for pair in shown for client_id in (pair.client_id, pair.other_id)))
    )
    numbers = services.log.references(list(seen))
    named = sorted((*sorted((numbers[pair.client_id], numbers[pair.other_id])), pair.how) for pair in shown)
    return [Pair(client, other, how) for client, other, how in named], len(pairs) - len(shown)


def imported_alike(services: HasNames, since: int) -> int:
    """How many of the charts that were opened after a position of the log look like others."""
    position, fresh = since, set[str]()
    while page := services.log.recorder.touched(position, _PAGE):
        fresh |= {client_id for _, client_id, sequence in page if sequence == 1}
        position = page[-1][0]
    pairs = alike(services, fresh) if fresh else []
    return len({client_id for pair in pairs for client_id in (pair.client_id, pair.other_id)} & fresh)


def looking_alike(services: HasNames, people: Mapping[str, tuple[str, str, date]]) -> tuple[set[str], set[str]]:
    """Those who would look like a chart here, or like each other, if they were registered; and the charts here.

    ``people`` are number, name and day of birth by the stream that they would have.
    """
    index = services.names
    index.catch_up()
    owners: dict[bytes, set[str]] = {}
    for client_id, (reference, name, birth) in people.items():
        for kind, mark in (number_mark(reference), *person_marks(name, birth)):
            owners.setdefault(index.token(mark, kind), set()).add(client_id)
    alike_ids = {client_id for sharing in owners.values() if len(sharing) > 1 for client_id in sharing}
    wanted, here = list(owners), set[str]()
    with services.reads.reading() as connection:
        for start in range(0, len(wanted), _AT_ONCE):
            same = NAME_TOKEN.c.token.in_(wanted[start : start + _AT_ONCE])
            for token, client_id in fetch(connection, select(NAME_TOKEN.c.token, NAME_TOKEN.c.client_id).where(same)):
                alike_ids |= owners[bytes(token)]
                here.add(client_id)
    return alike_ids, here


def candidates(services: HasNames, who: Principal, reference: str, name: str, birth: date) -> Candidates:
    """The charts that look like a person who is about to be registered; the look is recorded.

    Raises:
        MasterKeyError: there is no master key.
    """
    if not services.settings.name_search:
        return Candidates([], 0)
    index = services.names
    index.catch_up()
    tokens = [index.token(mark, kind) for kind, mark in (number_mark(reference), *person_marks(name, birth))]
    query = select(NAME_TOKEN.c.client_id).where(NAME_TOKEN.c.token.in_(tokens)).distinct()
    client = services.log.client_id(reference)
    with services.reads.reading() as connection:
        ids = sorted(row[0] for row in fetch(connection, query) if row[0] != client)
    seen = sorted(_visible(services, who, ids))
    services.people.log.read(who, seen)
    return Candidates(sorted(services.log.references(seen).values()), len(ids) - len(seen))


def _visible(services: HasNames, who: Principal, ids: Sequence[str]) -> set[str]:
    if who.bound_to is None:
        return set(ids)
    return {client_id for client_id in ids if who.at(site_of(services, client_id))}


def _told_apart(services: HasNames, pairs: Sequence[tuple[str, str]]) -> set[tuple[str, str]]:
    index = services.names
    tokens = {index.token(apart_mark(*pair)[1], APART): pair for pair in pairs}
    wanted, apart = list(tokens), set[tuple[str, str]]()
    with services.reads.reading() as connection:
        for start in range(0, len(wanted), _AT_ONCE):
            query = select(NAME_TOKEN.c.token).where(NAME_TOKEN.c.token.in_(wanted[start : start + _AT_ONCE]))
            apart |= {tokens[bytes(row[0])] for row in fetch(connection, query)}
    return apart
