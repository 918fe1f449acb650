"""Search clients by name: whole words and beginnings first, then what sounds alike."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import orjson
from sqlalchemy import Select, select

from infra.eventstore.keyring import id_bytes
from infra.privacy.names.index import NameIndex, place
from infra.privacy.names.tables import NAME_CLIENT, NAME_TOKEN
from infra.privacy.names.words import SHORTEST_PREFIX, prefix, sound, words
from projections.status.tables import STATUS

if TYPE_CHECKING:
    from infra.privacy.names.context import HasNames

CANDIDATES = 200
MOST_WORDS = 6


@dataclass(frozen=True, slots=True)
class Match:
    """A client whose name fits. ``name`` is the latest one; ``former`` is the one that fits, if it is another.

    ``how`` is "word" (every word is a whole one), "prefix" or "sound"; of what was suggested also "birth" or "number".
    """

    client_id: str
    reference: str
    name: str
    former: str
    how: str


def search(services: HasNames, text: str, limit: int = 20, sites: Collection[str] | None = None) -> list[Match]:
    """Clients whose names fit, best first, at most ``limit``.

    Each word of ``text`` must be the beginning (three letters and more) of a word of one name, or the whole of it.
    Case, accents and apostrophes do not count. When too few fit, names that sound alike follow. ``sites`` keeps to
    clients at these sites. A text without a word finds nothing.

    Raises:
        MasterKeyError: there is no master key.
    """
    index = services.names
    wanted = words(text)[:MOST_WORDS]
    if not wanted or limit < 1:
        return []
    matches: dict[str, Match] = {}
    for how, mark in (("word", _whole), ("prefix", _beginning), ("sound", _sounding)):
        tokens = [index.token(mark(word)) for word in wanted]
        fresh = [client_id for client_id in carrying(services, tokens, sites) if client_id not in matches]
        for match in _opened(index, fresh, wanted, how):
            matches.setdefault(match.client_id, match)
        if len(matches) >= limit:
            break
    order = {"word": 0, "prefix": 1, "sound": 2}
    ranked = sorted(matches.values(), key=lambda match: (order[match.how], match.name.casefold(), match.reference))
    return ranked[:limit]


def _whole(word: str) -> str:
    return f"={word}"


def _beginning(word: str) -> str:
    return f"^{prefix(word)}" if len(word) >= SHORTEST_PREFIX else f"={word}"


def _sounding(word: str) -> str:
    return f"~{sound(word)}" if len(word) >= SHORTEST_PREFIX else f"={word}"


def carrying(services: HasNames, tokens: Sequence[bytes], sites: Collection[str] | None) -> list[str]:
    """Clients that carry all these marks, at these sites if any are given; at most some hundred."""
    first, *others = tokens
    query: Select[Any] = select(NAME_TOKEN.c.client_id).where(NAME_TOKEN.c.token == first)
    for number, token in enumerate(others):
        more = NAME_TOKEN.alias(f"t{number}")
        query = query.join(more, (more.c.client_id == NAME_TOKEN.c.client_id) & (more.c.token == token))
    if sites is not None:
        query = query.join(STATUS, STATUS.c.client_id == NAME_TOKEN.c.client_id).where(STATUS.c.site.in_(sorted(sites)))
    with services.reads.reading() as connection:
        return [row[0] for row in connection.execute(query.limit(CANDIDATES))]


def latest_names(services: HasNames, client_ids: Sequence[str]) -> dict[str, str]:
    """The latest name of each of these clients (at most some hundred), for lists of those who may see their charts.

    Who has no name here is left out: an erased chart, one without a name, or all where no index is kept.

    Raises:
        MasterKeyError: there is no master key.
    """
    if not services.settings.name_search:
        return {}
    return {client_id: names[0] for client_id, _, names in named(services.names, client_ids) if names}


def _opened(index: NameIndex, client_ids: Sequence[str], wanted: Sequence[str], how: str) -> list[Match]:
    """The candidates with their names, without those whose hash fitted by chance."""
    matches: list[Match] = []
    for client_id, reference, names in named(index, client_ids):
        fitting = [name for name in names if _fits(name, wanted, how)]
        if fitting:
            former = fitting[0] if fitting[0] != names[0] else ""
            matches.append(Match(client_id, reference, names[0], former, how))
    return matches


def named(index: NameIndex, client_ids: Sequence[str]) -> Iterator[tuple[str, str, list[str]]]:
    """Client, chart number and names, the latest one first, of those that have any."""
    if not client_ids:
        return
    with index.reads.reading() as connection:
        held = select(NAME_CLIENT.c.client_id, NAME_CLIENT.c.sealed).where(NAME_CLIENT.c.client_id.in_(client_ids))
        sealed = {row[0]: bytes(row[1]) for row in connection.execute(held)}
    places = ",".join("?" * len(client_ids))
    sql = f"SELECT client_id, wrapped_key, reference FROM chart WHERE client_id IN ({places})"
    for raw_id, wrapped, number in index.log.recorder.query(sql, [id_bytes(client_id) for client_id in client_ids]):
        client_id = bytes(raw_id).hex()
        if client_id in sealed:
            cipher = index.log.keyring.open(client_id, bytes(wrapped))
            names: list[str] = orjson.loads(cipher.open(sealed[client_id], place(client_id)))
            yield client_id, cipher.open(bytes(number), client_id.encode()).decode(), names


def _fits(name: str, wanted: Sequence[str], how: str) -> bool:
    has = words(name)
    if how == "sound":
        heard = {sound(word) for word in has}
        return all(sound(word) in heard if len(word) >= SHORTEST_PREFIX else word in has for word in wanted)
    if how == "word":
        return all(word in has for word in wanted)
    return all(any(known.startswith(word) for known in has) for word in wanted)
