"""A second registration of a chart: one with another birth date speaks of another person, and is not recorded."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import date

from domain.entries import Entry, effective
from domain.events import ClientRegistered
from infra.eventstore.log import EventLog
from infra.eventstore.mapper import Plain, opened
from infra.eventstore.stream import readable
from infra.interop.importers.registration import birth_dates

ANOTHER_BIRTH_DATE = (
    "data.birth_date: the chart is registered with another birth date: look whether this is another person, "
    "who needs a chart number of their own; correct the registration if it is not"
)
_REGISTERED = "ClientRegistered."
_DECIDING = (
    _REGISTERED,
    "ClientDetailsUpdated.",
    "EntryCorrected.",
    "EntryRetracted.",
    "EntrySetAside.",
    "EntryTakenUp.",
)

Coming = tuple[str, str, Plain]
"""An entry to record: its stream, its event id, what it says."""


def other_people(log: EventLog, coming: Sequence[Coming], last: Mapping[str, int]) -> frozenset[str]:
    """The event ids of the registrations that speak of somebody else than the chart does by then.

    ``last`` holds the last sequence of each stream. A registration of a new chart costs nothing.
    """
    registered = Counter(client_id for client_id, _, state in coming if state.topic.startswith(_REGISTERED))
    to_compare = {client_id for client_id, number in registered.items() if number > 1 or last.get(client_id)}
    if not to_compare:
        return frozenset()
    charts = dict(_recorded(log, [client_id for client_id in to_compare if last.get(client_id)]))
    other_ids: set[str] = set()
    for client_id, event_id, state in coming:
        if client_id in to_compare and state.topic.startswith(_DECIDING):
            chart = charts.setdefault(client_id, [])
            meta, event = opened(state)
            if isinstance(event, ClientRegistered) and _is_another(event.birth_date, chart):
                other_ids.add(event_id)
            else:
                chart.append(Entry(client_id, len(chart) + 1, len(chart) + 1, meta, event, log.calendar))
    return frozenset(other_ids)


def _is_another(born: date | None, chart: Sequence[Entry]) -> bool:
    known_dates = birth_dates(effective(chart))
    return bool(known_dates) and born is not None and born not in known_dates


def _recorded(log: EventLog, client_ids: Sequence[str]) -> Iterator[tuple[str, list[Entry]]]:
    ciphers = log.ciphers(client_ids)
    for client_id, rows in log.streams(client_ids):
        deciding = (row for row in rows if row.topic.startswith(_DECIDING))
        yield client_id, readable(log, deciding, ciphers.get(client_id), [])  # the others decide nothing
