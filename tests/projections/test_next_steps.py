"""What is offered after an entry: the steps of care that follow from it, and what rested on what was corrected."""

from __future__ import annotations

from typing import Any

import pytest

from domain.commands import Correct, Record, Retract
from domain.decisions import History, decide
from domain.events import CATALOGUE, Event, NoteAdded
from projections.clinical.next_steps import Step, next_steps
from tests.day import UTC_DAYS
from tests.spec import NOW, Fact, ago, entries, fact

IOP = "intensive_outpatient"


def told(name: str, days_ago: float = 1, **data: Any) -> Fact:
    return fact(CATALOGUE.parse(name, data), ago(days_ago))


def steps(*facts: Fact) -> list[Step]:
    """After the last of these."""
    return next_steps(History.of("c" * 32, entries(list(facts)), UTC_DAYS), facts[-1].event_id)


def commands(found: list[Step]) -> list[str]:
    return [way.command for step in found for way in step.ways]


def assessment(level: str, days_ago: float = 1) -> Fact:
    data = {
        "assessor": "a", "edition": 3, "asam": [1, 1, 1, 1, 1, 1], "recommended_level": level,
        "needs_24h_supervision": False, "mental_health_severity": "mild", "home": "supportive",
        "substance_free_home": True, "motivated": True,
    }  # fmt: skip
    return told("AssessmentCompleted", days_ago, **data)


def test_a_positive_screen_leads_to_the_lapse_and_the_plan() -> None:
    [step] = steps(told("DrugScreenResulted", specimen="urine", positive=["fentanyl", "cocaine"]))
    assert step.text.startswith("Positive screen: fentanyl, cocaine.")
    assert [(way.command, way.values) for way in step.ways] == [
        ("record-lapse", {"substance": "fentanyl"}),
        ("set-treatment-plan", {}),
    ]
    assert steps(told("DrugScreenResulted", specimen="urine", positive=[])) == []
    assert steps(told("DrugScreenResulted", specimen="urine", positive=["fentanyl"], valid=False)) == []


def test_what_is_prescribed_leads_to_no_lapse() -> None:
    order = told("MedicationStarted", 9, **{"drug": "buprenorphine", "class": "partial_agonist", "dose_mg": 8})
    assert steps(order, told("DrugScreenResulted", specimen="urine", positive=["buprenorphine"])) == []
    [step] = steps(order, told("DrugScreenResulted", specimen="urine", positive=["buprenorphine", "fentanyl"]))
    assert step.text.startswith("Positive screen: fentanyl.")
    assert step.ways[0].values == {"substance": "fentanyl"}


def test_a_lapse_leads_to_the_plans_until_they_were_reviewed() -> None:
    assert commands(steps(told("LapseRecorded", substance="alcohol"))) == [
        "set-relapse-prevention-plan",
        "set-treatment-plan",
    ]
    assert steps(told("LapseRecorded", substance="alcohol", plan_reviewed=True)) == []
    assert commands(steps(told("RelapseRecorded", substance="alcohol", plan_reviewed=True))) == ["complete-assessment"]


def test_the_end_of_a_level_leads_to_summary_prevention_plan_and_what_comes_next() -> None:
    stay = told("LevelOfCareStarted", 40, level=IOP)
    ended = steps(stay, told("LevelOfCareEnded", level=IOP, reason="completed"))
    assert [(way.words, way.command) for step in ended for way in step.ways] == [
        ("Discharge summary (PDF)", ""),
        ("Write the relapse-prevention plan", "set-relapse-prevention-plan"),
        ("Start aftercare", "start-level"),
        ("Make an appointment", "schedule-appointment"),
    ]
    onward = steps(stay, told("LevelOfCareEnded", level=IOP, reason="transferred", next_level="residential"))
    assert commands(onward)[2:] == ["start-level", "plan-arrival"]
    assert commands(steps(stay, told("LevelOfCareEnded", level=IOP, reason="left_against_advice")))[2:] == [
        "schedule-appointment",
        "refer-to-community",
    ]
    assert steps(stay, told("LevelOfCareEnded", level=IOP, reason="died")) == []


def test_a_step_down_leads_to_the_new_plan_and_the_old_levels_summary() -> None:
    before = told("LevelOfCareStarted", 40, level="residential")
    end = told("LevelOfCareEnded", level="residential", reason="completed", next_level=IOP)
    found = steps(before, end, told("LevelOfCareStarted", level=IOP))
    assert commands(found) == ["set-treatment-plan", "", "schedule-appointment"]
    assert commands(steps(told("LevelOfCareStarted", level=IOP))) == ["set-treatment-plan", "schedule-appointment"]


