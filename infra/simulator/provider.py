"""What a simulated provider says of itself: its sites, programs, and the groups that its clients join."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import NAMESPACE_URL, uuid5

from domain.days import Calendar
from domain.events.provider import WEEKDAYS as DAYS
from domain.levels import LEVELS_OF_CARE, Level
from infra.simulator.calibration import PROGRAMMES
from infra.simulator.clock import HOUR
from infra.simulator.journal import Line
from infra.simulator.journey import DAYS_A_MONTH
from infra.simulator.schedule import SITES, SLOT_STARTS, SLOTS, WEEKDAYS, Site, minutes

CAPACITY: Final[dict[Level, int]] = {
    "medical_detox": 30,
    "residential": 60,
    "partial_hospitalization": 60,
    "intensive_outpatient": 120,
}
_DAYS_A_WEEK: Final[dict[Level, int]] = {"medical_detox": 6, "residential": 6, "standard_outpatient": 3}


def definitions(
    *, until: datetime, calendar: Calendar, months: int = 18, sites: Sequence[Site] = SITES
) -> Iterator[Line]:
    """Import lines of what was defined a week before the simulation begins; the arguments are those of
    ``simulate``. The same arguments give the same lines.
    """
    first = (until - timedelta(days=int(months * DAYS_A_MONTH) + 8)).replace(microsecond=0).isoformat()
    listed = [*_programs(), *(definition for site in sites for definition in _of_site(site, calendar))]
    for number, (kind, data) in enumerate(listed):
        yield {
            "event_id": uuid5(NAMESPACE_URL, f"simulated:{first}:{number}:{kind}").hex,
            "kind": "provider",
            "type": kind,
            "occurred_at": first,
            "recorded_at": first,
            "actor": "sim-admin",
            "role": "admin",
            "source": "simulator",
            "data": data,
        }


def _programs() -> Iterator[tuple[str, dict[str, Any]]]:
    for programme in PROGRAMMES.values():
        yield "ProgramDefined", {"program": programme.name, "level": programme.level}


def _of_site(site: Site, calendar: Calendar) -> Iterator[tuple[str, dict[str, Any]]]:
    zone = calendar.zone_of(site.name).key
    yield "SiteDefined", {"site": site.name, "name": site.name, "zone": zone, "capacity": dict(CAPACITY)}
    for level in LEVELS_OF_CARE:
        for slot in SLOTS:
            days = WEEKDAYS[_DAYS_A_WEEK.get(level, 5)]
            start = SLOT_STARTS[slot]
            yield (
                "GroupDefined",
                {
                    "group_id": f"{site.code}-{slot}-{level}",
                    "name": f"{LEVELS_OF_CARE[level].short}, {slot} (simulated)",
                    "level": level,
                    "site": site.name,
                    "slot": slot,
                    "weekdays": [DAYS[day] for day in days],
                    "starts": f"{start // HOUR:02d}:{start % HOUR:02d}",
                    "minutes": minutes(site, level, SLOTS.index(slot)),
                    "clinician": f"sim-{site.code}-facilitator-{1 + SLOTS.index(slot)}",
                },
            )
