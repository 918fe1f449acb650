"""Which levels are open to a client: the same answer as commands get, with everything that was looked at."""

from __future__ import annotations

from typing import Any

import pytest
from care import IOP, assessed, attends, ends, starts
from hypothesis import given as examples, strategies as st

from domain.commands import Record, Transfer
from domain.criteria import start_criteria
from domain.decisions import History, decide
from domain.eligibility import Eligibility, eligibility, findings
from domain.entries import microseconds
from domain.events import ClientDied, LevelOfCareStarted, SoberLivingEntered
from domain.levels import LEVELS, Level
from domain.refusals import CommandRefusedError
from tests.day import UTC_DAYS
from tests.spec import NOW, Fact, ago, entries, fact

FIVE = (
    "prior_level_completed",
    "no_24h_supervision",
    "mental_health_none_to_moderate",
    "supportive_substance_free_home",
    "motivated",
)


def history(*facts: Fact) -> History:
    return History.of("c" * 32, entries(list(facts)), UTC_DAYS)


def levels(*facts: Fact) -> dict[Level, Eligibility]:
    return {found.level: found for found in eligibility(history(*facts), NOW)}


def names(found: Eligibility) -> list[str]:
    return [criterion.name for criterion in found.criteria]


def test_every_criterion_of_intensive_outpatient_is_told_met_or_not() -> None:
    found = levels(assessed(home="unsupportive", motivated=False))[IOP]
    assert names(found) == ["no_other_level_open", "assessment_within_30_days", "assessment_recommends_level", *FIVE]
    assert [criterion.name for criterion in found.unmet] == ["supportive_substance_free_home", "motivated"]
    assert all(criterion.value for criterion in found.criteria)
    assert all(criterion.remedy for criterion in found.unmet)
    assert found.state == "closed"


def test_a_level_whose_criteria_are_met_is_open() -> None:
    found = levels(assessed())
    assert (found[IOP].state, found["residential"].state, found["alumni"].state) == ("open", "closed", "open")


def test_without_an_assessment_nothing_is_said_that_it_would_answer() -> None:
    assert names(levels()[IOP]) == ["no_other_level_open", "full_assessment"]


def test_an_old_assessment_is_told_with_its_age() -> None:
    [unmet] = levels(assessed(days_ago=31))[IOP].unmet
    assert (unmet.name, unmet.value) == ("assessment_within_30_days", "the latest assessment is 31 days old")


def test_a_client_at_a_level_steps_from_it_as_completed() -> None:
    found = levels(
        assessed("partial_hospitalization", 40, completed_prior_level=False),
        starts("partial_hospitalization", 30),
        assessed(completed_prior_level=False, days_ago=2),
    )
    assert found["partial_hospitalization"].state == "here"
    assert (found[IOP].state, found[IOP].steps_from) == ("open", "partial_hospitalization")


def test_sober_living_stands_for_a_home() -> None:
    found = levels(fact(SoberLivingEntered(house="Simulated House"), ago(3)), assessed(home="unhoused"))
    assert found[IOP].state == "open"


def test_each_criterion_names_the_entry_that_its_value_is_read_from() -> None:
    facts = [
        starts("residential", 40, override_reason="Simulated"),
        ends("residential", 20),
        fact(SoberLivingEntered(house="Simulated House"), ago(15)),
        starts("standard_outpatient", 10, override_reason="Simulated"),
        assessed(home="unhoused", days_ago=2),
    ]
    told = history(*facts)
    stay, _end, house, _start, assessment = (entry.event_id for entry in told.entries)
    step = {found.level: found for found in eligibility(told, NOW)}[IOP]
    sources = {criterion.name: criterion.source for criterion in step.criteria}
    own = {"no_other_level_open": "", "prior_level_completed": stay, "supportive_substance_free_home": house}
    assert sources == dict.fromkeys(sources, assessment) | own


def test_what_is_in_the_way_is_named_as_well() -> None:
    told = history(starts("standard_outpatient", 10, override_reason="Simulated"))
    start = LevelOfCareStarted(level="residential")
    [open_, _assessment] = start_criteria(told.journey, start, microseconds(NOW))
    assert (open_.name, open_.met, open_.source) == ("no_other_level_open", False, told.entries[0].event_id)


def test_nothing_is_open_to_who_has_died() -> None:
    assert levels(assessed(), fact(ClientDied(), ago(1))) == {}


def test_an_assessment_tells_its_findings_for_the_five_criteria() -> None:
    facts = [assessed(mental_health_severity="severe", needs_24h_supervision=True), attends()]
    told = history(*facts)
    found = {criterion.name: criterion.met for criterion in findings(told, told.journey.assessments[0])}
    assert list(found) == list(FIVE)
    assert [name for name, met in found.items() if not met] == ["no_24h_supervision", "mental_health_none_to_moderate"]


assessments = st.builds(
    lambda level, days, more: assessed(level, days, **more),
    st.sampled_from(LEVELS),
    st.integers(0, 60),
    st.fixed_dictionaries(
        {
            "needs_24h_supervision": st.booleans(),
            "mental_health_severity": st.sampled_from(["none", "mild", "moderate", "severe"]),
            "home": st.sampled_from(["supportive", "unsupportive", "sober_living", "unhoused"]),
            "substance_free_home": st.booleans(),
            "motivated": st.booleans(),
            "completed_prior_level": st.none() | st.booleans(),
        }
    ),
)
stays = st.sampled_from(LEVELS).flatmap(
    lambda level: st.sampled_from([(), (starts(level, 70), ends(level, 65)), (starts(level, 62),)])
)


@examples(st.lists(assessments, max_size=3), stays)
def test_what_is_said_to_be_open_is_what_commands_may_do(assessed_: list[Fact], stay: tuple[Any, ...]) -> None:
    """For each level: open exactly when the command is not refused, closed by exactly its criteria."""
    told = history(*stay, *assessed_)
    for found in eligibility(told, NOW):
        if found.state == "here":
            continue
        start = LevelOfCareStarted(level=found.level)
        command = Transfer(start, NOW, "completed") if found.steps_from else Record(start, NOW)
        try:
            decide(told, command, NOW)
            refused: list[str] = []
        except CommandRefusedError as error:
            refused = [refusal.criterion for refusal in error.refusals]
        assert refused == [criterion.name for criterion in found.unmet]
        assert (found.state == "open") == (not refused)


@pytest.mark.parametrize("level", LEVELS)
def test_each_level_is_told_of_once(level: Level) -> None:
    assert [found.level for found in eligibility(history(), NOW)].count(level) == 1
