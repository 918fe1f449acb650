"""Hand-offs and flags: about what ended or is raised here, closed once, each with what it came to."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
from care import assessed, attends, ends, starts

from domain.entries import effective
from domain.events import (
    CommunityReferralMade,
    FlagAssigned,
    FlagDone,
    FlagSnoozed,
    HandoffAssigned,
    HandoffClosed,
    InvalidDataError,
    ReferralReceived,
)
from domain.events.catalogue import CATALOGUE
from domain.handoffs import Handoff, handoffs
from domain.journey import fold
from domain.vocabulary import FLAGS
from projections.status.flags import FLAG_TITLES
from tests.spec import NOW, Fact, ago, entries, fact, given

START, END = starts(days_ago=10), ends(days_ago=6, next_level="standard_outpatient")
ENDED = (assessed(), START, END)
NEXT = (starts("standard_outpatient", 4, concurrent=True), attends(3))
TODAY = NOW.date()


def assigned(days_ago: float = 5, **more: Any) -> Fact:
    return fact(HandoffAssigned.model_validate({"owner": "c-1", "stay": START.id} | more), ago(days_ago))


def closed(outcome: Any = "lost", days_ago: float = 2, **more: Any) -> Fact:
    return fact(HandoffClosed.model_validate({"outcome": outcome, "stay": START.id} | more), ago(days_ago))


def said(*facts: Fact) -> Handoff:
    """What the entries of a chart say of its only hand-off."""
    counted = effective(entries(list(facts)))
    [found] = handoffs(counted, fold(counted)).by_key.values()
    return found


class TestWhatItIsAbout:
    """An ended level of this chart, by either of its entries, or a referral."""

    @pytest.mark.parametrize("stay", [START, END])
    def test_an_ended_level(self, stay: Fact) -> None:
        given(*ENDED).when(assigned(stay=stay.id)).accepted()

    def test_a_level_that_is_open_or_elsewhere(self) -> None:
        given(*ENDED[:2]).when(assigned()).refused("stay_has_ended")
        given(*ENDED).when(assigned(stay=UUID(int=9))).refused("stay_has_ended")

    def test_a_referral_of_this_chart(self) -> None:
        came = fact(ReferralReceived(referrer="a court", referral_kind="court"), ago(9))
        made = fact(CommunityReferralMade(partner="a clinic", service="dental"), ago(9))
        for one in (came, made):
            given(came, made).when(assigned(stay=None, referral=one.id)).accepted()
        given(*ENDED, came).when(assigned(stay=None, referral=START.id)).refused("referral_is_on_this_chart")

    def test_one_of_them(self) -> None:
        given(*ENDED).when(assigned(stay=None)).refused("handoff_names_one")
        given(*ENDED).when(assigned(referral=START.id)).refused("handoff_names_one")


class TestClosing:
    """Once, with an outcome; a kept one says with what care went on."""

    @pytest.mark.parametrize("outcome", ["declined", "lost", "elsewhere", "kept"])
    def test_without_care_since(self, outcome: str) -> None:
        given(*ENDED, assigned()).when(closed(outcome)).accepted()
        given(*ENDED).when(closed(outcome)).accepted()

    def test_a_kept_one_names_how_care_went_on(self) -> None:
        chart = given(*ENDED, *NEXT)
        chart.when(closed("kept")).refused("first_session_is_named")
        for one in NEXT:
            chart.when(closed("kept", first_session=one.id)).accepted()
        chart.when(closed("kept", first_session=START.id)).refused("first_session_is_on_this_chart")
        chart.when(closed("kept", first_session=UUID(int=9))).refused("first_session_is_on_this_chart")

    @pytest.mark.parametrize("again", [closed(days_ago=1), assigned(1)])
    def test_once(self, again: Fact) -> None:
        given(*ENDED, closed()).when(again).refused("handoff_is_open")
        given(*ENDED, closed(stay=END.id)).when(again).refused("handoff_is_open")

    def test_it_has_an_outcome(self) -> None:
        with pytest.raises(InvalidDataError, match="outcome"):
            CATALOGUE.parse("HandoffClosed", {"stay": str(START.id)})


class TestWhatIsSaidOfIt:
    """Who has it, what it came to and when: what a later entry does not say again stays."""

    def test_of_each_entry(self) -> None:
        first, session = NEXT
        facts = (*ENDED, first, session, assigned(), closed("kept", 2, first_session=session.id))
        assert said(*facts[:-1]) == Handoff(START.id.hex, owner="c-1")
        kept = Handoff(START.id.hex, "c-1", "kept", session.id.hex, ago(2).date().toordinal())
        assert said(*facts) == kept
        assert said(*ENDED, assigned(), assigned(4, owner="c-2")) == Handoff(START.id.hex, owner="c-2")
        by_another = closed("lost", 2, owner="c-3")
        assert said(*ENDED, assigned(), by_another) == Handoff(START.id.hex, "c-3", "lost", "", kept.closed_day)

    def test_from_the_very_moment_on(self) -> None:
        came = fact(ReferralReceived(referrer="a court", referral_kind="court"), ago(5))
        given(came).when(assigned(5, stay=None, referral=came.id)).accepted()
        later = fact(ReferralReceived(referrer="a court", referral_kind="court"), ago(4))
        given(later).when(assigned(5, stay=None, referral=later.id)).refused("referral_is_on_this_chart")
        at_once = starts("standard_outpatient", 6)
        given(*ENDED, at_once).when(closed("kept")).refused("first_session_is_named")


class TestFlags:
    """Only flags that are raised here; left alone until a later day; done with a reason."""

    @pytest.mark.parametrize(
        "event",
        [
            FlagAssigned(flag="no_contact", since=TODAY, to="c-1"),
            FlagSnoozed(flag="no_contact", since=TODAY, until=TODAY + timedelta(days=1)),
            FlagDone(flag="no_contact", since=TODAY, reason="spoke"),
        ],
    )
    def test_one_that_there_is(self, event: Any) -> None:
        given().when(fact(event, ago(0))).then(event)
        unknown = event.model_copy(update={"flag": "unheard_of"})
        given().when(fact(unknown, ago(0))).refused("known_flag")
        late = event.model_copy(update={"since": date(2026, 4, 1)})
        given().when(fact(late, ago(0))).refused("date_not_after_entry")

    @pytest.mark.parametrize("days", [0, -1])
    def test_not_until_a_day_that_has_come(self, days: int) -> None:
        event = FlagSnoozed(flag="no_contact", since=TODAY, until=TODAY + timedelta(days=days))
        given().when(fact(event, ago(0))).refused("snoozed_until_a_later_day")

    def test_done_needs_a_reason(self) -> None:
        with pytest.raises(InvalidDataError, match="reason"):
            CATALOGUE.parse("FlagDone", {"flag": "no_contact", "since": "2026-03-01"})

    def test_every_flag_that_is_raised_may_be_named(self) -> None:
        assert FLAG_TITLES.keys() <= FLAGS
