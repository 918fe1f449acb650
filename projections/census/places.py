"""The places of sites at levels of care, from day to day: what a census is a share of."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from domain.days import Calendar
from domain.numbers import canonical
from projections.provider.queries import Definition

_EVER = 10_000_000  # later than any day


class Stretch(NamedTuple):
    """So many places of a site at a level, from the day ``first`` to before the day ``over`` (proleptic ordinals).

    ``site`` is in the form in which names are compared; empty where it was not said of which site they are.
    """

    site: str
    level: str
    places: int
    first: int = 0
    over: int = _EVER


@dataclass(frozen=True, slots=True)
class Places:
    """Every stretch."""

    stretches: tuple[Stretch, ...] = ()

    @staticmethod
    def by_setting(capacity: Mapping[str, int]) -> Places:
        """Those of a setting: ``SITE/LEVEL``, or ``LEVEL`` for places of no site; on every day."""
        named = ((name.rpartition("/"), places) for name, places in capacity.items())
        return Places(tuple(Stretch(canonical(site), level, places) for (site, _, level), places in named))

    @staticmethod
    def by_definition(sites: Iterable[Definition], calendar: Calendar) -> Places:
        """Those of the sites' definitions: of each day what was in force at its end, by the site's clocks."""
        return Places(tuple(stretch for site in sites for stretch in _stretches(site, calendar)))

    def of(self, group: Mapping[str, str], day: int) -> int:
        """The places of a group on a day: those of its site and level, or of every site, at every level.

        A program has none of its own: 0.
        """
        if "program" in group:
            return 0
        level, site = group.get("level"), group.get("site")
        named = None if site is None else canonical(site)
        return sum(
            stretch.places
            for stretch in self.stretches
            if stretch.first <= day < stretch.over and level in (None, stretch.level) and named in (None, stretch.site)
        )


def _stretches(site: Definition, calendar: Calendar) -> Iterable[Stretch]:
    first = calendar.day(site.since, site.key)
    over = _EVER if site.until is None else calendar.day(site.until, site.key)
    capacity: Mapping[str, int] = site.data.get("capacity") or {}
    return (Stretch(canonical(site.key), level, places, first, over) for level, places in capacity.items())