def test_the_second_session_missed_in_a_row_is_urgent() -> None:
    first, second = told("SessionMissed", 3, kind="group"), told("SessionMissed", 1, kind="group")
    assert steps(first) == []
    [step] = steps(first, second)
    assert step.urgent
    assert step.text.startswith("2 sessions missed in a row")
    assert commands([step]) == ["add-note", "schedule-appointment"]
    assert steps(first, told("SessionAttended", 2, kind="group", minutes=60), second) == []


def test_an_assessment_leads_to_the_level_that_it_recommends() -> None:
    [step] = steps(assessment("residential"))
    assert [(way.words, way.command, way.values) for way in step.ways] == [
        ("Start Residential", "start-level", {"level": "residential"})
    ]
    stay = told("LevelOfCareStarted", 9, level="residential")
    assert commands(steps(stay, assessment(IOP))) == ["transfer"]
    assert steps(stay, assessment("residential")) == []


def test_an_assessment_charted_late_leads_to_no_start_that_the_rules_refuse() -> None:
    """A later one decides, and none that is older than 30 days does."""
    assert steps(assessment(IOP, 1), assessment("residential", 9)) == []
    assert steps(assessment("residential", 31)) == []
    assert commands(steps(assessment("residential", 30))) == ["start-level"]


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("DrugScreenResulted", {"specimen": "urine", "positive": ["fentanyl"]}),
        ("SessionMissed", {"kind": "group"}),
        ("LevelOfCareEnded", {"level": IOP, "reason": "left_against_advice"}),
        ("UseReported", {"substance": "alcohol", "on": "2026-02-20"}),
    ],
)
def test_what_is_charted_after_a_death_leads_to_nobody(name: str, data: dict[str, Any]) -> None:
    before = [told("LevelOfCareStarted", 20, level=IOP), told("SessionMissed", 9, kind="group")]
    late = told(name, 3, **data)
    assert steps(*before, late) != []
    assert steps(*before, told("ClientDied", 2), late) == []


def corrected(facts: list[Fact], target: Fact, event: Event) -> list[Step]:
    data = event.model_dump(mode="json", by_alias=True, exclude_none=True)
    return _amended(facts, Correct(target.id, type(event).__name__, target.at, data, "mixed up"))


def _amended(facts: list[Fact], command: Any) -> list[Step]:
    history = History.of("c" * 32, entries(facts), UTC_DAYS)
    [draft] = decide(history, command, NOW)
    return steps(*facts, fact(draft.event, draft.occurred_at))


def test_a_corrected_screen_leads_to_the_lapse_that_rested_on_it() -> None:
    screen = told("DrugScreenResulted", 3, specimen="urine", positive=["Cocaine"])
    lapse, other = told("LapseRecorded", 3, substance="cocaine"), told("LapseRecorded", 3, substance="alcohol")
    earlier = told("LapseRecorded", 2, substance="cocaine")
    facts = [earlier, screen, lapse, other]
    negative = CATALOGUE.parse("DrugScreenResulted", {"specimen": "urine", "positive": []})
    [step] = corrected(facts, screen, negative)
    assert [way.entry for way in step.ways] == [lapse.event_id]
    assert step.ways[0].words == "Lapse, cocaine: correct or take back"
    [taken_back] = _amended(facts, Retract(screen.id, "of somebody else"))
    assert [way.entry for way in taken_back.ways] == [lapse.event_id]


def test_a_screen_that_is_corrected_to_positive_leads_on_as_a_new_one_does() -> None:
    screen = told("DrugScreenResulted", 3, specimen="urine", positive=[])
    positive = CATALOGUE.parse("DrugScreenResulted", {"specimen": "urine", "positive": ["cocaine"]})
    assert commands(corrected([screen], screen, positive)) == ["record-lapse", "set-treatment-plan"]


def test_a_note_recorded_with_a_session_is_an_entry_of_its_own() -> None:
    session = told("SessionAttended", kind="individual", minutes=50)
    note = NoteAdded(text="Calm.", kind="progress")
    stay = entries([told("LevelOfCareStarted", 9, level=IOP)])
    drafts = decide(History.of("c" * 32, stay, UTC_DAYS), Record(session.event, session.at, note), NOW)
    assert [draft.event for draft in drafts] == [session.event, note]
