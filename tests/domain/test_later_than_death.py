"""What is later than the death counts nowhere, unless it says who somebody was, what is over or what is to be done."""

from __future__ import annotations

import pytest
from care import IOP, assessed, attends, ends, starts

from domain.after_death import counting, later_than_death, uncounted
from domain.entries import effective
from domain.events import (
    AppointmentCancelled,
    ClientDied,
    ConsentRevoked,
    Event,
    GroupLeft,
    LevelOfCareEnded,
    NoteAdded,
    UseReported,
)
from domain.journey import fold
from tests.spec import Fact, ago, entries, fact

BEFORE = (assessed(), starts(IOP, 10), attends(5))
DEATH = fact(ClientDied(), ago(4))


def ids(*facts: Fact) -> set[str]:
    return {one.id.hex for one in facts}


@pytest.mark.parametrize(
    "late", [attends(3), fact(UseReported(substance="alcohol", on=ago(3).date()), ago(3)), assessed(days_ago=2)]
)
def test_care_later_than_the_death_is_told_and_counts_nowhere(late: Fact) -> None:
    told = effective(entries([*BEFORE, DEATH, late]))
    journey = fold(told)
    assert {one.event_id for one in later_than_death(journey, told)} == ids(late)
    assert uncounted(journey, told) == ids(late)
    assert {one.event_id for one in counting(journey, told)} == ids(*BEFORE, DEATH)


@pytest.mark.parametrize(
    "event",
    [NoteAdded(text="called the family"), GroupLeft(group_id="evening"), AppointmentCancelled(appointment_id="v-1")],
)
def test_what_settles_things_is_told_and_counts(event: Event) -> None:
    late = fact(event, ago(3))
    told = effective(entries([*BEFORE, DEATH, late]))
    journey = fold(told)
    assert {one.event_id for one in later_than_death(journey, told)} == ids(late)
    assert uncounted(journey, told) == set()
    assert counting(journey, told) == told


def test_nothing_is_late_where_nobody_died_or_in_the_moment_of_the_death() -> None:
    for facts in (
        [*BEFORE],
        [*BEFORE, DEATH, attends(4)],
        [*BEFORE, fact(ConsentRevoked(consent_id="c-1"), ago(5)), DEATH],
    ):
        told = effective(entries(facts))
        assert later_than_death(fold(told), told) == []
        assert counting(fold(told), told) == told


def test_a_stay_begun_in_the_moment_of_the_death_ends_with_it() -> None:
    """A step that was corrected to a death leaves the next level where it was, and its end is later than the death."""
    facts = [*BEFORE, fact(LevelOfCareEnded(level=IOP, reason="died"), ago(4)), starts("residential", 4)]
    for told in (facts, [*facts, ends("residential", 1)], [facts[-1], *facts[:-1]]):
        stays = fold(effective(entries(told))).stays
        assert [(stay.end, stay.reason) for stay in stays] == [(stay.end, "died") for stay in stays]
        assert {stay.end for stay in stays} == {stays[0].end}


def test_a_later_death_entry_lets_the_stay_go_on_until_then() -> None:
    facts = [*BEFORE, fact(LevelOfCareEnded(level=IOP, reason="died"), ago(4)), starts("residential", 4)]
    told = effective(entries([*facts, fact(ClientDied(), ago(2))]))
    assert [stay.end_day and stay.end_day - stay.start_day for stay in fold(told).stays] == [6, 2]
