"""The fields of a question of time to event: start, event, substance, and what ends observation."""

from __future__ import annotations

from collections.abc import Sequence

from api.i18n.language import N_
from domain.levels import LEVELS, title
from projections.clinical.substances import CLASSES
from projections.time_to_event.definition import EVENTS, LEVEL_PREFIX, STARTS

TITLES: dict[str, str] = {
    "start": N_("Clock starts at"),
    "event": N_("Stops at the first"),
    "substance": N_("Substance"),
    "censor": N_("Without it, counts until"),
    "competing": N_("Also ends observation"),
}
OPTIONS: dict[str, Sequence[tuple[str, str]]] = {
    "start": [(name, choice.title) for name, choice in STARTS.items()],
    "event": [
        *((name, choice.title) for name, choice in EVENTS.items()),
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
