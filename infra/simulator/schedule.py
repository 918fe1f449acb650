"""Sites and their group timetables: fixed per site, so that members of a group share its ``group_id``."""

from __future__ import annotations

from functools import lru_cache
from typing import Final, NamedTuple

from domain.levels import Level
from domain.vocabulary import Slot
from infra.simulator.clock import DAY, HOUR, date_text, weekday, workday


class Site(NamedTuple):
    """A facility: its name in entries, and a short one for codes."""

    name: str
    code: str


SITES: Final = (
    Site("North Campus (simulated)", "north"),
    Site("Lakeside (simulated)", "lake"),
    Site("Mesa House (simulated)", "mesa"),
)

TOPICS: Final = (
    "relapse_prevention",
    "emotion_regulation",
    "managing_triggers",
    "trauma_healing",
    "communication_skills",
    "mindfulness",
)
SLOT_STARTS: Final[dict[Slot, int]] = {"morning": 9 * HOUR, "afternoon": 13 * HOUR, "evening": 17 * HOUR + 30}
SLOTS: Final[tuple[Slot, ...]] = ("morning", "afternoon", "evening")
WEEKDAYS: Final[dict[int, tuple[int, ...]]] = {
    1: (2,),
    2: (1, 3),
    3: (0, 2, 4),
    4: (0, 1, 3, 4),
    5: (0, 1, 2, 3, 4),
    6: (0, 1, 2, 3, 4, 5),
}
_MINUTES: Final[dict[Level, tuple[int, ...]]] = {
    "medical_detox": (60,),
    "residential": (150, 120, 90),
    "partial_hospitalization": (180, 120, 120),
    "intensive_outpatient": (180, 240, 180, 210),
    "standard_outpatient": (90,),
    "alumni": (75,),
}


class Group(NamedTuple):
    """One meeting of a group: ``at`` and ``charted`` are local minutes; it is charted once, for everybody."""

    group_id: str
    topic: str
    slot: Slot
    minutes: int
    clinician: str
    at: int
    charted: int


@lru_cache(maxsize=32768)
def group(site: Site, level: Level, slot: Slot, day: int) -> Group:
    """The group of a level that meets in a slot of a day; charted on the next working morning."""
    place = SLOTS.index(slot)
    number = day // 7 + place
    charted = workday(day + 1) * DAY + 8 * HOUR + (day * 31 + place * 47 + len(site.code) * 13) % 140
    return Group(
        group_id=f"{site.code}-{level}-{slot}-{date_text(day)}",
        topic=TOPICS[(weekday(day) + number + len(site.code)) % len(TOPICS)],
        slot=slot,
        minutes=minutes(site, level, place),
        clinician=f"sim-{site.code}-facilitator-{1 + (place + number // 13) % 4}",
        at=day * DAY + SLOT_STARTS[slot],
        charted=charted,
    )


def minutes(site: Site, level: Level, place: int) -> int:
    """How long the group of a level lasts in the slot of this place."""
    lengths = _MINUTES[level]
    shift = len(site.code) if level == "intensive_outpatient" else 0
    return lengths[(place + shift) % len(lengths)]
