"""Gaps between definitions and records: names without a definition, zones that decide no day."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from domain.days import Calendar, UnknownZoneError, offsets_of
from domain.numbers import canonical
from infra.readmodels.context import HasReads
from projections.agenda.groups import known_groups
from projections.provider.queries import Definition
from projections.status.queries import known_places


def undefined(services: HasReads, kind: str, definitions: Iterable[Definition]) -> list[str]:
    """The names that clients' entries give sites, programs or groups and that are none of those ``found``, in order.

    Of staff and code lists there are none: entries name them in words of their own.
    """
    defined = {canonical(definition.key) for definition in definitions}
    return [name for name in _named(services, kind) if canonical(name) not in defined]


def deciding_zone(calendar: Calendar, site: Definition) -> str:
    """The zone that decides a site's days where its definition says another one; empty where they agree."""
    used = calendar.zone_of(site.key).key
    try:
        alike = offsets_of(used) == offsets_of(str(site.data.get("zone", used)))
    except UnknownZoneError:  # a zone that an older tz database knew
        alike = False
    return "" if alike else used


def _named(services: HasReads, kind: str) -> Sequence[str]:
    with services.reads.reading() as connection:
        if kind == "group":
            return known_groups(connection)
        places: Mapping[str, Sequence[str]] = known_places(connection)
        return places.get(kind, ())
