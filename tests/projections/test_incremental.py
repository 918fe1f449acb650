"""The one idea: tables kept entry by entry equal a rebuild and a replay, whatever came in whatever order."""

from __future__ import annotations

from hypothesis import HealthCheck, given, settings, strategies as st

from domain.events import (
    AbstinenceReported,
    AssessmentCompleted,
    ChartsMerged,
    ClientDied,
    ConsentGiven,
    CoverageVerified,
    DiagnosisRecorded,
    DrugScreenResulted,
    EntryRetracted,
    Event,
    FollowUpCompleted,
    InstrumentScored,
    LapseRecorded,
    LeaveEnded,
    LeaveStarted,
    LevelOfCareEnded,
    LevelOfCareStarted,
    MedicationGiven,
    MedicationStarted,
    MedicationStopped,
    SessionAttended,
    SessionMissed,
    TreatmentPlanSet,
    UseReported,
)
from tests.depth import cases
from tests.histories import histories
from tests.infra.readmodels.worlds import World, world
from tests.spec import Fact, record

CLIENTS = ("C-1", "C-2", "C-3")
SHOWN: tuple[type[Event], ...] = (
    AbstinenceReported,
    AssessmentCompleted,
    ClientDied,
    ConsentGiven,
    CoverageVerified,
    DiagnosisRecorded,
    DrugScreenResulted,
    DrugScreenResulted,
    FollowUpCompleted,
    InstrumentScored,
    LapseRecorded,
    LeaveEnded,
    LeaveStarted,
    LevelOfCareStarted,
    LevelOfCareStarted,
    LevelOfCareStarted,
    LevelOfCareEnded,
    LevelOfCareEnded,
    MedicationGiven,
    MedicationStarted,
    MedicationStopped,
    SessionAttended,
    SessionMissed,
    TreatmentPlanSet,
    UseReported,
)


@st.composite
def lived(draw: st.DrawFn) -> list[Fact]:
    """A history in which charts are also merged, and merges taken back; what comes to a merged chart is late."""
    facts = draw(histories(CLIENTS, SHOWN, most=24))
    for number in range(draw(st.integers(0, 2))):
        survivor, other = draw(st.permutations(CLIENTS))[:2]
        place = draw(st.integers(0, len(facts)))
        at = draw(st.sampled_from(facts)).at
        merge = Fact(ChartsMerged(other_client=other), at, f"{number + 1:032x}".replace("0", "a"), survivor)
        facts.insert(place, merge)
        if draw(st.booleans()):
            later = draw(st.integers(place + 1, len(facts)))
            undo = EntryRetracted(target=merge.id, reason="two people")
            facts.insert(later, Fact(undo, at, f"{number + 1:032x}".replace("0", "b"), survivor))
    return facts


@settings(
    max_examples=cases(12, 60), deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)
@given(lived(), st.data())
def test_incremental_is_rebuild_is_replay_of_every_prefix(facts: list[Fact], data: st.DataObject) -> None:
    agree_at_each_stop(facts, data)


def agree_at_each_stop(facts: list[Fact], data: st.DataObject) -> None:
    """The tables, brought up to date at places drawn, equal a replay there and a rebuild at the end."""
    stops = data.draw(st.sets(st.integers(0, len(facts))))
    with world() as here:
        for place, fact in enumerate(facts):
            record(here.log, fact)
            if place in stops:
                _caught_up(here)
        _caught_up(here)
        here.is_sound()
        here.projector.rebuild()
        assert here.tables() == here.fresh()


def _caught_up(here: World) -> None:
    """Bring the tables up to date and compare them with a replay of the log as it is now."""
    head = here.log.head()
    assert here.projector.catch_up() == head
    assert here.tables() == here.fresh()


@settings(
    max_examples=cases(6, 30), deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)
@given(lived(), st.data())
def test_a_past_position_replays_to_what_was_seen_then(facts: list[Fact], data: st.DataObject) -> None:
    with world() as here:
        seen = []
        for fact in facts:
            record(here.log, fact)
            if data.draw(st.booleans()):
                position = here.projector.catch_up()
                seen.append((position, here.tables()))
        for position, tables in seen:
            assert here.fresh(until=position) == tables
