"""What holds for every history: folding never fails, amendments settle, accepted commands keep the rules."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any
from uuid import UUID

from care import assessed, attends, ends, starts
from hypothesis import given, settings, strategies as st

from domain.commands import Command, Correct, Draft, Record, Retract, Transfer
from domain.decisions import History, decide
from domain.entries import Entry, effective, microseconds, offset_minutes
from domain.events import (
    ClientDied,
    DrugScreenResulted,
    EntryRetracted,
    Event,
    LeaveEnded,
    LeaveStarted,
    LevelOfCareEnded,
    LevelOfCareStarted,
    MedicationGiven,
    SessionAttended,
)
from domain.invariants import broken_rules
from domain.journey import STRUCTURAL, Journey, evolve, fold, journey_of
from domain.levels import LEVELS
from domain.refusals import CommandRefusedError
from tests.day import UTC_DAYS
from tests.depth import cases
from tests.histories import histories, moments
from tests.spec import NOW, Fact, entries

LEVEL = st.sampled_from(LEVELS)


@given(histories())
def test_evolve_takes_every_recorded_history_in_any_clinical_order(facts: list[Fact]) -> None:
    recorded = entries(facts)
    assert journey_of(recorded).stays == fold(effective(recorded)).stays
    as_recorded = Journey()
    for entry in recorded:
        as_recorded = evolve(as_recorded, entry)
    assert len(as_recorded.stays) == sum(isinstance(entry.event, LevelOfCareStarted) for entry in recorded)


@given(histories(kinds=STRUCTURAL))
def test_no_stay_ends_before_it_starts_by_moment_or_by_day_in_any_order(facts: list[Fact]) -> None:
    recorded = entries(facts)
    as_recorded = Journey()
    for entry in recorded:
        as_recorded = evolve(as_recorded, entry)
    for stay in (*journey_of(recorded).stays, *as_recorded.stays):
        assert stay.end is None or (stay.end >= stay.start and stay.end_day is not None)
        assert stay.end_day is None or stay.end_day >= stay.start_day


@given(histories(kinds=STRUCTURAL), st.randoms(use_true_random=False))
def test_what_counts_does_not_depend_on_the_order_in_which_entries_arrive(facts: list[Fact], random: Any) -> None:
    unique = {fact.event_id: fact for fact in facts}
    plain = [fact for fact in unique.values() if not type(fact.event).__name__.startswith("Entry")]
    recorded = entries(plain)
    shuffled = list(recorded)
    random.shuffle(shuffled)
    assert effective(shuffled) == effective(recorded)
    assert [entry.at for entry in effective(recorded)] == sorted(entry.at for entry in recorded)


@given(histories(), st.data())
def test_retracting_a_retraction_is_as_if_neither_was(facts: list[Fact], data: st.DataObject) -> None:
    facts = list({fact.event_id: fact for fact in facts}.values())
    target = data.draw(st.sampled_from(facts))
    gone = Fact(EntryRetracted(target=target.id, reason="x"), NOW, UUID(int=10**9).hex)
    back = Fact(EntryRetracted(target=gone.id, reason="y"), NOW, UUID(int=10**9 + 1).hex)
    assert _said(entries([*facts, gone, back])) == _said(entries(facts))


@given(histories())
def test_only_corrections_change_what_an_entry_says(facts: list[Fact]) -> None:
    recorded = entries(list({fact.event_id: fact for fact in facts}.values()))
    first = {entry.event_id: entry for entry in recorded}
    for entry in effective(recorded):
        if entry.amended_by is None:
            assert entry is first[entry.event_id]
        else:
            assert entry.amended_by in recorded


def _said(recorded: list[Entry]) -> list[tuple[str, int, Event]]:
    return [(entry.event_id, entry.at, entry.event) for entry in effective(recorded)]


def _fixed(fact: Fact) -> st.SearchStrategy[Event]:
    return st.just(fact.event)


RECORDED: st.SearchStrategy[Event] = st.one_of(
    LEVEL.map(lambda level: assessed(level).event),
    LEVEL.map(lambda level: starts(level).event),
    LEVEL.map(lambda level: starts(level, override_reason="reviewed").event),
    LEVEL.map(lambda level: starts(level, concurrent=True).event),
    LEVEL.map(lambda level: ends(level).event),
    LEVEL.map(lambda level: ends(level, reason="died").event),
    _fixed(attends()),
    st.just(DrugScreenResulted(specimen="urine", positive=())),
    st.just(MedicationGiven(drug="naltrexone")),
    st.just(LeaveStarted(kind="hospital")),
    st.just(LeaveEnded(kind="hospital")),
    st.just(ClientDied()),
)


@st.composite
def _commands(draw: st.DrawFn, history: History) -> Command:
    at = draw(moments())
    ids = [UUID(hex=entry.event_id) for entry in history.entries]
    kind = draw(st.sampled_from(["record", "record", "record", "transfer", "correct", "retract"]))
    if kind == "record" or not ids:
        return Record(draw(RECORDED), at)
    if kind == "transfer":
        return Transfer(LevelOfCareStarted(level=draw(LEVEL), override_reason="reviewed"), at)
    target = draw(st.sampled_from(ids))
    if kind == "retract":
        return Retract(target, "made in error")
    new = draw(RECORDED)
    return Correct(target, type(new).__name__, at, new.model_dump(mode="json", exclude_none=True), "typed wrong")


@settings(max_examples=cases(30, 600), deadline=None)
@given(st.data())
def test_any_accepted_commands_keep_the_rules(data: st.DataObject) -> None:
    history = History.of("c" * 32, [], UTC_DAYS)
    now = NOW
    for _ in range(data.draw(st.integers(1, 14))):
        now += timedelta(minutes=1)
        try:
            drafts = decide(history, data.draw(_commands(history)), now)
        except CommandRefusedError as refused:
            assert refused.refusals
            continue
        history = History.of(history.client_id, [*history.entries, *_recorded(history, drafts, now)], UTC_DAYS)
        assert broken_rules(history.journey, history.counted) == {}
        _keeps_the_rules(history)


def _recorded(history: History, drafts: list[Draft], now: datetime) -> list[Entry]:
    first = len(history.entries) + 1
    return [
        Entry(
            history.client_id,
            place,
            place,
            {
                "i": UUID(int=place).hex,
                "a": microseconds(draft.occurred_at),
                "z": offset_minutes(draft.occurred_at),
                "r": microseconds(now),
            },
            draft.event,
            UTC_DAYS,
        )
        for place, draft in enumerate(drafts, start=first)
    ]


def _keeps_the_rules(history: History) -> None:
    """The rules once more, said without the code under test."""
    stays = sorted((stay for stay in history.journey.stays if stay.exclusive), key=lambda stay: stay.start)
    for before, after in pairwise(stays):
        assert before.end is not None
        assert before.end <= after.start
    for entry in history.counted:
        if isinstance(entry.event, SessionAttended | MedicationGiven):
            assert any(
                stay.start <= entry.at and (stay.end is None or entry.at <= stay.end) for stay in history.journey.stays
            )
    deaths = [entry for entry in history.counted if isinstance(entry.event, ClientDied)] or [
        entry for entry in history.counted if isinstance(entry.event, LevelOfCareEnded) and entry.event.reason == "died"
    ]
    assert all(entry.at <= death.at for death in deaths for entry in history.counted)
