"""What is stored is what was recorded: every type, every field, sealed and opened."""

from __future__ import annotations

from datetime import UTC, datetime

import orjson
import pytest
from eventsourcing.persistence import StoredEvent
from hypothesis import given, settings, strategies as st

from domain.entries import Entry, Meta, microseconds, offset_minutes
from domain.events import (
    CATALOGUE,
    Catalogue,
    EntryCorrected,
    Event,
    InvalidDataError,
    NoteAdded,
    SessionAttended,
    UnknownEventTypeError,
)
from infra.eventstore.keyring import Cipher
from infra.eventstore.mapper import JourneyMapper, decode, encode, topic_of
from infra.eventstore.rows import LogRow
from infra.eventstore.unreadable import UnreadableEntryError
from tests.day import UTC_DAYS
from tests.histories import event, moments
from tests.spec import KEY, NOW

CIPHER = Cipher(KEY)
META: Meta = {"i": "0" * 32, "a": microseconds(NOW), "r": microseconds(NOW)}


def row(recorded: Event, meta: Meta = META) -> LogRow:
    return LogRow(1, "c" * 32, 1, topic_of(recorded), encode(meta, recorded, CIPHER))


def unsealed(recorded: Event) -> Event:
    """The event with its personal fields left out."""
    shown = recorded.model_copy(update=dict.fromkeys(recorded.sealed))
    if not isinstance(shown, EntryCorrected):
        return shown
    inner = shown.replacement
    seals = CATALOGUE.current(inner.type).seals
    data = {name: value for name, value in inner.data.items() if not seals(name, value)}
    return shown.model_copy(update={"replacement": inner.model_copy(update={"data": data})})


@pytest.mark.parametrize("cls", CATALOGUE.types.values(), ids=CATALOGUE.types)
def test_every_type_comes_back_as_it_was(cls: type[Event]) -> None:
    @settings(max_examples=25, deadline=None)
    @given(event(cls))
    def holds(recorded: Event) -> None:
        stored = row(recorded)
        assert decode(stored, CIPHER, UTC_DAYS).event == recorded
        assert decode(stored, None, UTC_DAYS).event == unsealed(recorded)
        shown = orjson.loads(stored.state)["d"]
        assert not shown.keys() & set(recorded.sealed)

    holds()


@given(moments(), moments(), st.sampled_from(["", "north"]))
def test_the_envelope_comes_back_as_it_was(occurred_at: datetime, recorded_at: datetime, site: str) -> None:
    meta: Meta = {
        "i": "1" * 32,
        "a": microseconds(occurred_at),
        "z": offset_minutes(occurred_at),
        "r": microseconds(recorded_at),
        "f": site,
    }
    entry = decode(row(NoteAdded(text="x"), meta), CIPHER, UTC_DAYS)
    assert (entry.occurred_at, entry.recorded_at) == (occurred_at, recorded_at)
    assert entry.occurred_at.utcoffset() == occurred_at.utcoffset()
    assert entry.day == occurred_at.astimezone(UTC).toordinal()  # the zone of the house, not the offset
    assert {key: value for key, value in entry.meta.items() if key != "x"} == meta


def test_names_in_any_script_come_back_as_they_were() -> None:
    for text in ("שרה \u202eهدى\u202c", "👩🏽‍⚕️ ok", "é" * 300, 'line\nbreak\ttab \\ " quote'):
        assert decode(row(NoteAdded(text=text)), CIPHER, UTC_DAYS).event == NoteAdded(text=text)


def test_through_the_interface_of_the_library() -> None:
    mapper = JourneyMapper(lambda client_id: CIPHER if client_id == "c" * 32 else None, UTC_DAYS)
    entry = Entry("c" * 32, 3, 9, dict(META), NoteAdded(text="seen"), UTC_DAYS)  # type: ignore[arg-type]
    stored = mapper.to_stored_event(entry)
    assert (stored.originator_id, stored.originator_version, stored.topic) == ("c" * 32, 3, "NoteAdded.1")
    back = mapper.to_domain_event(stored)
    assert (back.event, back.client_id, back.sequence) == (NoteAdded(text="seen"), "c" * 32, 3)
    with pytest.raises(KeyError):
        mapper.to_stored_event(Entry("d" * 32, 1, 1, META, NoteAdded(text="x"), UTC_DAYS))


class TestUnreadable:
    """An entry that this release cannot read says so, without any value of it."""

    @pytest.mark.parametrize(
        ("topic", "state"),
        [
            ("NoteAdded.2", b'{"i":"0","a":0,"r":0}'),
            ("Unheard.1", b'{"i":"0","a":0,"r":0}'),
            ("NoteAdded", b'{"i":"0","a":0,"r":0}'),
            ("SessionAttended.1", b'{"i":"0","a":0,"r":0,"d":{"kind":"secret","minutes":1}}'),
            ("SessionAttended.1", b'{"i":"0","a":0,"r":0}'),
            ("NoteAdded.1", b"not json"),
            ("NoteAdded.1", b'{"a":0,"r":0}'),
            ("NoteAdded.1", b'{"i":"0","r":0}'),
        ],
    )
    def test_with_its_place(self, topic: str, state: bytes) -> None:
        with pytest.raises(UnreadableEntryError, match=f"entry 7 .{topic}. at position 12") as error:
            decode(LogRow(12, "c" * 32, 7, topic, state), None, UTC_DAYS)
        assert "secret" not in str(error.value)

    def test_through_the_interface_of_the_library_too(self) -> None:
        with pytest.raises(UnreadableEntryError):
            JourneyMapper(lambda _: CIPHER, UTC_DAYS).to_domain_event(StoredEvent("c" * 32, 1, "Unheard.1", b"{}"))


class Walked(Event):
    """For these tests only: the third version of a walk. The first said miles, the second had no weather."""

    version = 3
    metres: int
    weather: str


WALKS = Catalogue(
    [Walked, SessionAttended],
    {
        ("Walked", 1): lambda data: {"metres": round(data["miles"] * 1609.344)},
        ("Walked", 2): lambda data: {**data, "weather": "unknown"},
    },
)


class TestUpcasting:
    """Old versions become new ones, step by step."""

    @pytest.mark.parametrize(
        ("topic", "data", "weather"),
        [
            ("Walked.1", {"miles": 2.0}, "unknown"),
            ("Walked.2", {"metres": 3219}, "unknown"),
            ("Walked.3", {"metres": 3219, "weather": "rain"}, "rain"),
        ],
    )
    def test_every_version_reads_as_the_newest(self, topic: str, data: dict[str, object], weather: str) -> None:
        assert WALKS.load(topic, data) == Walked(metres=3219, weather=weather)

    def test_new_entries_may_come_in_an_old_version(self) -> None:
        assert WALKS.parse("Walked", {"miles": 2.0}, 1) == Walked(metres=3219, weather="unknown")
        with pytest.raises(InvalidDataError, match="weather: Field required"):
            WALKS.parse("Walked", {"metres": 3219})

    @pytest.mark.parametrize("topic", ["Walked.4", "Walked.0", "Ran.1", "Walked.x"])
    def test_no_other_version_is_known(self, topic: str) -> None:
        with pytest.raises(UnknownEventTypeError):
            WALKS.load(topic, {})

    def test_every_recorded_version_has_its_step(self) -> None:
        steps = [(name, step) for name, cls in CATALOGUE.types.items() for step in range(1, cls.version)]
        assert sorted(CATALOGUE.upcasters) == sorted(steps)
