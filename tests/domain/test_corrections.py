"""Entries that were wrong, entries made in error, and undoing both."""

from __future__ import annotations

from uuid import UUID

import pytest
from care import IOP, assessed, attends, ends, starts

from domain.commands import RECORDING, Correct, Retract
from domain.entries import effective
from domain.events import (
    EntryCorrected,
    EntryRetracted,
    InvalidDataError,
    LevelOfCareStarted,
    MergedChartContinued,
    NoteAdded,
    Replacement,
    SessionAttended,
)
from domain.same_event import may_become
from tests.spec import NOW, Fact, ago, entries, fact, given

START = starts(days_ago=10)
SESSION = attends(3)
IN_IOP = (assessed(), START, SESSION)


def corrected(target: Fact, minutes: int, days_ago: float = 3) -> Fact:
    new = Replacement(type="SessionAttended", occurred_at=ago(days_ago), data={"kind": "group", "minutes": minutes})
    return fact(EntryCorrected(target=target.id, replacement=new, reason="typed wrong"), NOW)


def retracted(target: Fact) -> Fact:
    return fact(EntryRetracted(target=target.id, reason="other client"), NOW)


def minutes(*facts: Fact) -> list[int]:
    """The minutes of the sessions that count."""
    counted = effective(entries([SESSION, *facts]))
    return [entry.event.minutes for entry in counted if isinstance(entry.event, SessionAttended)]


class TestEffective:
    """What counts."""

    def test_a_correction_replaces_what_the_entry_says_and_when(self) -> None:
        fix = corrected(SESSION, 90, days_ago=4)
        [entry] = effective(entries([SESSION, fix]))
        assert entry.event == SessionAttended(kind="group", minutes=90)
        assert entry.occurred_at == ago(4)
        assert entry.event_id == SESSION.event_id
        assert entry.amended_by is not None
        assert entry.amended_by.event_id == fix.event_id

    def test_the_latest_correction_wins(self) -> None:
        assert minutes(corrected(SESSION, 90), corrected(SESSION, 60)) == [60]

    def test_a_correction_of_a_correction(self) -> None:
        first = corrected(SESSION, 90)
        assert minutes(first, corrected(first, 60)) == [60]

    def test_a_retracted_entry_is_gone(self) -> None:
        assert minutes(retracted(SESSION)) == []

    def test_a_retracted_correction_leaves_what_was_first_written(self) -> None:
        fix = corrected(SESSION, 90)
        assert minutes(fix, retracted(fix)) == [180]

    def test_a_retracted_correction_leaves_the_one_before_it(self) -> None:
        second = corrected(SESSION, 60)
        assert minutes(corrected(SESSION, 90), second, retracted(second)) == [90]

    def test_retracting_a_retraction_restores_the_entry(self) -> None:
        gone = retracted(SESSION)
        assert minutes(gone, retracted(gone)) == [180]

    def test_and_in_any_depth(self) -> None:
        chain = [SESSION]
        for depth in range(1, 8):
            chain.append(retracted(chain[-1]))
            assert minutes(*chain[1:]) == ([180] if depth % 2 == 0 else [])

    def test_an_amendment_recorded_before_its_target_counts_too(self) -> None:
        fix = corrected(SESSION, 90)
        gone = retracted(fix)
        in_any_order = [entries(order) for order in ([gone, fix, SESSION], [fix, gone, SESSION], [gone, SESSION, fix])]
        assert [[e.event.minutes for e in effective(order)] for order in in_any_order] == [[180]] * 3  # type: ignore[attr-defined]

    def test_two_entries_that_take_each_other_back_still_fold(self) -> None:
        one, other = fact(NoteAdded(text="x")), fact(NoteAdded(text="y"))
        circle = [
            one._replace(event=EntryRetracted(target=other.id, reason="x")),
            other._replace(event=EntryRetracted(target=one.id, reason="y")),
        ]
        assert effective(entries(circle)) == []


