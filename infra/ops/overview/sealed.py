"""How far the logs are sealed: the last head of each, and what is recorded since."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from domain.entries import moment
from infra.access_log.context import HasPeople
from infra.eventstore.mapper import recorded_of
from infra.integrity.seal_setup import logs_of, seals_of
from infra.integrity.seal_tables import NamedLog

COUNTED = 10_000  # entries that wait for a seal are counted up to here
_LATE = 3  # times the interval of the schedule


@dataclass(frozen=True, slots=True)
class Sealed:
    """One log. ``waiting`` are entries that no head covers; ``COUNTED`` stands for that many or more.

    ``late``: something waits for longer than the schedule allows.
    """

    log: str
    number: int
    size: int
    sealed_at: datetime | None
    key_id: str
    waiting: int
    late: bool


def sealed(services: HasPeople) -> list[Sealed]:
    """Both logs, as they are now."""
    seals = seals_of(services)
    states: list[Sealed] = []
    for log in logs_of(services):
        last = seals.last(log.name)
        after = last.position if last else -(2**63)
        waiting = len(log.recorder.touched(after, COUNTED))
        at = moment(last.sealed_at) if last else None
        late = bool(waiting) and _is_late(services, _oldest(log, after))
        states.append(
            Sealed(
                log.name,
                last.number if last else 0,
                last.size if last else 0,
                at,
                last.key_id if last else "",
                waiting,
                late,
            )
        )
    return states


def _oldest(log: NamedLog, after: int) -> datetime | None:
    """When the first entry that waits was recorded."""
    rows = log.recorder.page(after, 1)
    return moment(recorded_of(rows[0].state)) if rows else None


def _is_late(services: HasPeople, since: datetime | None) -> bool:
    """Whether it waits for several intervals of the schedule; without a schedule, whatever waits is late."""
    every = services.settings.seal_every
    if not every or services.settings.signing_file is None or since is None:
        return True
    return services.now() - since > timedelta(seconds=_LATE * every)
