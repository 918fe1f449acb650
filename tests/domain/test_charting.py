"""What may be written to a chart: sessions, ends, leaves, steps, deaths, late and future entries."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from care import IOP, assessed, attends, ends, starts, steps

from domain.commands import Record, Retract
from domain.entries import effective
from domain.events import (
    CATALOGUE,
    ChartClosed,
    ClientDied,
    ClientErased,
    ClientRegistered,
    ConsentGiven,
    ConsentRevoked,
    DrugScreenMissed,
    DrugScreenResulted,
    EntryRetracted,
    Event,
    FollowUpCompleted,
    InvalidDataError,
    LeaveEnded,
    LeaveStarted,
    LevelOfCareEnded,
    LevelOfCareStarted,
    MedicationGiven,
    NoteAdded,
    OverlapResolved,
    SessionMissed,
)
from domain.invariants import broken_rules
from domain.journey import journey_of
from domain.vocabulary import ConsentSigner
from tests.spec import NOW, Fact, ago, entries, fact, given

SCREEN = DrugScreenResulted(specimen="urine", positive=())
IN_IOP = (assessed(), starts(days_ago=10))
FOLLOW_UP = FollowUpCompleted(milestone_days=30, abstinent_past_30_days=True)


class TestInsideALevel:
    """Sessions and doses belong to an open level at their clinical time; screens and follow-ups also after it."""

    @pytest.mark.parametrize(
        "event",
        [attends().event, SessionMissed(kind="group"), MedicationGiven(drug="naltrexone"), SCREEN, DrugScreenMissed()],
    )
    def test_within_an_open_level(self, event: Event) -> None:
        given(*IN_IOP).when(fact(event, ago(3))).then(event)

    @pytest.mark.parametrize("event", [attends().event, SessionMissed(kind="group"), MedicationGiven(drug="x")])
    @pytest.mark.parametrize("days_ago", [11, 1])
    def test_no_session_or_dose_before_or_after(self, event: Event, days_ago: int) -> None:
        chart = given(*IN_IOP, ends(days_ago=2))
        chart.when(fact(event, ago(days_ago))).refused("belongs_to_an_open_level")

    def test_screens_and_follow_ups_also_after_it(self) -> None:
        chart = given(*IN_IOP, ends(days_ago=2))
        chart.when(fact(SCREEN, ago(1))).accepted()
        chart.when(fact(FOLLOW_UP, ago(1))).accepted()

    def test_screens_and_follow_ups_not_before_any_level(self) -> None:
        given(*IN_IOP).when(fact(SCREEN, ago(12))).refused("belongs_to_an_open_level")
        given().when(fact(FOLLOW_UP)).refused("belongs_to_an_open_level")

    def test_a_stay_holds_its_first_moment_and_its_last(self) -> None:
        chart = given(*IN_IOP, ends(days_ago=2))
        chart.when(attends(10)).accepted()
        chart.when(attends(2)).accepted()
        chart.when(fact(attends().event, ago(2, minutes=-1))).refused("belongs_to_an_open_level")

    def test_a_level_ends_in_the_minute_of_its_last_session(self) -> None:
        given(*IN_IOP, attends(2)).when(ends(days_ago=2)).accepted()

    def test_a_session_charted_late_belongs_where_it_happened(self) -> None:
        given(*IN_IOP, ends(days_ago=2)).when(attends(5)).accepted()

    def test_a_level_does_not_end_before_what_happened_in_it(self) -> None:
        refused = given(*IN_IOP, attends(3)).when(ends(days_ago=5)).refused("belongs_to_an_open_level")
        refused.saying("no level of care was open when this happened: Session attended")

    def test_a_session_more_than_the_weekly_hours_is_not_refused(self) -> None:
        week = [attends(days, minutes=240) for days in (1, 2, 3, 4, 5)]
        given(*IN_IOP, *week).when(attends(6, minutes=240)).accepted()


class TestEnds:
    """An end belongs to an open level."""

    def test_of_an_open_level(self) -> None:
        given(*IN_IOP).when(ends()).then(LevelOfCareEnded(level=IOP, reason="completed"))

    def test_not_of_another_level(self) -> None:
        given(*IN_IOP).when(ends("residential")).refused("level_is_open")

    def test_not_twice(self) -> None:
        given(*IN_IOP, ends(days_ago=3)).when(ends()).refused("level_is_open")

    def test_not_before_its_start(self) -> None:
        given(*IN_IOP).when(ends(days_ago=11)).refused("level_is_open")

    @pytest.mark.parametrize("hours", [-1, 0, 1, 24])
    def test_whatever_offset_it_is_written_in(self, hours: int) -> None:
        """The end's clock may show the evening before: what counts is the moment, and the facility's day."""
        start = datetime(2026, 1, 6, 3, tzinfo=UTC)
        chart = given(assessed("medical_detox", 60), fact(LevelOfCareStarted(level="medical_detox"), start))
        end = (start + timedelta(hours=hours)).astimezone(timezone(timedelta(hours=-5)))
        ended = chart.when(fact(LevelOfCareEnded(level="medical_detox", reason="completed"), end))
        ended.refused("level_is_open") if hours < 0 else ended.accepted()


class TestSteps:
    """A step down or up ends one level and starts the next in one append."""

    CHART = (starts("residential", 15), assessed(days_ago=3))

    def test_a_step_down_is_one_append(self) -> None:
        given(*self.CHART).when(steps(IOP, ago(1), reason="completed")).then(
            LevelOfCareEnded(level="residential", reason="completed", next_level=IOP),
            LevelOfCareStarted(level=IOP),
        )

    def test_the_level_that_it_completes_counts_as_the_prior_level(self) -> None:
        chart = given(self.CHART[0], assessed(days_ago=3, completed_prior_level=False))
        chart.when(steps(IOP, ago(1), reason="completed")).accepted()
        chart.when(steps(IOP, ago(1))).refused("prior_level_completed")

    def test_a_step_up_meets_the_same_rules(self) -> None:
        chart = given(*IN_IOP)
        chart.when(steps("residential", ago(1))).refused("assessment_recommends_level")
        given(*IN_IOP, assessed("residential", 2)).when(steps("residential", ago(1))).accepted()

    def test_a_refused_start_ends_nothing(self) -> None:
        outcome = given(*self.CHART).when(steps("partial_hospitalization", ago(1)))
        assert outcome.refused("assessment_recommends_level").drafts == []

    def test_a_clinician_may_override_a_step(self) -> None:
        step = steps("partial_hospitalization", ago(1), override_reason="no bed")
        given(*self.CHART).when(step).accepted()
        given(*self.CHART).when(step, by="intake").refused("assessment_recommends_level", "override_by_clinician")

    def test_nothing_to_step_from(self) -> None:
        given(assessed()).when(steps(IOP, ago(1))).refused("level_is_open")
        given(*IN_IOP).when(steps("residential", ago(1), from_level="alumni")).refused("level_is_open")

    def test_a_concurrent_level_is_left_by_its_name(self) -> None:
        beside = starts("standard_outpatient", 8, concurrent=True)
        chart = given(*IN_IOP, beside, assessed("alumni", 2))
        ended = chart.when(steps("alumni", ago(1), from_level="standard_outpatient")).accepted().drafts[0]
        assert ended.event == LevelOfCareEnded(level="standard_outpatient", reason="transferred", next_level="alumni")


class TestDeath:
    """Nothing after death but corrections, merges and erasure."""

    DEAD = (*IN_IOP, fact(ClientDied(), ago(2)))

    @pytest.mark.parametrize(
        "event",
        [NoteAdded(text="call"), SCREEN, FOLLOW_UP, ConsentGiven(consent_id="c", recipient="r", purpose="p")],
    )
    def test_nothing_is_charted_after_it(self, event: Event) -> None:
        given(*self.DEAD).when(fact(event, ago(1))).refused("nothing_after_death")

    @pytest.mark.parametrize("signer", [None, "client", "parent_or_guardian"])
    def test_a_personal_representative_alone_consents_after_it(self, signer: ConsentSigner | None) -> None:
        """42 CFR 2.15(b)(2)."""
        consent = ConsentGiven(consent_id="c", recipient="r", purpose="treatment", signed_by="personal_representative")
        given(*self.DEAD).when(fact(consent, ago(1))).accepted()
        other = consent.model_copy(update={"signed_by": signer})
        given(*self.DEAD).when(fact(other, ago(1))).refused("nothing_after_death")

    def test_nor_a_level_started_even_by_override(self) -> None:
        given(*self.DEAD).when(starts(override_reason="x")).refused("nothing_after_death")

    def test_what_happened_before_it_is_still_charted(self) -> None:
        given(*self.DEAD).when(attends(3)).accepted()

    def test_it_ends_every_open_level(self) -> None:
        given(*self.DEAD).when(ends(days_ago=1)).refused("level_is_open", "nothing_after_death")

    @pytest.mark.parametrize("days_ago", [3, 1])
    def test_a_client_dies_once(self, days_ago: int) -> None:
        given(*self.DEAD).when(fact(ClientDied(), ago(days_ago))).refused("nothing_after_death")

    @pytest.mark.parametrize("event", [ChartClosed(merged_into=fact(SCREEN).id), ClientErased(requested_by="court")])
    def test_charts_are_still_merged_and_erased(self, event: Event) -> None:
        given(*self.DEAD).when(fact(event, NOW)).accepted()

    def test_a_death_is_not_recorded_before_what_happened_later(self) -> None:
        given(*IN_IOP, attends(3)).when(fact(ClientDied(), ago(5))).refused(
            "nothing_after_death", "belongs_to_an_open_level"
        )


class TestAdmittedAfterDeath:
    """What an import records of a client who had died: the stay is no stay, whatever comes of it later."""

    BEFORE = (fact(LevelOfCareStarted(level="residential"), ago(20)), fact(ClientDied(), ago(9)))
    AGAIN = (starts("residential", 8), ends("residential", 2))

    @staticmethod
    def stays(*facts: Fact) -> list[tuple[float, float | None]]:
        journey = journey_of(entries(list(facts)))
        return [(stay.start_day, stay.end_day) for stay in journey.stays]

    @pytest.mark.parametrize("facts", [(*BEFORE, *AGAIN), (*BEFORE, AGAIN[0]), (*AGAIN, *BEFORE), (AGAIN[0], *BEFORE)])
    def test_the_stay_counts_nowhere_in_any_order(self, facts: tuple[Fact, ...]) -> None:
        assert self.stays(*facts) == self.stays(*self.BEFORE)
        journey = journey_of(entries(list(facts)))
        assert [stay.event_id for stay in journey.not_counted] == [self.AGAIN[0].event_id]
        assert journey.unmatched_ends == ()
        broken = {name for name, _ in broken_rules(journey, effective(entries(list(facts))))}
        assert broken == {"nothing_after_death"}

    def test_an_end_that_says_died_is_a_death_until_a_death_says_when(self) -> None:
        died = (starts("residential", 20), ends("residential", 9, reason="died"))
        assert len(self.stays(*died, *self.AGAIN)) == 1
        assert self.stays(*died, *self.AGAIN, fact(ClientDied(), ago(1)))[1:] == self.stays(*self.AGAIN)

    def test_a_second_death_keeps_what_the_first_one_says(self) -> None:
        again = fact(ClientDied(), ago(1))
        assert self.stays(*self.BEFORE, self.AGAIN[0], again) == self.stays(*self.BEFORE)

    def test_a_death_that_is_taken_back_lets_it_count(self) -> None:
        gone = fact(EntryRetracted(target=self.BEFORE[1].id, reason="other client"), NOW)
        chart = given(*self.BEFORE, ends("residential", 9), *self.AGAIN)
        chart.when(Retract(self.BEFORE[1].id, "other client")).accepted()
        assert len(self.stays(*self.BEFORE, ends("residential", 9), *self.AGAIN, gone)) == 2

    def test_a_decision_for_it_is_void(self) -> None:
        first = starts("residential", 20)
        decision = OverlapResolved(stays=(first.id, self.AGAIN[0].id), counts=self.AGAIN[0].id)
        assert len(self.stays(first, self.AGAIN[0], fact(decision, ago(3)), fact(ClientDied(), ago(9)))) == 1


class TestDiedAsTheReason:
    """A level that ended because the client died is a death at its moment, unless a ClientDied says another."""

    GONE = (*IN_IOP, ends(days_ago=5, reason="died"))

    def test_nothing_comes_after_it(self) -> None:
        given(*self.GONE).when(fact(NoteAdded(text="call"), ago(1))).refused("nothing_after_death")
        given(*self.GONE).when(starts("residential", override_reason="x")).refused("nothing_after_death")
        given(*IN_IOP, attends(3)).when(ends(days_ago=5, reason="died")).refused(
            "nothing_after_death", "belongs_to_an_open_level"
        )

    def test_a_death_entry_corrects_its_moment_once(self) -> None:
        later = fact(ClientDied(), ago(3))
        given(*self.GONE).when(later).accepted()
        known = given(*self.GONE, later)
        known.when(fact(NoteAdded(text="call"), ago(4))).accepted()
        known.when(fact(NoteAdded(text="call"), ago(2))).refused("nothing_after_death")
        known.when(fact(ClientDied(), ago(2))).refused("nothing_after_death")

    def test_it_is_taken_back_with_the_entry(self) -> None:
        retracted = fact(EntryRetracted(target=self.GONE[-1].id, reason="another client"))
        given(*self.GONE, retracted).when(fact(NoteAdded(text="call"), ago(1))).accepted()

    def test_it_ends_every_open_level_and_their_own_ends_for_that_reason_still_fit(self) -> None:
        beside = (*IN_IOP, starts("standard_outpatient", 8, concurrent=True), ends(days_ago=5, reason="died"))
        assert journey_of(entries(list(beside))).open_stays() == []
        given(*beside).when(ends("standard_outpatient", 5, "died")).accepted()


class TestTime:
    """No clinical time in the future; late entries are welcome."""

    def note(self, **ahead: float) -> Fact:
        return fact(NoteAdded(text="call"), NOW + timedelta(**ahead))

    def test_five_minutes_of_clock_skew_are_allowed(self) -> None:
        given().when(self.note(minutes=5)).accepted()

    @pytest.mark.parametrize("ahead", [{"minutes": 5, "microseconds": 1}, {"days": 400}])
    def test_no_more(self, ahead: dict[str, Any]) -> None:
        given().when(self.note(**ahead)).refused("not_in_the_future")

    def test_the_moment_counts_and_not_the_clock_on_the_wall(self) -> None:
        east = NOW.astimezone(timezone(timedelta(hours=14)))
        given().when(Record(NoteAdded(text="call"), east)).accepted()

    def test_a_friday_group_is_charted_on_monday(self) -> None:
        given(*IN_IOP).when(attends(3)).accepted()


class TestChart:
    """Rules of the chart itself."""

    def test_a_client_is_registered_once(self) -> None:
        registered = fact(ClientRegistered(name="Person", birth_date=NOW.date()))
        given().when(registered).accepted()
        given(registered).when(registered).refused("registered_once")

    def test_only_a_consent_in_force_is_revoked(self) -> None:
        consent = fact(ConsentGiven(consent_id="c1", recipient="court", purpose="reports"), ago(3))
        revoke = fact(ConsentRevoked(consent_id="c1"))
        given(consent).when(revoke).accepted()
        given().when(revoke).refused("consent_in_force")
        given(consent, revoke).when(fact(ConsentRevoked(consent_id="c1"))).refused("consent_in_force")

    def test_nothing_is_written_to_a_merged_or_erased_chart(self) -> None:
        note = fact(NoteAdded(text="call"))
        given(fact(ChartClosed(merged_into=note.id))).when(note).refused("chart_not_merged")
        given(fact(ClientErased(requested_by="client"))).when(note).refused("chart_not_erased")


class TestLeave:
    """A leave is an absence from an open level."""

    AWAY = fact(LeaveStarted(kind="hospital"), ago(5))
    BACK = fact(LeaveEnded(kind="hospital"), ago(2))

    def test_away_and_back(self) -> None:
        given(*IN_IOP).when(self.AWAY).accepted()
        given(*IN_IOP, self.AWAY).when(self.BACK).accepted()

    def test_one_at_a_time_and_only_from_an_open_level(self) -> None:
        given(*IN_IOP, self.AWAY).when(fact(LeaveStarted(kind="jail"), ago(3))).refused("not_on_leave")
        given().when(self.AWAY).refused("level_is_open")
        given(*IN_IOP).when(self.BACK).refused("on_leave")

    def test_a_leave_of_last_month_is_charted_late(self) -> None:
        now = (*IN_IOP, self.AWAY, self.BACK)
        start = fact(LeaveStarted(kind="jail"), ago(9))
        given(*now).when(start).accepted()
        given(*now, start).when(fact(LeaveEnded(kind="jail"), ago(8))).accepted()
        given(*now, start).when(fact(LeaveStarted(kind="jail"), ago(8))).refused("not_on_leave")

    def test_nobody_is_back_before_they_left(self) -> None:
        given(*IN_IOP, self.AWAY).when(fact(LeaveEnded(kind="hospital"), ago(6))).refused("on_leave")

    def test_the_end_of_the_level_ends_it(self) -> None:
        given(*IN_IOP, self.AWAY, ends(days_ago=3)).when(self.BACK).refused("on_leave")


@pytest.mark.parametrize(("days", "taken"), [(1, True), (365, True), (0, False), (366, False), (1.5, False)])
def test_a_supply_to_take_home_is_of_1_to_365_whole_days(days: float, taken: bool) -> None:
    data = {"drug": "methadone", "days_supply": days}
    if taken:
        assert CATALOGUE.parse("MedicationGiven", data) == MedicationGiven(drug="methadone", days_supply=int(days))
        return
    with pytest.raises(InvalidDataError):
        CATALOGUE.parse("MedicationGiven", data)
