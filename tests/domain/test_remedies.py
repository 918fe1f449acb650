"""What a refusal leads on to: the entry that would help, or the level that is open instead."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from care import IOP, assessed, starts, steps

from domain.commands import Command, Record
from domain.decisions import History, decide
from domain.events import ClientDied, LeaveEnded, LeaveStarted, LevelOfCareEnded, LevelOfCareStarted
from domain.levels import Level
from domain.refusals import CommandRefusedError
from domain.remedies import remedies
from tests.day import UTC_DAYS
from tests.spec import NOW, Fact, ago, entries, fact

PHP: Level = "partial_hospitalization"
Told = list[tuple[str, str, Mapping[str, str]]]


def helped(command: Command, wanted: Level | None, *facts: Fact) -> Told:
    history = History.of("c" * 32, entries(list(facts)), UTC_DAYS)
    with pytest.raises(CommandRefusedError) as refused:
        decide(history, command, NOW)
    found = remedies(history, refused.value.refusals, wanted, NOW)
    return [(way.words, way.command, way.values) for way in found]


def start(level: Level = IOP) -> Record:
    return Record(LevelOfCareStarted(level=level), NOW)


def test_an_unsafe_home_leads_to_sober_living_or_to_another_assessment() -> None:
    assert helped(start(), IOP, assessed(home="unsupportive")) == [
        ("Record sober living", "enter-sober-living", {}),
        ("Assess again", "complete-assessment", {}),
    ]


def test_an_assessment_that_recommends_another_level_leads_to_its_start() -> None:
    assert helped(start(), IOP, assessed(PHP, days_ago=1)) == [("Start PHP instead", "start-level", {"level": PHP})]


def test_a_step_is_offered_where_a_level_is_open() -> None:
    stay = starts("residential", days_ago=5)
    assert helped(steps(IOP, NOW), IOP, assessed(PHP, days_ago=6), stay) == [
        ("Start PHP instead", "transfer", {"level": PHP})
    ]
    assert helped(start(), IOP, assessed(days_ago=6), stay) == [
        ("Step down or up to IOP instead", "transfer", {"level": IOP})
    ]


def test_each_way_is_offered_once() -> None:
    found = helped(start(), IOP, assessed(days_ago=40, motivated=False, completed_prior_level=False))
    assert found == [("Assess again", "complete-assessment", {})]


def test_what_is_missing_is_named() -> None:
    assert helped(start(), IOP) == [("Record an assessment", "complete-assessment", {})]
    assert helped(Record(LeaveEnded(kind="jail"), NOW), None, starts(days_ago=5)) == [
        ("Record that the leave began", "start-leave", {}),
    ]


def test_what_would_be_refused_in_its_turn_is_not_offered() -> None:
    back, away = Record(LeaveEnded(kind="jail"), NOW), Record(LeaveStarted(kind="jail"), NOW)
    assert helped(back, None) == []
    assert helped(away, None) == [("Start the level", "start-level", {})]
    ended = Record(LevelOfCareEnded(level="residential", reason="completed"), NOW)
    assert helped(ended, None, assessed(days_ago=6), starts(days_ago=5)) == []
    assert helped(away, None, fact(ClientDied(), ago(2))) == []
