"""A page of the feed: entries after a position, under the reader's role and sites and the clients' consents."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from domain.events import CATALOGUE
from infra.access_log.context import HasPeople
from infra.disclosure.record_guard import hidden_from, site_of
from infra.eventstore.client_chart import open_chart
from infra.eventstore.keyring import of_provider
from infra.eventstore.mapper import UnreadableEntryError
from infra.eventstore.rows import LogRow
from infra.identity.people import Principal
from infra.interop.exporters.events import line_of
from infra.interop.fhir.disclosure import Recipient, disclose
from projections.filters import FilterError


@dataclass(frozen=True, slots=True)
class Wanted:
    """What of the log is asked for: types of events (none: all), the site of their envelope, and whom it leaves for.

    With ``to`` only clients are told of whose consent names that recipient for that purpose (42 CFR 2.31), and each
    page is a disclosure; without it the reader is one of the programme's own.
    """

    types: frozenset[str] = frozenset()
    site: str = ""
    to: Recipient | None = None

    def __post_init__(self) -> None:
        """Refuse a type that no release ever had: it would wait for ever.

        Raises:
            FilterError: it is not in the catalogue.
        """
        unknown = sorted(self.types - CATALOGUE.types.keys())
        if unknown:
            msg = f"no type of event {unknown[0]!r}: docs/events.md lists them"
            raise FilterError(msg)


@dataclass(frozen=True, slots=True)
class FeedPage:
    """Lines in the order of recording, and the position up to which the log was looked at: go on after it."""

    lines: Sequence[Mapping[str, Any]]
    position: int


def page(
    services: HasPeople, who: Principal, after: int, wanted: Wanted, limit: int = 200, request: str = ""
) -> FeedPage:
    """The entries among the ``limit`` that follow a position which this reader may see and asked for.

    Each line is that of ``export events`` with ``position`` and ``sequence``; an entry that cannot be read has its
    place and type, and ``unreadable``. Who is told of is in the access log before this returns.

    Raises:
        Exception: the store's own, when the access could not be recorded: then nothing may be answered.
    """
    rows = services.log.recorder.page(after, limit)
    if not rows:
        return FeedPage([], after)
    kept = [row for row in rows if not wanted.types or _type(row) in wanted.types]
    seen = _may_see(services, who, {row.client_id for row in kept}) - hidden_from(services, who)
    lines = _lines(services, [row for row in kept if row.client_id in seen], wanted.site)
    clients = dict.fromkeys(client_id for client_id, _ in lines if not of_provider(client_id))
    allowed = clients if wanted.to is None else _consenting(services, who, wanted.to, clients)
    services.people.log.read(who, list(allowed), request=request)
    open_to_all = wanted.to is None  # what is said of the provider itself leaves for nobody
    kept = [line for client_id, line in lines if client_id in allowed or (open_to_all and of_provider(client_id))]
    return FeedPage(kept, rows[-1].position)


def _type(row: LogRow) -> str:
    return row.topic.partition(".")[0]


def _may_see(services: HasPeople, who: Principal, client_ids: Collection[str]) -> set[str]:
    """Those of clients whose charts this reader may open without breaking glass, and the provider's own streams."""
    if who.bound_to is None:
        return set(client_ids)
    return {client_id for client_id in client_ids if of_provider(client_id) or who.at(site_of(services, client_id))}


def _lines(services: HasPeople, rows: Sequence[LogRow], site: str) -> list[tuple[str, dict[str, Any]]]:
    """(client, line) of each entry that was recorded at a site, or anywhere."""
    log = services.log
    names = log.references(list({row.client_id for row in rows}))
    ciphers = log.ciphers(list(names))
    lines: list[tuple[str, dict[str, Any]]] = []
    for row in rows:
        place: dict[str, Any] = {"position": row.position, "sequence": row.sequence}
        name = names.get(row.client_id, row.client_id)
        try:
            entry = log.entry(row, ciphers.get(row.client_id))
        except UnreadableEntryError:
            if not site:
                lines.append((row.client_id, {**place, "client": name, "type": _type(row), "unreadable": True}))
            continue
        if not site or entry.site == site:
            lines.append((row.client_id, {**place, **line_of(entry, name)}))
    return lines


def _consenting(services: HasPeople, who: Principal, to: Recipient, client_ids: Collection[str]) -> dict[str, None]:
    """Those whose consent lets their records leave for a recipient; what is decided is recorded as a disclosure."""
    names = services.log.references(list(client_ids))
    charts = (open_chart(services.log, name) for name in names.values())
    return {chart.client_id: None for chart, _ in disclose(services, who, to, charts)}
