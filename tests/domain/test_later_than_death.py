"""What is later than the death counts nowhere, unless it says who somebody was, what is over or what is to be done."""

from __future__ import annotations

import pytest
from care import IOP, assessed, attends, starts

from domain.after_death import counting, later_than_death, uncounted
from domain.entries import effective
from domain.events import AppointmentCancelled, ClientDied, ConsentRevoked, Event, GroupLeft, NoteAdded, UseReported
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
