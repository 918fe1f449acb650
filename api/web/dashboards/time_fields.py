"""The fields of a question of time to event: start, event, substance, and what ends observation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from api.i18n.language import N_
from domain.levels import LEVELS, title
from domain.phrases import Phrase
from projections.abstinence.substances import CLASSES
from projections.filters import FilterError
from projections.time_to_event.definition import (
    EVENTS,
    LEVEL_PREFIX,
    OF_A_SUBSTANCE,
    STARTS,
    USE_AFTER_ADMISSION,
    Endpoint,
)

TITLES: dict[str, str] = {
    "start": N_("Clock starts at"),
    "event": N_("Stops at the first"),
    "substance": N_("Substance"),
    "censor": N_("Without it, counts until"),
    "competing": N_("Also ends observation"),
}
OPTIONS: dict[str, Sequence[tuple[str, str]]] = {
    "start": [(name, one.title) for name, one in STARTS.items()],
    "event": [
        *((name, one.title) for name, one in EVENTS.items()),
        *((LEVEL_PREFIX + level, title(level)) for level in LEVELS),
    ],
    "substance": (
        ("", N_("Any but nicotine")),
        ("any_illicit", N_("Any illicit")),
        *((name, name.capitalize()) for name in sorted(CLASSES)),
    ),
    "censor": (("", N_("As usual for it")), ("last_contact", N_("The last contact")), ("today", N_("Today"))),
    "competing": (
        ("", N_("Nothing else")),
        ("died", N_("Died")),
        ("incarcerated", N_("Incarcerated")),
        ("transferred", N_("Transferred")),
        ("incarcerated,transferred", N_("Incarcerated or transferred")),
        ("died,incarcerated,transferred", N_("Died, incarcerated or transferred")),
    ),
}


def endpoint(query: Mapping[str, str]) -> Endpoint:
    """What an address asks; a substance is left out where the event has none, since the form always sends its field."""
    usual = USE_AFTER_ADMISSION
    event = query.get("event") or usual.event
    return Endpoint(
        query.get("start") or usual.start,
        event,
        query.get("substance", "") if event in OF_A_SUBSTANCE else "",
        query.get("censor", ""),
        tuple(part.strip() for part in query.get("competing", "").split(",") if part.strip()),
    )


def days(query: Mapping[str, str]) -> tuple[int, ...]:
    """The days at which an address reads the curve.

    Raises:
        FilterError: one is no whole number.
    """
    parts = [part.strip() for part in query.get("days", "").split(",") if part.strip()]
    if not all(part.isdecimal() and len(part) <= 5 for part in parts):
        raise FilterError(Phrase("days: write whole numbers, as 30,90,154"))
    return tuple(map(int, parts))
