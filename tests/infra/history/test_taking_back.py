"""Whatever is recorded can be taken back by another entry: then all is as if neither had been recorded.

In between it counted, and a question as of a moment in between still says so.
"""

from __future__ import annotations

from datetime import date
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st
from knowing import lived

from domain.commands import Command, Correct, Record, Retract
from domain.decisions import History, decide
from domain.events import ChartsMerged, ClientRegistered, EntryCorrected, EntryRetracted, Replacement, SessionAttended
from infra.commands.handle import handle, merge
from infra.eventstore.log import Author
from infra.history.as_of.store import store_as_of
from tests.day import UTC_DAYS
from tests.depth import cases
from tests.domain.care import assessed, attends, starts
from tests.histories import corrections, event, histories, moments
from tests.infra.readmodels.worlds import tables
from tests.projections.test_incremental import CLIENTS, SHOWN
from tests.spec import NOW, Fact, ago, decided, entries

DONE, UNDONE = UUID(int=0xD0 << 64), UUID(int=0xDD << 64)


@st.composite
def deeds(draw: st.DrawFn, facts: list[Fact]) -> tuple[Fact, Fact]:
    """Something recorded about a history (a late entry, a correction, a retraction, a merge), and what undoes it."""
    target = draw(st.sampled_from([fact for fact in facts if not isinstance(fact.event, EntryRetracted)]))
    kind = draw(st.sampled_from(["late", "correct", "correct back", "retract", "merge"]))
    match kind:
        case "late":
            done = draw(st.sampled_from(SHOWN).flatmap(event))
        case "retract":
            done = EntryRetracted(target=target.id, reason="wrong client")
        case "merge":
            other = draw(st.sampled_from([client for client in CLIENTS if client != target.client]))
            done = ChartsMerged(other_client=other)
        case _:
            done = draw(corrections(st.just(target.id)))
    undone = EntryRetracted(target=DONE, reason="was right before")
    deed = Fact(done, draw(moments()), DONE.hex, target.client)
    back = Fact(undone, NOW, UNDONE.hex, target.client)
    if kind == "correct back" and not isinstance(target.event, EntryCorrected):
        data = target.event.model_dump(mode="json", by_alias=True, exclude_none=True)
        said = Replacement(type=type(target.event).__name__, occurred_at=target.at, data=data)
        back = back._replace(event=EntryCorrected(target=target.id, replacement=said, reason="was right before"))
    return deed, back


@settings(
    max_examples=cases(12, 120),
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(facts=histories(CLIENTS, SHOWN, most=14), data=st.data())
def test_done_and_undone_is_never_done_but_was_known_in_between(facts: list[Fact], data: st.DataObject) -> None:
    plain = [fact for fact in facts if not isinstance(fact.event, EntryCorrected | EntryRetracted)]
    deed, back = data.draw(deeds(plain))
    place = next(n for n, fact in enumerate(plain) if fact.client == deed.client) + 1
    started = data.draw(st.integers(max(place, _after(plain, deed)), len(plain)))
    ended = data.draw(st.integers(started, len(plain)))
    with lived() as never, lived() as here:
        for fact in plain:
            never.record(fact)
        for fact in plain[:started]:
            here.record(fact)
        between = here.record(deed)
        seen = here.tables()
        for fact in [*plain[started:ended], back, *plain[ended:]]:
            here.record(fact)
        assert here.tables() == never.tables()
        with store_as_of(here.services, between) as then:
            assert here.named(tables(then.reads)) == seen


def _after(facts: list[Fact], deed: Fact) -> int:
    """The place after what a deed is about."""
    if not isinstance(deed.event, EntryCorrected | EntryRetracted):
        return 0
    return next(n for n, fact in enumerate(facts) if fact.id == deed.event.target) + 1


SESSION = attends(3)
CHART = (assessed(), starts(days_ago=10), SESSION)
WRONG = Replacement(type="SessionAttended", occurred_at=ago(3), data={"kind": "group", "minutes": 60})
CORRECTION = Fact(EntryCorrected(target=SESSION.id, replacement=WRONG, reason="x"), NOW, DONE.hex)
RETRACTION = Fact(EntryRetracted(target=SESSION.id, reason="x"), NOW, DONE.hex)
AGAIN = Correct(SESSION.id, "SessionAttended", ago(3), {"kind": "group", "minutes": 180}, "was right before")


@pytest.mark.parametrize(
    ("done", "undo"),
    [
        ((CORRECTION,), AGAIN),
        ((CORRECTION,), Retract(DONE, "was right before")),
        ((RETRACTION,), Retract(DONE, "was right before")),
        ((attends(2)._replace(event_id=DONE.hex),), Retract(DONE, "not held")),
    ],
    ids=["correct a correction", "retract a correction", "retract a retraction", "retract a late entry"],
)
def test_the_rules_let_everything_be_taken_back(done: tuple[Fact, ...], undo: Command) -> None:
    [draft] = decide(History.of("c" * 32, entries([*CHART, *done]), UTC_DAYS), undo, NOW)
    after = [*CHART, *done, Fact(draft.event, draft.occurred_at, UNDONE.hex)]
    sessions = [
        e for e in History.of("c" * 32, entries(after), UTC_DAYS).counted if isinstance(e.event, SessionAttended)
    ]
    assert [(entry.event, entry.occurred_at) for entry in sessions] == [(SESSION.event, SESSION.at)]


def test_a_chart_of_which_all_is_taken_back_counts_as_nobody() -> None:
    with lived() as here:
        registered = Fact(ClientRegistered(name="A Simulated Person", birth_date=date(1990, 1, 1)), ago(1), DONE.hex)
        here.record(registered)
        here.record(Fact(EntryRetracted(target=DONE, reason="typed twice"), NOW, UNDONE.hex))
        assert not any(here.tables().values())


def test_a_merge_is_taken_back_by_a_command() -> None:
    author = Author(actor="a-clinician", role="clinician")
    with lived() as here:
        log = here.services.log
        for client in ("C-1", "C-2"):
            for number, fact in enumerate((assessed(), starts(days_ago=10), attends(3))):
                here.record(fact._replace(client=client, event_id=f"{client}{number}".encode().hex().rjust(32, "0")))
        before = here.tables()
        merged = merge(log, "C-1", "C-2", author=author, now=here.clock.now, overlaps=decided(log, "C-1", "C-2"))
        between = here.clock.now
        assert here.tables() != before
        here.clock.now = between.replace(microsecond=7)
        undo = Retract(UUID(hex=merged.event_ids[0]), "two people")
        handle(log, "C-1", undo, author=author, now=here.clock.now)
        assert here.tables() == before
        with store_as_of(here.services, between) as then:
            assert {row[0] for row in here.named(tables(then.reads))["client_status"]} == {"C-1"}
        handle(log, "C-2", Record(SessionAttended(kind="group", minutes=60), ago(1)), author=author, now=here.clock.now)
