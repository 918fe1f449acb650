"""The course of care: episodes with their levels, and what was done in each level."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

from domain.entries import Entry
from domain.events import (
    AssessmentCompleted,
    DrugScreenMissed,
    DrugScreenResulted,
    Event,
    LevelOfCareEnded,
    LevelOfCareStarted,
    ReferralReceived,
    SessionAttended,
    SessionMissed,
)
from domain.journey import Stay
from projections.chart import Chart
from projections.clinical.course import by_end, episode_numbers
from projections.clinical.medication import medications
from projections.clinical.screens import unexplained
from projections.clinical_summary.within import Within, always
from projections.stays.fold import length_of_stay

E = TypeVar("E", bound=Event)


@dataclass(frozen=True, slots=True)
class Level:
    """One stay at a level. ``days`` run to its end, or to ``today`` where it is open; ``summary`` is its end's text."""

    stay: Stay
    days: int
    summary: str
    override: str


@dataclass(frozen=True, slots=True)
class Episode:
    """A chain of stays with gaps of at most 30 days (``projections.stays``), alumni stays after it included.

    ``start`` and ``end`` are µs UTC, ``start_day`` and ``end_day`` proleptic ordinals; the end is None while a
    treatment level is open. ``next_start`` is where the next episode begins, if there is one.
    """

    number: int
    levels: tuple[Level, ...]
    start: int
    start_day: int
    end: int | None
    end_day: int | None
    days: int
    next_start: int | None

    @property
    def last(self) -> Stay:
        """The treatment level that ended last, or is open: its reason is the episode's."""
        return max((level.stay for level in self.levels if level.stay.level != "alumni"), key=by_end)

    def holds(self, entry: Entry) -> bool:
        """Whether an entry belongs to the episode's treatment: from its start to the end of its last day."""
        return self.start <= entry.at and self.reached(entry)

    def reached(self, entry: Entry) -> bool:
        """Whether an entry was there by the end of the treatment's last day, or by now where it is open."""
        return self.end is None or entry.at <= self.end or entry.day == self.end_day

    def follows(self, entry: Entry) -> bool:
        """Whether an entry comes after the treatment and before the next episode."""
        return not self.reached(entry) and (self.next_start is None or entry.at < self.next_start)


@dataclass(frozen=True, slots=True)
class Services:
    """Sessions of one kind: how many were attended, their minutes, how many missed and excused of those."""

    kind: str
    attended: int
    minutes: int
    missed: int
    excused: int


def episodes(chart: Chart, today: int) -> list[Episode]:
    """The episodes of a chart, first to last, counted to ``today`` (proleptic ordinal) where they are open."""
    stays = sorted(chart.journey.stays, key=lambda stay: stay.start)
    numbers = episode_numbers(stays)
    groups = [
        [stay for stay, number in zip(stays, numbers, strict=True) if number == wanted]
        for wanted in sorted(set(numbers) - {0})
    ]
    starts = [group[0].start for group in groups]
    texts = _Texts(chart)
    return [
        _episode(place, group, texts, today, starts[place] if place < len(starts) else None)
        for place, group in enumerate(groups, start=1)
    ]


def without_episode(chart: Chart, today: int) -> list[Level]:
    """Alumni stays that follow no treatment."""
    stays = sorted(chart.journey.stays, key=lambda stay: stay.start)
    texts = _Texts(chart)
    numbers = episode_numbers(stays)
    return [texts.level(stay, today) for stay, number in zip(stays, numbers, strict=True) if number == 0]


def services(chart: Chart, episode: Episode | None = None) -> list[Services]:
    """Sessions by kind, the most frequent first; of one episode's treatment, or of all."""
    attended: Counter[str] = Counter()
    minutes: Counter[str] = Counter()
    missed: Counter[str] = Counter()
    excused: Counter[str] = Counter()
    for entry in chart.of(SessionAttended, SessionMissed):
        event = entry.event
        if episode is not None and not episode.holds(entry):
            continue
        if isinstance(event, SessionAttended):
            attended[event.kind] += 1
            minutes[event.kind] += event.minutes
        elif isinstance(event, SessionMissed):
            missed[event.kind] += 1
            excused[event.kind] += bool(event.excused)
    kinds = sorted(attended | missed, key=lambda kind: (-attended[kind] - missed[kind], kind))
    return [Services(kind, attended[kind], minutes[kind], missed[kind], excused[kind]) for kind in kinds]


def screens_given(chart: Chart, episode: Episode) -> tuple[int, int, int]:
    """Drug screens of an episode: given, those that found what nothing prescribed explains, missed.

    Invalid ones are given and found nothing.
    """
    screens, taken = [entry for entry in chart.of(DrugScreenResulted) if episode.holds(entry)], medications(chart)
    positive = sum(bool(unexplained(entry, taken)) for entry in screens)
    missed = sum(1 for entry in chart.of(DrugScreenMissed) if episode.holds(entry))
    return len(screens), positive, missed


def referral(chart: Chart, within: Within = always) -> tuple[Entry, ReferralReceived] | None:
    """The latest referral ``within`` a time."""
    return _latest(chart.events(ReferralReceived), within)


def assessment(chart: Chart, within: Within = always) -> tuple[Entry, AssessmentCompleted] | None:
    """The latest assessment ``within`` a time whose ratings are recorded; without one, the latest of any kind."""
    known = chart.events(AssessmentCompleted)
    rated = [pair for pair in known if not pair[1].unrated]
    return _latest(rated, within) or _latest(known, within)


class _Texts:
    """What starts and ends of levels say in words, by entry and by level and time."""

    def __init__(self, chart: Chart) -> None:
        self._ends = {(event.level, entry.at): event.summary or "" for entry, event in chart.events(LevelOfCareEnded)}
        self._starts = {
            entry.event_id: event.override_reason or "" for entry, event in chart.events(LevelOfCareStarted)
        }

    def level(self, stay: Stay, today: int) -> Level:
        """A stay with its texts."""
        days = length_of_stay(stay.start_day, today if stay.end_day is None else stay.end_day)
        summary = self._ends.get((stay.level, stay.end), "") if stay.end is not None else ""
        return Level(stay, days, summary, self._starts.get(stay.event_id, ""))


def _episode(number: int, stays: Sequence[Stay], texts: _Texts, today: int, next_start: int | None) -> Episode:
    treatment = [stay for stay in stays if stay.level != "alumni"]
    last = max(treatment, key=by_end)
    return Episode(
        number,
        tuple(texts.level(stay, today) for stay in stays),
        stays[0].start,
        stays[0].start_day,
        last.end,
        last.end_day,
        length_of_stay(stays[0].start_day, today if last.end_day is None else last.end_day),
        next_start,
    )


def _latest(pairs: Sequence[tuple[Entry, E]], within: Within) -> tuple[Entry, E] | None:
    return next((pair for pair in reversed(pairs) if within(pair[0])), None)
