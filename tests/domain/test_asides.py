"""Entries that are set aside: which may be, what counts then, and what takes them up again."""

from __future__ import annotations

from uuid import UUID

import pytest
from care import attends, ends, starts

from domain.commands import Correct, Retract, SetAside, TakeUp
from domain.decisions import History, decide
from domain.entries import effective, set_aside
from domain.events import ClientDied, ConsentGiven, ConsentRevoked, EntryRetracted, EntrySetAside, EntryTakenUp
from domain.refusals import CommandRefusedError
from tests.day import UTC_DAYS
from tests.spec import NOW, Fact, ago, entries, fact, given

BAD = UUID(int=0xBAD)
START, SESSION, END = starts("residential", 30), attends(20), ends("residential", 5)


def aside(target: UUID = BAD, at: float = 1) -> Fact:
    return fact(EntrySetAside(target=target, reason="damaged"), ago(at))


def taken_up(target: UUID = BAD, at: float = 1) -> Fact:
    return fact(EntryTakenUp(target=target, reason="known now"), ago(at))


def refused(command: SetAside | TakeUp, *facts: Fact, unread: dict[str, str] | None = None) -> dict[str, str]:
    """Why a decision is refused, or nothing, of a chart with unreadable entries."""
    history = History.of("c" * 32, entries(list(facts)), UTC_DAYS, {BAD.hex: "Unheard"} if unread is None else unread)
    try:
        [draft] = decide(history, command, NOW, "admin")
    except CommandRefusedError as error:
        return {refusal.criterion: refusal.remedy for refusal in error.refusals}
    kind = EntrySetAside if isinstance(command, SetAside) else EntryTakenUp
    assert draft.event == kind(target=command.target, reason=command.reason)
    return {}


class TestDecide:
    """Who cannot be read may be set aside; what is set aside may be taken up."""

    def test_what_cannot_be_read_is_set_aside_once(self) -> None:
        assert refused(SetAside(BAD, "damaged"), START) == {}
        assert refused(SetAside(BAD, "damaged"), START, aside()).keys() == {"target_counts"}
        assert refused(SetAside(BAD, "damaged"), START, aside(), taken_up()) == {}

    def test_what_can_be_read_is_retracted_instead(self) -> None:
        found = refused(SetAside(START.id, "wrong"), START)
        assert "Retract it" in found["target_is_unreadable"]

    def test_it_is_of_this_chart(self) -> None:
        assert refused(SetAside(UUID(int=9), "x"), START).keys() == {"target_is_on_this_chart"}

    @pytest.mark.parametrize("kind", ["ChartsMerged", "ChartClosed", "MergedChartContinued", "ClientErased"])
    def test_nobody_counts_twice_by_it(self, kind: str) -> None:
        assert refused(SetAside(BAD, "x"), START, unread={BAD.hex: kind}).keys() == {"target_is_no_keeping_of_charts"}

    def test_a_revocation_that_nobody_can_read_leaves_no_consent_in_force(self) -> None:
        unread = {BAD.hex: "ConsentRevoked"}
        consent = fact(ConsentGiven(consent_id="c-1", recipient="County", purpose="treatment"), ago(9))
        revoked = fact(ConsentRevoked(consent_id="c-1"), ago(2))
        assert refused(SetAside(BAD, "x"), START, consent, unread=unread).keys() == {"no_consent_in_force"}
        assert refused(SetAside(BAD, "x"), START, consent, revoked, unread=unread) == {}

    def test_only_what_is_set_aside_is_taken_up(self) -> None:
        assert refused(TakeUp(BAD, "x"), START).keys() == {"target_is_set_aside"}
        assert refused(TakeUp(BAD, "x"), START, aside()) == {}
        assert refused(TakeUp(BAD, "x"), START, aside(), taken_up()).keys() == {"target_is_set_aside"}

    def test_it_says_why(self) -> None:
        assert refused(SetAside(BAD, " "), START).keys() == {"text_is_not_blank"}

    def test_after_a_death_too(self) -> None:
        assert refused(SetAside(BAD, "damaged"), START, fact(ClientDied(), ago(9))) == {}

    def test_a_decision_is_made_anew_and_neither_corrected_nor_retracted(self) -> None:
        decision = aside()
        given(START, decision).when(Retract(decision.id, "x")).refused("target_is_a_clinical_entry").saying("anew")
        given(START, decision).when(Correct(decision.id, "NoteAdded", ago(1), {"text": "x"}, "x")).refused(
            "target_is_a_clinical_entry"
        )


class TestCount:
    """What is set aside does not count, should it be readable by then."""

    def counts(self, *facts: Fact) -> list[str]:
        return [entry.event_id for entry in effective(entries(list(facts))) if entry.event_id == SESSION.event_id]

    def test_it_does_not_count_until_it_is_taken_up(self) -> None:
        chart = (START, SESSION, END)
        assert self.counts(*chart, aside(SESSION.id)) == []
        assert self.counts(*chart, aside(SESSION.id), taken_up(SESSION.id)) == [SESSION.event_id]
        assert self.counts(*chart, aside(SESSION.id), taken_up(SESSION.id), aside(SESSION.id)) == []

    def test_an_amendment_that_is_set_aside_amends_nothing(self) -> None:
        gone = fact(EntryRetracted(target=SESSION.id, reason="x"), ago(2))
        assert self.counts(START, SESSION, END, gone) == []
        assert self.counts(START, SESSION, END, gone, aside(gone.id)) == [SESSION.event_id]

    def test_a_decision_that_is_set_aside_decides_nothing(self) -> None:
        decision = aside()
        found = set_aside(entries([START, decision, aside(decision.id)]))
        assert found.keys() == {decision.event_id}

    def test_taking_up_what_breaks_a_rule_is_no_hindrance(self) -> None:
        late = attends(2)
        decision = aside(late.id)
        given(START, END, late, decision).when(TakeUp(late.id, "known")).then(
            EntryTakenUp(target=late.id, reason="known")
        )
