"""The week's timetable: groups by level and slot, holistic and family sessions, education, peers."""

from __future__ import annotations

from typing import Final

from domain.levels import Level
from domain.vocabulary import Slot
from infra.simulator.care.attendance import offer
from infra.simulator.chart import Chart, Stay
from infra.simulator.clock import DAY, HOUR, weekday
from infra.simulator.schedule import group

DAYTIME: Final[dict[Level, tuple[Slot, ...]]] = {
    "medical_detox": ("afternoon",),
    "residential": ("morning", "afternoon"),
    "partial_hospitalization": ("morning", "afternoon"),
}
HOLISTIC: Final = ("mindfulness", "stress_reduction", "nutrition", "goal_setting")
HOLISTIC_WEEKDAYS: Final[dict[Level, tuple[int, ...]]] = {
    "medical_detox": (1, 3, 6),
    "residential": (1, 4, 6),
    "partial_hospitalization": (2,),
    "intensive_outpatient": (2,),
    "standard_outpatient": (),
    "alumni": (),
}
HOLISTIC_TAKEN: Final = 0.6
FAMILY_WEEKS: Final = 3
FAMILY_INVOLVED: Final = 0.45
PEER_SUPPORTED: Final = 0.4


def groups(chart: Chart, stay: Stay) -> None:
    """Every group on the stay's weekdays, in the client's slot or, in day programmes, in all of them."""
    slots = DAYTIME.get(stay.level, (stay.slot,))
    first = stay.first_day + (1 if stay.level == "medical_detox" else 0)
    for day in range(first, stay.last_day + 1):
        if weekday(day) not in stay.weekdays:
            continue
        for slot in slots:
            meeting = group(chart.site, stay.level, slot, day)
            offer(
                chart,
                stay,
                meeting.at,
                "group",
                meeting.minutes,
                recorded=meeting.charted,
                topic=meeting.topic,
                slot=meeting.slot,
                clinician=meeting.clinician,
                group_id=meeting.group_id,
            )


def holistic(chart: Chart, stay: Stay) -> None:
    """Mindfulness, nutrition and the like, for who takes part in them."""
    wanted = HOLISTIC_WEEKDAYS[stay.level]
    if not wanted or not chart.chance(HOLISTIC_TAKEN):
        return
    for day in stay.days:
        if weekday(day) in wanted:
            topic = HOLISTIC[(day + weekday(day)) % len(HOLISTIC)]
            offer(chart, stay, day * DAY + 16 * HOUR, "holistic", 60, topic=topic)


def family(chart: Chart, stay: Stay) -> None:
    """Family sessions every few weeks, and family education on Saturdays, where a family takes part."""
    if chart.profile.home == "unhoused" or not chart.chance(FAMILY_INVOLVED):
        return
    for count, day in enumerate(range(stay.first_day + 8, stay.last_day + 1, FAMILY_WEEKS * 7)):
        offer(chart, stay, day * DAY + 17 * HOUR, "family", 60, modality=chart.rng.choice(("cbt", "other")))
        if count == 0:
            saturday = day + (5 - weekday(day)) % 7
            offer(chart, stay, saturday * DAY + 10 * HOUR, "family_education", 90, topic="family_education")


def peer_support(chart: Chart, stay: Stay) -> None:
    """Weekly peer support, for some."""
    if not chart.chance(PEER_SUPPORTED):
        return
    for day in range(stay.first_day + 3, stay.last_day + 1, 7):
        offer(chart, stay, day * DAY + 12 * HOUR, "peer_support", 45, clinician=f"sim-{chart.site.code}-peer-1")


def alumni_meetings(chart: Chart, stay: Stay) -> None:
    """The alumni group, on Thursdays every other week."""
    for day in stay.days:
        if weekday(day) == 3 and day // 7 % 2 == 0:
            at = day * DAY + 18 * HOUR + 30
            offer(chart, stay, at, "alumni_meeting", 75, group_id=f"{chart.site.code}-alumni-{day}")
