"""Commands on a real store: decided on what is recorded, recorded once, refused with nothing written."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from domain.commands import Correct, Record, ResolveOverlap, Retract, Transfer
from domain.events import (
    AssessmentCompleted,
    ClientRegistered,
    LevelOfCareStarted,
    NoteAdded,
    SessionAttended,
    SessionMissed,
)
from domain.journey import journey_of
from domain.refusals import CommandRefusedError
from infra.commands.group_session import Attendee, GroupRefusedError, GroupSession, chart_group
from infra.commands.handle import StaleChartError, handle, merge
from infra.eventstore.client_chart import NoSuchChartError, open_chart
from infra.eventstore.log import Author, EventLog, IdempotencyKeyReusedError, Receipt
from infra.eventstore.setup import open_log
from tests.day import UTC_DAYS

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
AUTHOR = Author("clinician-1", "clinician", "tests", "north")


@pytest.fixture
def log(tmp_path: Path) -> Iterator[EventLog]:
    """An empty log in a file, its clock standing at NOW."""
    log = open_log(f"sqlite:///{tmp_path}/log.db", bytes(32), UTC_DAYS, lambda: NOW)
    yield log
    log.close()


def register(log: EventLog, reference: str, name: str = "Person, Simulated") -> None:
    event = ClientRegistered(name=name, birth_date=NOW.date().replace(year=1990))
    handle(log, reference, Record(event, NOW - timedelta(days=3)), author=AUTHOR, now=NOW)


def note(text: str = "came in time") -> Record:
    return Record(NoteAdded(text=text), NOW)


def admit(log: EventLog, reference: str) -> None:
    """Register, assess and start residential care two days before NOW."""
    register(log, reference)
    found = AssessmentCompleted.model_validate(
        {
            "assessor": "clinician-1",
            "edition": 3,
            "asam": [1, 1, 2, 2, 2, 2],
            "recommended_level": "residential",
            "needs_24h_supervision": False,
            "mental_health_severity": "mild",
            "home": "supportive",
            "substance_free_home": True,
            "motivated": True,
        }
    )
    for event in (found, LevelOfCareStarted(level="residential")):
        handle(log, reference, Record(event, NOW - timedelta(days=2)), author=AUTHOR, now=NOW)


def types(log: EventLog, reference: str) -> list[str]:
    return [entry.type for entry in log.stream(log.client_id(reference))]


class TestHandle:
    """One command on one chart."""

    def test_a_chart_must_exist_unless_the_command_opens_it(self, log: EventLog) -> None:
        with pytest.raises(NoSuchChartError):
            handle(log, "A-1", note(), author=AUTHOR, now=NOW)
        assert log.head() == 0

    def test_a_refused_command_writes_nothing(self, log: EventLog) -> None:
        register(log, "A-1")
        with pytest.raises(CommandRefusedError) as refused:
            handle(log, "A-1", Record(LevelOfCareStarted(level="residential"), NOW), author=AUTHOR, now=NOW)
        assert [refusal.criterion for refusal in refused.value.refusals] == ["full_assessment"]
        assert types(log, "A-1") == ["ClientRegistered"]

    def test_a_stale_sequence_is_told_what_changed(self, log: EventLog) -> None:
        register(log, "A-1")
        handle(log, "A-1", note(), author=AUTHOR, now=NOW, expected=1)
        with pytest.raises(StaleChartError) as stale:
            handle(log, "A-1", note(), author=AUTHOR, now=NOW, expected=1)
        assert [(change.sequence, change.type, change.actor) for change in stale.value.changes] == [
            (2, "NoteAdded", "clinician-1")
        ]

    def test_the_same_key_answers_as_it_did(self, log: EventLog) -> None:
        command = Record(ClientRegistered(name="Person", birth_date=NOW.date()), NOW)
        first = handle(log, "A-1", command, author=AUTHOR, now=NOW, key="k1")
        again = handle(log, "A-1", command, author=AUTHOR, now=NOW, key="k1", expected=0)
        assert (again.event_ids, again.sequence, again.replayed) == (first.event_ids, 1, True)

    def test_the_same_key_for_another_request_is_refused(self, log: EventLog) -> None:
        register(log, "A-1")
        handle(log, "A-1", note("one"), author=AUTHOR, now=NOW, key="k1")
        with pytest.raises(IdempotencyKeyReusedError):
            handle(log, "A-1", note("two"), author=AUTHOR, now=NOW, key="k1")

    def test_writers_at_once_all_get_their_place(self, log: EventLog) -> None:
        register(log, "A-1")

        def write(number: int) -> int:
            return handle(log, "A-1", note(f"note {number}"), author=AUTHOR, now=NOW).sequence

        with ThreadPoolExecutor(4) as pool:
            sequences = list(pool.map(write, range(12)))
        assert sorted(sequences) == list(range(2, 14))

    def test_twins_with_one_key_record_once(self, log: EventLog) -> None:
        command = Record(ClientRegistered(name="Person", birth_date=NOW.date()), NOW)
        with ThreadPoolExecutor(4) as pool:
            receipts = list(pool.map(lambda _: handle(log, "A-1", command, author=AUTHOR, now=NOW, key="k"), range(8)))
        assert len({receipt.event_ids for receipt in receipts}) == 1
        assert types(log, "A-1") == ["ClientRegistered"]

    def test_a_transfer_is_one_append(self, log: EventLog) -> None:
        admit(log, "A-1")
        start = LevelOfCareStarted(level="partial_hospitalization", override_reason="bed closed")
        receipt = handle(log, "A-1", Transfer(start, NOW), author=AUTHOR, now=NOW)
        assert len(receipt.event_ids) == 2
        assert types(log, "A-1")[-2:] == ["LevelOfCareEnded", "LevelOfCareStarted"]

    def test_a_correction_does_not_make_bookkeeping(self, log: EventLog) -> None:
        register(log, "A-1")
        receipt = handle(log, "A-1", note(), author=AUTHOR, now=NOW)
        target = UUID(hex=receipt.event_ids[0])
        wrong = Correct(target, "ClientErased", NOW, {"requested_by": "x"}, "mistake")
        with pytest.raises(CommandRefusedError):
            handle(log, "A-1", wrong, author=AUTHOR, now=NOW)
        right = Correct(target, "NoteAdded", NOW, {"text": "came late"}, "mistake")
        handle(log, "A-1", right, author=AUTHOR, now=NOW)
        assert types(log, "A-1")[-1] == "EntryCorrected"


class TestGroup:
    """One group session for many charts."""

    def session(self, *attendees: Attendee) -> GroupSession:
        return GroupSession(NOW - timedelta(hours=3), 180, attendees, topic="mindfulness")

    def test_one_refused_attendee_stops_all(self, log: EventLog) -> None:
        admit(log, "A-1")
        register(log, "A-2")
        session = self.session(Attendee("A-1"), Attendee("A-2"), Attendee("A-3"), Attendee("A-1"))
        with pytest.raises(GroupRefusedError) as refused:
            chart_group(log, session, author=AUTHOR, now=NOW)
        assert list(refused.value.refusals) == [1, 2, 3]
        assert "SessionAttended" not in types(log, "A-1")

    def test_each_gets_an_entry_under_one_correlation(self, log: EventLog) -> None:
        admit(log, "A-1")
        admit(log, "A-2")
        who = Attendee("A-1", minutes=120), Attendee("A-2", attended=False, cause="illness")
        session = replace(self.session(*who), slot="evening")
        receipts = chart_group(log, session, author=AUTHOR, now=NOW, key="g1")
        one, two = (log.stream(receipt.client_id)[-1] for receipt in receipts)
        assert isinstance(one.event, SessionAttended)
        assert isinstance(two.event, SessionMissed)
        assert (one.event.minutes, one.event.slot, two.event.slot) == (120, "evening", "evening")
        assert one.meta.get("c") == two.meta.get("c") != ""
        again = chart_group(log, session, author=AUTHOR, now=NOW, key="g1")
        assert [r.event_ids for r in again] == [r.event_ids for r in receipts]
        assert types(log, "A-1").count("SessionAttended") == 1

    def test_who_is_charted_for_this_minute_is_asked_about_before_it_is_charted_again(self, log: EventLog) -> None:
        admit(log, "A-1")
        admit(log, "A-2")
        chart_group(log, self.session(Attendee("A-1")), author=AUTHOR, now=NOW)
        both = replace(
            self.session(Attendee("A-2"), Attendee("A-1", attended=False)),
            occurred_at=NOW - timedelta(hours=3, seconds=-59),
        )
        with pytest.raises(GroupRefusedError) as refused:
            chart_group(log, both, author=AUTHOR, now=NOW, key="k")
        assert refused.value.asks_again
        assert {place: [one.criterion for one in found] for place, found in refused.value.refusals.items()} == {
            1: ["already_charted"]
        }
        assert refused.value.refusals[1][0].value == "this session was charted at 2026-03-02 12:00+00:00 by clinician-1"
        assert "SessionAttended" not in types(log, "A-2")
        receipts = chart_group(log, both, author=AUTHOR, now=NOW, key="k", again=True)
        asked = chart_group(log, both, author=AUTHOR, now=NOW, key="k")
        assert [r.event_ids for r in asked] == [r.event_ids for r in receipts]
        assert types(log, "A-1").count("SessionMissed") == 1

    @pytest.mark.parametrize(
        "change", [{"kind": "family"}, {"occurred_at": NOW - timedelta(hours=3, minutes=1)}], ids=["kind", "minute"]
    )
    def test_another_session_is_another(self, log: EventLog, change: dict[str, Any]) -> None:
        admit(log, "A-1")
        chart_group(log, self.session(Attendee("A-1")), author=AUTHOR, now=NOW)
        chart_group(log, replace(self.session(Attendee("A-1")), **change), author=AUTHOR, now=NOW)
        assert types(log, "A-1").count("SessionAttended") == 2

    def test_a_session_charted_alone_counts_until_it_is_taken_back(self, log: EventLog) -> None:
        admit(log, "A-1")
        session = self.session(Attendee("A-1"))
        alone = Record(SessionAttended(kind="group", minutes=60), session.occurred_at)
        receipt = handle(log, "A-1", alone, author=AUTHOR, now=NOW)
        with pytest.raises(GroupRefusedError):
            chart_group(log, session, author=AUTHOR, now=NOW)
        handle(log, "A-1", Retract(UUID(hex=receipt.event_ids[0]), "twice"), author=AUTHOR, now=NOW)
        chart_group(log, session, author=AUTHOR, now=NOW)

    def test_of_two_presses_at_once_the_second_is_refused(self, log: EventLog, monkeypatch: pytest.MonkeyPatch) -> None:
        for reference in ("A-1", "A-2", "A-3"):
            admit(log, reference)
        append_all = type(log).append_all

        def overtaken(own: EventLog, *appends: Any, **said: Any) -> list[Receipt]:
            monkeypatch.undo()
            chart_group(log, self.session(Attendee("A-2"), Attendee("A-3")), author=AUTHOR, now=NOW)
            return append_all(own, *appends, **said)

        monkeypatch.setattr(type(log), "append_all", overtaken)
        with pytest.raises(GroupRefusedError) as refused:
            chart_group(log, self.session(Attendee("A-1"), Attendee("A-2")), author=AUTHOR, now=NOW)
        assert (list(refused.value.refusals), refused.value.asks_again) == ([1], True)
        assert [types(log, one).count("SessionAttended") for one in ("A-1", "A-2", "A-3")] == [0, 1, 1]


class TestMerge:
    """Two charts of one person."""

    def test_a_chart_is_not_merged_with_itself_or_with_nothing(self, log: EventLog) -> None:
        register(log, "A-1")
        with pytest.raises(CommandRefusedError):
            merge(log, "A-1", "A-1", author=AUTHOR, now=NOW)
        with pytest.raises(NoSuchChartError):
            merge(log, "A-1", "A-9", author=AUTHOR, now=NOW)

    def test_the_other_chart_closes_and_opens_again_when_the_merge_is_retracted(self, log: EventLog) -> None:
        register(log, "A-1")
        register(log, "A-2")
        receipt = merge(log, "A-1", "A-2", author=AUTHOR, now=NOW)
        assert types(log, "A-2")[-1] == "ChartClosed"
        with pytest.raises(CommandRefusedError, match="chart_not_merged"):
            handle(log, "A-2", note(), author=AUTHOR, now=NOW)

        undo = Retract(UUID(hex=receipt.event_ids[0]), "two people")
        undone = handle(log, "A-1", undo, author=AUTHOR, now=NOW)
        handle(log, "A-2", note(), author=AUTHOR, now=NOW)
        assert types(log, "A-2")[-3:] == ["ChartClosed", "EntryRetracted", "NoteAdded"]

        again = Retract(UUID(hex=undone.event_ids[0]), "one person after all")
        with pytest.raises(CommandRefusedError, match="merge_not_undone"):
            handle(log, "A-1", again, author=AUTHOR, now=NOW)
        merge(log, "A-1", "A-2", author=AUTHOR, now=NOW)

    def test_stays_that_would_overlap_are_decided_with_the_merge_or_nothing_is_recorded(self, log: EventLog) -> None:
        admit(log, "A-1")
        admit(log, "A-2")
        ours, theirs = (journey_of(open_chart(log, name).entries).stays[0].event_id for name in ("A-1", "A-2"))
        with pytest.raises(CommandRefusedError, match=r"overlap_decided.*Residential"):
            merge(log, "A-1", "A-2", author=AUTHOR, now=NOW)
        assert types(log, "A-2")[-1] == "LevelOfCareStarted"

        choice = ResolveOverlap((UUID(hex=ours), UUID(hex=theirs)), UUID(hex=theirs))
        receipt = merge(log, "A-1", "A-2", author=AUTHOR, now=NOW, overlaps=[choice])
        assert types(log, "A-1")[-2:] == ["ChartsMerged", "OverlapResolved"]
        journey = journey_of(open_chart(log, "A-1").entries)
        assert [stay.event_id for stay in journey.stays] == [theirs]
        assert [stay.event_id for stay in journey.not_counted] == [ours]

        handle(log, "A-1", Retract(UUID(hex=receipt.event_ids[0]), "two people"), author=AUTHOR, now=NOW)
        assert [stay.event_id for stay in journey_of(open_chart(log, "A-1").entries).stays] == [ours]

    def test_a_decision_taken_back_brings_the_other_stay_back(self, log: EventLog) -> None:
        admit(log, "A-1")
        admit(log, "A-2")
        stays = tuple(UUID(hex=journey_of(open_chart(log, name).entries).stays[0].event_id) for name in ("A-1", "A-2"))
        receipt = merge(log, "A-1", "A-2", author=AUTHOR, now=NOW, overlaps=[ResolveOverlap(stays, stays[0])])
        handle(log, "A-1", Retract(UUID(hex=receipt.event_ids[1]), "the other"), author=AUTHOR, now=NOW)
        assert len(journey_of(open_chart(log, "A-1").entries).stays) == 2
        handle(log, "A-1", ResolveOverlap(stays, stays[1]), author=AUTHOR, now=NOW)
        [counts] = journey_of(open_chart(log, "A-1").entries).stays
        assert counts.event_id == stays[1].hex

    def test_a_closed_chart_is_not_merged_twice(self, log: EventLog) -> None:
        for reference in ("A-1", "A-2", "A-3"):
            register(log, reference)
        merge(log, "A-1", "A-2", author=AUTHOR, now=NOW)
        with pytest.raises(CommandRefusedError):
            merge(log, "A-3", "A-2", author=AUTHOR, now=NOW)
        with pytest.raises(CommandRefusedError):
            merge(log, "A-2", "A-3", author=AUTHOR, now=NOW)
