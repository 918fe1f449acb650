"""Stays of one person that overlap: which of them counts, and who may say so."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest
from care import IOP, attends, ends, starts

from domain.commands import ResolveOverlap, Retract
from domain.entries import effective
from domain.events import ClientDied, EntryRetracted, InvalidDataError, OverlapResolved
from domain.events.catalogue import CATALOGUE
from domain.journey import Journey, journey_of
from domain.levels import Level
from domain.overlaps import named as in_words, not_decided, overlaps
from projections.chart import Chart
from tests.spec import NOW, Fact, ago, entries, fact, given

ONE, ONE_ENDS = starts("residential", 30), ends("residential", 5)
TWO, TWO_ENDS = starts("residential", 25), ends("residential", 20)
TWICE = (ONE, TWO, TWO_ENDS, ONE_ENDS)
LATER = starts(IOP, 4)


def decided(counts: Fact, *others: Fact, at: float = 1) -> Fact:
    return fact(OverlapResolved(stays=(counts.id, *(other.id for other in others)), counts=counts.id), ago(at))


def journey(*facts: Fact) -> Journey:
    return journey_of(entries(list(facts)))


def named(found: Journey) -> tuple[list[str], list[str]]:
    """Which stays count, and which do not."""
    return [stay.event_id for stay in found.stays], [stay.event_id for stay in found.not_counted]


class TestJourney:
    """What a decision makes of a journey."""

    def test_two_stays_of_one_time_overlap(self) -> None:
        [(first, second)] = overlaps(journey(*TWICE, LATER))
        assert (first.event_id, second.event_id) == (ONE.event_id, TWO.event_id)

    def test_it_is_said_by_level_days_and_entry(self) -> None:
        begun, other = starts("residential", 30), starts(IOP, 25)
        [still_open], [over] = journey(begun).stays, journey(other, ends(IOP, 20)).stays
        first, start, end = (ago(days).date().isoformat() for days in (30, 25, 20))
        said = [in_words(stay) for stay in (still_open, over)]
        assert said == [
            f"Residential from {first} to now ({begun.event_id})",
            f"Intensive outpatient (IOP) from {start} to {end} ({other.event_id})",
        ]
        assert not_decided((still_open, over)).value == f"{said[0]} and {said[1]} overlap"

    @pytest.mark.parametrize(
        ("level", "more", "same"),
        [
            (IOP, {}, True),
            (IOP, {"site": "north"}, False),
            ("residential", {}, False),
            (IOP, {"concurrent": True}, False),
        ],
    )
    def test_the_same_place_entered_twice(self, level: Level, more: dict[str, Any], *, same: bool) -> None:
        [one, other] = journey(starts(IOP, 9), starts(level, 8, **more)).stays
        assert (one.repeats(other), other.repeats(one)) == (same, same)

    def test_concurrent_stays_overlap_only_their_own_level(self) -> None:
        one, again = (starts(IOP, day, concurrent=True) for day in (30, 20))
        beside = starts("residential", 25)
        [(first, second)] = overlaps(journey(one, beside, again))
        assert (first.event_id, second.event_id) == (one.event_id, again.event_id)

    def test_the_one_that_lost_is_left_out_with_its_end(self) -> None:
        found = journey(*TWICE, decided(TWO, ONE))
        assert named(found) == ([TWO.event_id], [ONE.event_id])
        assert overlaps(found) == []

    def test_an_end_recorded_later_is_never_taken_from_the_stay_that_counts(self) -> None:
        found = journey(ONE, TWO, decided(TWO, ONE, at=10), ends("residential", 2))
        assert (found.stays[0].open, found.not_counted[0].open) == (False, True)

    def test_a_death_ends_both(self) -> None:
        found = journey(ONE, TWO, decided(TWO, ONE, at=10), fact(ClientDied(), ago(2)))
        assert [stay.reason for stay in (*found.stays, *found.not_counted)] == ["died", "died"]
        assert found.death is not None
        assert found.death.event_id not in found.lost_entries()

    def test_it_is_void_without_the_stay_that_counts(self) -> None:
        gone = fact(EntryRetracted(target=TWO.id, reason="other client"), NOW)
        assert named(journey(ONE, TWO, decided(TWO, ONE), gone)) == ([ONE.event_id], [])

    def test_folds_see_neither_start_nor_end(self) -> None:
        chart = Chart("c" * 32, 5, entries([*TWICE, decided(TWO, ONE)]))
        kept = {entry.event_id for entry in chart.entries}
        assert TWO.event_id in kept
        assert ONE.event_id not in kept
        assert len(kept) == 2


class TestResolve:
    """The command that decides."""

    def test_says_which_counts(self) -> None:
        command = ResolveOverlap((ONE.id, TWO.id), TWO.id)
        given(*TWICE).when(command).then(OverlapResolved(stays=(ONE.id, TWO.id), counts=TWO.id))

    def test_names_stays_of_this_chart_that_count_and_overlap(self) -> None:
        given(*TWICE).when(ResolveOverlap((ONE.id, UUID(int=1)), ONE.id)).refused("stays_count_on_this_chart")
        given(*TWICE, decided(TWO, ONE)).when(ResolveOverlap((ONE.id, TWO.id), ONE.id)).refused(
            "stays_count_on_this_chart"
        )
        given(*TWICE, LATER).when(ResolveOverlap((ONE.id, LATER.id), ONE.id)).refused("stays_overlap")

    def test_care_given_in_the_other_stay_is_no_hindrance_but_none_follows(self) -> None:
        session = attends(27)
        given(*TWICE, session).when(ResolveOverlap((ONE.id, TWO.id), TWO.id)).accepted()
        given(*TWICE, session, decided(TWO, ONE)).when(attends(27)).refused("belongs_to_an_open_level")

    def test_retracting_it_brings_the_others_back(self) -> None:
        decision = decided(TWO, ONE)
        given(*TWICE, decision).when(Retract(decision.id, "the other")).accepted()
        back = fact(EntryRetracted(target=decision.id, reason="the other"), NOW)
        assert named(journey(*TWICE, decision, back)) == ([ONE.event_id, TWO.event_id], [])
        assert len(effective(entries([*TWICE, decision, back]))) == 4

    @pytest.mark.parametrize("stays", [[str(UUID(int=1)), str(UUID(int=2))], [str(UUID(int=3))] * 2])
    def test_the_one_that_counts_is_one_of_them_and_each_is_named_once(self, stays: list[str]) -> None:
        with pytest.raises(InvalidDataError, match="name each stay once"):
            CATALOGUE.parse("OverlapResolved", {"stays": stays, "counts": str(UUID(int=3))})
