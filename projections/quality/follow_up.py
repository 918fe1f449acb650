"""Follow-up after 24-hour care: NCQA FUI, CBE 3590 and, after withdrawal management, CBE 3312."""

from __future__ import annotations

from collections.abc import Iterator

from domain.journey import Stay
from projections.quality.index import Client, IndexEvent, by_end
from projections.quality.services import FOR_EVER, RESIDENTIAL, between
from projections.quality.transfers import chains

FIRST_OF_DAYS = 31


def follow_ups(client: Client) -> Iterator[IndexEvent]:
    """After the last discharge of each chain of direct transfers.

    FUI counts, of several within 31 days, the first; CBE 3590 counts every discharge from residential care.
    """
    counted = -FOR_EVER
    for stay in chains([stay for stay in client.inpatient if not stay.concurrent]):
        if stay.end_day is None or stay.reason == "died":
            continue
        if stay.level == RESIDENTIAL:
            for days in (7, 30):
                yield by_end(f"cbe_3590_{days}", stay, met=_treated(client, stay.end_day, days))
        if stay.end_day - counted >= FIRST_OF_DAYS:
            counted = stay.end_day
            for days in (7, 30):
                met = _treated(client, counted, days) or _admitted(client, counted, days)
                yield by_end(f"follow_up_{days}", stay, met=met)


def continuity(client: Client, stay: Stay, end: int) -> Iterator[IndexEvent]:
    """Treatment after withdrawal management: a visit or a day in residential care after the day of discharge, or
    medication from that day on.
    """
    for days in (7, 14):
        last = end + days
        stays = any(other.start_day <= last and _lasts_beyond(other, end) for other in client.residential)
        ordered = any(end <= order.day <= last for order in client.served.orders)
        seen = between(client.served.visits, end + 1, last) or between(client.served.medication, end, last)
        yield by_end(f"detox_continuity_{days}", stay, met=stays or ordered or bool(seen))


def _lasts_beyond(stay: Stay, day: int) -> bool:
    return stay.end_day is None or stay.end_day > day


def _treated(client: Client, end: int, days: int) -> bool:
    """Whether a visit or a medication event came on day 1 to ``days`` after a discharge."""
    return any(between(service, end + 1, end + days) for service in (client.served.visits, client.served.medication))


def _admitted(client: Client, end: int, days: int) -> bool:
    return any(end < stay.start_day <= end + days for stay in client.residential)
