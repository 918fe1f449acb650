"""Data that comes again is checked once: it comes to the same as if each line stood alone, and nothing personal stays."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import orjson
import pytest
from hypothesis import given, settings

from domain.events import CATALOGUE, EntryCorrected, Event, InvalidDataError
from infra.eventstore.mapper import payload
from infra.interop.importers.events import payloads
from infra.interop.importers.events.payloads import ParsedData
from tests.histories import event

SESSION = {"kind": "individual", "minutes": 50}


def said(name: str, data: dict[str, Any], version: int | None, *, complete: bool) -> ParsedData:
    return payloads.parsed_data((name, version, complete, orjson.dumps(data)), lambda: data)


@pytest.fixture(autouse=True)
def _nothing_kept() -> Iterator[None]:
    payloads.forget()
    yield
    payloads.forget()


@pytest.mark.parametrize("cls", CATALOGUE.types.values(), ids=CATALOGUE.types)
def test_data_that_comes_again_comes_to_the_same(cls: type[Event]) -> None:
    @settings(max_examples=10, deadline=None)
    @given(event(cls))
    def holds(recorded: Event) -> None:
        data = orjson.loads(recorded.model_dump_json(by_alias=True, exclude_none=True))
        parsed = CATALOGUE.parse(cls.__name__, data, complete=False)
        for _ in range(2):
            found = said(cls.__name__, data, None, complete=False)
            assert (type(found.event), found.stored) == (cls, payload(parsed))
            assert not isinstance(found.event, EntryCorrected) or found.event == parsed

    holds()


def test_the_same_data_is_checked_once() -> None:
    _, second, third = (said("SessionAttended", {**SESSION}, None, complete=True) for _ in range(3))
    assert second is third


@pytest.mark.parametrize("minutes", [True, 50.5, "fifty"])
def test_what_is_nearly_the_same_is_another(minutes: object) -> None:
    said("SessionAttended", {**SESSION, "minutes": 1}, None, complete=True)
    for _ in range(2):
        with pytest.raises(InvalidDataError):
            said("SessionAttended", {**SESSION, "minutes": minutes}, None, complete=True)


def test_data_that_need_not_be_complete_lets_no_other_line_through() -> None:
    said("NoteAdded", {}, None, complete=False)
    with pytest.raises(InvalidDataError):
        said("NoteAdded", {}, None, complete=True)


def test_nothing_personal_is_kept_for_another_line() -> None:
    notes = [said("NoteAdded", {"text": "asked for a bed near home"}, None, complete=True) for _ in range(3)]
    assert len({id(note.stored) for note in notes}) == 3


def test_so_much_is_kept_and_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(payloads, "_MOST", 2)
    first = [said("SessionAttended", SESSION, None, complete=True) for _ in range(2)][1]
    for minutes in (20, 30):
        said("SessionAttended", {**SESSION, "minutes": minutes}, None, complete=True)
    assert said("SessionAttended", SESSION, None, complete=True) is not first