class TestCorrect:
    """The command that corrects."""

    def correct(self, target: Fact, days_ago: float = 3, **data: object) -> Correct:
        return Correct(target.id, "SessionAttended", ago(days_ago), {"kind": "group", **data}, "typed wrong")

    def test_is_recorded_with_its_replacement(self) -> None:
        [draft] = given(*IN_IOP).when(self.correct(SESSION, minutes=90)).accepted().drafts
        assert isinstance(draft.event, EntryCorrected)
        assert draft.event.replacement.data == {"kind": "group", "minutes": 90}
        assert draft.occurred_at == NOW

    def test_meets_the_rules_that_the_entry_meets(self) -> None:
        given(*IN_IOP).when(self.correct(SESSION, 12, minutes=90)).refused("belongs_to_an_open_level")
        given(*IN_IOP).when(self.correct(SESSION, -1, minutes=90)).refused("not_in_the_future")

    def test_must_fit_the_type(self) -> None:
        with pytest.raises(InvalidDataError, match="minutes"):
            given(*IN_IOP).when(self.correct(SESSION, minutes=0))

    def test_concerns_an_entry_of_this_chart_that_counts(self) -> None:
        elsewhere = attends(2)
        given(*IN_IOP).when(self.correct(elsewhere, minutes=90)).refused("target_is_on_this_chart")
        gone = given(*IN_IOP, retracted(SESSION))
        gone.when(self.correct(SESSION, minutes=90)).refused("target_not_retracted")

    def test_is_not_itself_corrected(self) -> None:
        fix = corrected(SESSION, 90)
        given(*IN_IOP, fix).when(self.correct(fix, minutes=60)).refused("target_is_a_clinical_entry")

    def test_may_not_make_levels_overlap(self) -> None:
        earlier = (starts("residential", 25), ends("residential", 15))
        start = Correct(START.id, "LevelOfCareStarted", ago(20), {"level": IOP}, "wrong day")
        given(assessed(), *earlier, START).when(start).refused("levels_do_not_overlap")

    def test_keeps_the_fact_of_an_override_readable(self) -> None:
        data = {"level": IOP, "override_reason": "bed closed"}
        [draft] = given(*IN_IOP).when(Correct(START.id, "LevelOfCareStarted", ago(10), data, "reason")).drafts
        assert isinstance(draft.event, EntryCorrected)
        assert draft.event.replacement.data["overridden"] is True

    @pytest.mark.parametrize(
        "kind",
        ["EntryCorrected", "EntryRetracted", "ChartsMerged", "ChartClosed", "MergedChartContinued", "ClientErased"],
    )
    def test_makes_no_bookkeeping(self, kind: str) -> None:
        given(*IN_IOP).when(Correct(SESSION.id, kind, ago(3), {}, "no")).refused("target_is_a_clinical_entry")

    @pytest.mark.parametrize(
        ("kind", "data"),
        [
            ("DrugScreenResulted", {"specimen": "urine", "positive": []}),
            ("NoteAdded", {"text": "x"}),
            ("ConsentGiven", {"consent_id": "c-1", "recipient": "Court", "purpose": "attendance"}),
            ("ClientRegistered", {"name": "Somebody Else", "birth_date": "1990-02-03"}),
            ("LevelOfCareStarted", {"level": "medical_detox"}),
            ("ClientDied", {}),
        ],
    )
    def test_makes_no_entry_of_another_kind(self, kind: str, data: dict[str, object]) -> None:
        """A registration, an admission or a consent would come in past its own rules and rights."""
        given(*IN_IOP).when(Correct(SESSION.id, kind, ago(3), data, "no")).refused("correction_keeps_the_type")

    def test_may_say_that_it_was_missed(self) -> None:
        given(*IN_IOP).when(Correct(SESSION.id, "SessionMissed", ago(3), {"kind": "group"}, "was away")).accepted()

    def test_which_types_answer_one_question(self) -> None:
        types = RECORDING.values()
        pairs = {frozenset((one, other)) for one in types for other in types if may_become(one, other)}
        assert sorted(tuple(sorted(pair)) for pair in pairs if len(pair) > 1) == [
            ("AbstinenceReported", "UseReported"),
            ("CoverageDenied", "CoverageVerified"),
            ("DrugScreenMissed", "DrugScreenResulted"),
            ("FollowUpCompleted", "FollowUpMissed"),
            ("LapseRecorded", "RelapseRecorded"),
            ("SessionAttended", "SessionMissed"),
        ]
        assert all(may_become(one, one) for one in types)


