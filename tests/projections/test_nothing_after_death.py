"""What is later than the recorded death counts in no read model, whatever it is and however it came."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given, settings, strategies as st

from domain.after_death import STILL_COUNTS
from domain.events import (
    ClientDied,
    ClientRegistered,
    ConsentGiven,
    DrugScreenResulted,
    Event,
    InstrumentScored,
    LevelOfCareEnded,
    LevelOfCareStarted,
    MedicationGiven,
    MedicationStarted,
    SessionAttended,
)
from projections.catalogue import CLIENT_MODELS
from projections.chart import Chart
from projections.timeline.fold import AFTER_DEATH, timeline
from tests.histories import CLINICAL, event
from tests.spec import Fact, ago, entries, fact

LATER = [kind for kind in CLINICAL if kind not in STILL_COUNTS]
IN_CARE = [
    fact(ClientRegistered(name="Pat Sample", birth_date=date(1990, 2, 3)), ago(61)),
    fact(LevelOfCareStarted(level="intensive_outpatient"), ago(60)),
    fact(InstrumentScored(instrument="phq9", score=12), ago(59)),
    fact(MedicationStarted.model_validate({"drug": "buprenorphine", "class": "partial_agonist"}), ago(58)),
    fact(MedicationGiven(drug="buprenorphine"), ago(57)),
    fact(SessionAttended(kind="group", minutes=60), ago(56)),
    fact(DrugScreenResulted(specimen="urine", positive=()), ago(55)),
]
DISCHARGED = fact(LevelOfCareEnded(level="intensive_outpatient", reason="completed"), ago(50))
DEATH = fact(ClientDied(), ago(45))


def rows(facts: list[Fact]) -> dict[str, object]:
    chart = Chart("c" * 32, 99, entries(facts))
    return {model.name: model.fold(chart) for model in CLIENT_MODELS}


@pytest.mark.parametrize("kind", LATER, ids=lambda kind: kind.__name__)
@settings(max_examples=5, deadline=None)
@given(data=st.data())
def test_it_counts_nowhere_and_is_marked(kind: type[Event], data: st.DataObject) -> None:
    later = fact(data.draw(event(kind).filter(lambda drawn: not drawn.may_follow_death)), ago(40))
    for before in ([*IN_CARE, DEATH], [*IN_CARE, DISCHARGED, DEATH]):
        assert rows([*before, later]) == rows(before)
        marked = [
            (item.event_id, item.not_counted.reason) for item in timeline(entries([*before, later])) if item.not_counted
        ]
        assert marked == [(later.event_id, AFTER_DEATH)]


def test_one_in_the_moment_of_the_death_counts() -> None:
    screen = fact(DrugScreenResulted(specimen="urine", positive=("opioids",)), DEATH.at)
    chart = Chart("c" * 32, 9, entries([*IN_CARE, DEATH, screen]))
    assert screen.event_id in {entry.event_id for entry in chart.entries}


def test_a_representatives_consent_is_marked_by_nothing() -> None:
    consent = fact(ConsentGiven(consent_id="x", signed_by="personal_representative"), ago(40))
    items = timeline(entries([*IN_CARE, DISCHARGED, DEATH, consent]))
    assert [item.event_id for item in items if item.not_counted] == []
    assert rows([*IN_CARE, DISCHARGED, DEATH, consent])["stays"] == rows([*IN_CARE, DISCHARGED, DEATH])["stays"]
