"""The five commands that fit the moment: by what came last, by what is due, by where the client is."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any, get_args

import pytest
from hypothesis import given as drawn, strategies as st

from domain.commands import RECORDING
from domain.events import (
    AssessmentCompleted,
    DrugScreenResulted,
    Event,
    LapseRecorded,
    LevelOfCareEnded,
    LevelOfCareStarted,
    MedicationStarted,
    ReferralReceived,
    SessionAttended,
    SessionMissed,
    UseReported,
)
from domain.levels import LEVELS
from domain.offers import OFFERED, Moment, State, offers
from domain.vocabulary import FLAGS

IOP = Moment("in_treatment", "intensive_outpatient")
POSITIVE = DrugScreenResulted(specimen="urine", positive=("fentanyl",))


def test_in_intensive_outpatient_care_it_is_sessions_notes_and_screens() -> None:
    assert offers(IOP) == ["attend-session", "add-note", "result-screen", "miss-session", "complete-assessment"]


@pytest.mark.parametrize(
    ("moment", "first"),
    [
        (replace(IOP, last=POSITIVE), ["record-lapse", "set-treatment-plan"]),
        (replace(IOP, last=DrugScreenResulted(specimen="urine", positive=())), ["attend-session"]),
        (replace(IOP, last=POSITIVE.model_copy(update={"valid": False})), ["attend-session"]),
        (replace(IOP, last=SessionAttended(kind="group", minutes=180)), ["add-note", "result-screen"]),
        (replace(IOP, last=SessionMissed(kind="group")), ["schedule-appointment", "add-note"]),
        (replace(IOP, last=SessionMissed(kind="group", excused=True)), ["attend-session"]),
        (replace(IOP, last=LapseRecorded(substance="alcohol")), ["set-relapse-prevention-plan"]),
        (replace(IOP, last=LevelOfCareStarted(level="intensive_outpatient")), ["set-treatment-plan", "join-group"]),
        (
            Moment("discharged", last=LevelOfCareEnded(level="residential", reason="completed")),
            ["set-relapse-prevention-plan", "enroll-alumni"],
        ),
        (replace(IOP, due=("follow_up_due", "plan_review_due")), ["set-treatment-plan"]),
        (Moment("discharged", due=("follow_up_due",)), ["complete-follow-up", "miss-follow-up"]),
        (replace(IOP, due=("on_leave",), on_leave=True), ["end-leave"]),
        (replace(IOP, due=("missed_in_a_row", "consent_expiring")), ["schedule-appointment", "add-note"]),
        (Moment("not_admitted"), ["complete-assessment", "give-consent"]),
        (Moment("not_admitted", assessed=True), ["start-level"]),
        (Moment("in_treatment", "medical_detox", taken=True), ["score-instrument", "give-medication"]),
        (Moment("alumni", "alumni"), ["contact-alumni", "complete-follow-up"]),
        (Moment("discharged", visited=True), ["attend-session", "miss-session"]),
        (replace(IOP, last=UseReported(substance="alcohol", on=date(2026, 3, 1))), ["record-lapse"]),
        (
            Moment("not_admitted", last=ReferralReceived(referrer="a court", referral_kind="court")),
            ["complete-assessment"],
        ),
        (replace(IOP, last=MedicationStarted.model_construct(), taken=True), ["give-medication", "add-note"]),
        (Moment("in_treatment", "residential"), ["attend-session", "add-note", "result-screen", "transfer"]),
        (Moment("alumni", "alumni", due=("plan_ended",)), ["set-treatment-plan"]),
        (
            Moment("in_treatment", "residential", last=LevelOfCareEnded(level="residential", reason="completed")),
            ["set-relapse-prevention-plan", "attend-session"],
        ),
    ],
)
def test_what_came_last_and_what_is_due_come_first(moment: Moment, first: list[str]) -> None:
    assert offers(moment)[: len(first)] == first


def test_an_assessment_leads_to_a_start_or_to_a_step_as_the_chart_stands() -> None:
    found: Any = AssessmentCompleted.model_construct()
    assert offers(replace(IOP, last=found))[0] == "transfer"
    assert offers(Moment("not_admitted", last=found))[0] == "start-level"


@pytest.mark.parametrize(
    "last",
    [
        None,
        POSITIVE,
        SessionMissed(kind="group"),
        LevelOfCareEnded(level="residential", reason="died"),
    ],
)
def test_who_has_died_is_offered_no_care(last: Event | None) -> None:
    """Whatever came last: a stay that ended by the death leads to no enrolment of alumni."""
    assert offers(Moment("died", last=last, taken=True, visited=True)) == [
        "add-note",
        "record-incident",
        "update-details",
        "give-consent",  # of a personal representative (42 CFR 2.15(b)(2))
    ]


def test_what_a_role_may_not_record_makes_room_for_what_it_may() -> None:
    offered = offers(IOP, lambda name: name != "attend-session")
    assert "attend-session" not in offered
    assert len(offered) == OFFERED


@drawn(
    st.builds(
        Moment,
        state=st.sampled_from([state for state in get_args(State) if state != "died"]),
        level=st.none() | st.sampled_from(LEVELS),
        last=st.none() | st.just(POSITIVE),
        due=st.lists(st.sampled_from(sorted(FLAGS)), unique=True),
        taken=st.booleans(),
        on_leave=st.booleans(),
        visited=st.booleans(),
        assessed=st.booleans(),
    )
)
def test_there_are_always_five_each_once_and_each_a_command(moment: Moment) -> None:
    offered = offers(moment)
    assert len(set(offered)) == len(offered) == OFFERED
    assert set(offered) <= {*RECORDING, "transfer"}
    assert moment.taken or "give-medication" not in offered
    assert moment.on_leave or "end-leave" not in offered