class TestCorrectAStart:
    """Admitted to another level by a correction is admitted under its criteria, as by any other command."""

    def becomes(self, target: Fact, level: str, days_ago: float = 10, **more: object) -> Correct:
        return Correct(target.id, "LevelOfCareStarted", ago(days_ago), {"level": level, **more}, "typed wrong")

    def test_meets_the_criteria_of_the_other_level(self) -> None:
        start = starts("residential", 10)
        chart = given(assessed("residential", completed_prior_level=False, motivated=False), start)
        chart.when(self.becomes(start, IOP)).refused(
            "assessment_recommends_level", "prior_level_completed", "motivated"
        )
        given(start).when(self.becomes(start, IOP)).refused("full_assessment")

    def test_where_it_was_the_level_that_was_recommended(self) -> None:
        start = starts("residential", 10)
        given(assessed(IOP), start).when(self.becomes(start, IOP)).accepted()

    def test_a_clinician_overrides_them_with_a_reason(self) -> None:
        start = starts("residential", 10)
        told = self.becomes(start, IOP, override_reason="bed closed")
        given(assessed("residential"), start).when(told).accepted()
        given(assessed("residential"), start).when(told, "intake").refused(
            "assessment_recommends_level", "override_by_clinician"
        )
        overridden = starts("residential", 10, override_reason="history")
        given(overridden).when(self.becomes(overridden, IOP, overridden=True)).refused("full_assessment")

    def test_what_it_does_not_meet_as_it_stands_is_no_reason_to_leave_it_wrong(self) -> None:
        given(START).when(self.becomes(START, IOP, site="North")).accepted()
        given(assessed("residential"), START).when(self.becomes(START, IOP, 9, site="North")).accepted()

    def test_but_another_day_has_to_lie_where_the_assessment_still_counts(self) -> None:
        chart = given(assessed(days_ago=31), starts(days_ago=10, level="alumni"), START)
        chart.when(self.becomes(START, IOP, 0.5)).refused("assessment_within_30_days")
        given(assessed(days_ago=20), START).when(self.becomes(START, IOP, 21)).refused("full_assessment")

    def test_alumni_need_none(self) -> None:
        given(START).when(self.becomes(START, "alumni")).accepted()

    def test_beside_another_level_it_is_said_once(self) -> None:
        alumni = starts("alumni", 9)
        chart = given(assessed("residential"), starts("residential", 10), alumni)
        chart.when(self.becomes(alumni, "residential", 9)).refused("levels_do_not_overlap")


class TestRetract:
    """The command that takes back."""

    def test_an_entry(self) -> None:
        given(*IN_IOP).when(Retract(SESSION.id, "other client")).then(
            EntryRetracted(target=SESSION.id, reason="other client")
        )

    def test_not_an_entry_of_another_chart(self) -> None:
        given(*IN_IOP).when(Retract(UUID(int=1), "x")).refused("target_is_on_this_chart")

    def test_not_what_the_store_derives(self) -> None:
        derived = fact(MergedChartContinued(other_client_id=UUID(int=1)), ago(3))
        given(*IN_IOP, derived).when(Retract(derived.id, "x")).refused("target_is_a_clinical_entry")

    def test_not_twice(self) -> None:
        given(*IN_IOP, retracted(SESSION)).when(Retract(SESSION.id, "x")).refused("target_not_retracted")

    def test_not_what_others_stand_on(self) -> None:
        given(*IN_IOP).when(Retract(START.id, "x")).refused("belongs_to_an_open_level")

    def test_a_retraction_which_restores_the_entry(self) -> None:
        gone = retracted(SESSION)
        given(*IN_IOP, gone).when(Retract(gone.id, "was right")).accepted()

    def test_but_not_into_a_level_that_has_ended_since(self) -> None:
        gone = retracted(SESSION)
        chart = given(*IN_IOP, gone, ends(days_ago=5))
        chart.when(Retract(gone.id, "was right")).refused("belongs_to_an_open_level")

    def test_a_start_gives_way_to_the_right_one(self) -> None:
        wrong = starts("residential", 10)
        chart = given(assessed("residential"), wrong, retracted(wrong))
        chart.when(starts("residential", 9)).then(LevelOfCareStarted(level="residential"))
