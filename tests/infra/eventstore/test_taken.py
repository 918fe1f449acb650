"""An event id stands for one entry for ever: the same again is known, anything else under it is refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import orjson
import pytest

from domain.events import ChartsMerged, NoteAdded
from infra.eventstore.log import EventLog
from infra.eventstore.recorded_ids import EventIdTakenError
from infra.interop.exporters.events import export_lines
from infra.interop.importers.events.run import ImportResult, import_file
from tests.infra.eventstore.stores import Appending

ID = "7d4e3c1a-0000-4000-8000-000000000001"
FIRST: dict[str, Any] = {
    "client": "EI-1",
    "type": "NoteAdded",
    "occurred_at": "2026-01-05T10:00:00-05:00",
    "data": {"text": "first"},
    "event_id": ID,
    "actor": "c-1",
    "role": "clinician",
    "source": "old system",
    "site": "North",
    "recorded_at": "2026-01-06T10:00:00Z",
}
OTHERS: list[tuple[dict[str, Any], str]] = [
    ({"data": {"text": "different"}}, "with other content (data)"),
    ({"data": {"text": "first", "kind": "call"}}, "with other content (data)"),
    ({"client": "EI-2"}, "on another chart"),
    ({"client": "EI-2", "data": {"text": "another chart"}}, "on another chart"),
    ({"type": "ClientDied", "data": {}}, "with other content (type)"),
    ({"occurred_at": "2026-01-05T10:00:01-05:00"}, "with other content (occurred_at)"),
    ({"actor": "c-2"}, "with other content (actor)"),
    ({"actor": None}, "with other content (actor)"),
    ({"role": "admin"}, "with other content (role)"),
    ({"source": "another"}, "with other content (source)"),
    ({"site": "South", "actor": "c-2"}, "with other content (actor, site)"),
]


class Files:
    """Imports lines, each time as a file of its own."""

    def __init__(self, folder: Path, log: EventLog) -> None:
        self.folder, self.log, self.made = folder, log, 0

    def take(self, *lines: dict[str, Any], keep: bool = False) -> ImportResult:
        self.made += 1
        path = self.folder / f"{self.made}.ndjson"
        path.write_bytes(b"".join(orjson.dumps(line) + b"\n" for line in lines))
        return import_file(self.log, str(path), keep_recorded_at=keep)


@pytest.fixture
def files(tmp_path: Path, log: EventLog) -> Files:
    """Imports into the log of each kind."""
    return Files(tmp_path, log)


def rejects(result: ImportResult) -> list[tuple[int, str]]:
    assert result.rejects_file is not None
    return [(kept["line"], kept["reason"]) for kept in map(orjson.loads, result.rejects_file.read_bytes().splitlines())]


def test_other_content_under_an_id_of_the_same_file_is_rejected_by_its_line(files: Files, log: EventLog) -> None:
    others = [FIRST | {"data": {"text": "different"}}, FIRST | {"client": "EI-2", "data": {"text": "another chart"}}]
    result = files.take(FIRST, *others, FIRST)
    assert (result.lines, result.recorded, result.known, result.rejected) == (4, 1, 1, 2)
    assert result.reasons == {"event_id": 2}
    [(two, other), (three, chart)] = rejects(result)
    assert (two, three) == (2, 3)
    assert other.startswith("event_id: is recorded with other content (data), by line 1: ")
    assert chart.startswith("event_id: is recorded on another chart, by line 1: ")
    assert [entry.event for entry in log.stream(log.client_id("EI-1"), opened=True)] == [NoteAdded(text="first")]
    assert log.stream(log.client_id("EI-2")) == []


@pytest.mark.parametrize(("more", "said"), OTHERS, ids=[said + str(more) for more, said in OTHERS])
@pytest.mark.parametrize("before", [True, False], ids=["in the log", "in the batch"])
def test_whatever_differs_is_named_and_no_value_with_it(
    files: Files, more: dict[str, Any], said: str, *, before: bool
) -> None:
    if before:
        files.take(FIRST)
    result = files.take(FIRST, FIRST | more)
    where = "entry 1 of the log" if before else "line 1"
    assert (result.known, result.rejected) == (int(before), 1)
    [(number, reason)] = rejects(result)
    assert number == 2
    assert reason.startswith(f"event_id: is recorded {said}, by {where}: ")
    assert not any(word in reason for word in ("EI-", "different", "first", "c-2"))


def test_the_same_said_otherwise_is_known(files: Files) -> None:
    files.take(FIRST)
    again = [
        FIRST | {"occurred_at": "2026-01-05T15:00:00+00:00"},
        FIRST | {"event_id": ID.upper()},
        FIRST | {"version": 1},
        FIRST | {"data": {"text": "first", "kind": None}},
        FIRST | {"recorded_at": "2026-01-09T10:00:00Z"},
        FIRST | {"correlation_id": ID},
    ]
    result = files.take(*again)
    assert (result.known, result.rejected) == (len(again), 0)


def test_a_knowledge_time_counts_where_it_is_kept(files: Files) -> None:
    later = FIRST | {"recorded_at": "2026-01-09T10:00:00Z"}
    files.take(FIRST, keep=True)
    assert files.take(FIRST, keep=True).known == 1
    assert files.take(later).known == 1
    [(_, reason)] = rejects(files.take(later, keep=True))
    assert "with other content (recorded_at)" in reason


def test_an_export_comes_back_as_known_line_by_line(files: Files, log: EventLog) -> None:
    target = "7d4e3c1a-0000-4000-8000-000000000002"
    merge = {"client": "EI-1", "type": "ChartsMerged", "occurred_at": "2026-01-07T10:00:00Z", "event_id": target}
    replacement = {"type": "NoteAdded", "occurred_at": "2026-01-05T11:00:00-05:00", "data": {"text": "second"}}
    files.take(
        FIRST,
        FIRST | {"client": "EI-2", "event_id": "7d4e3c1a-0000-4000-8000-000000000003"},
        FIRST | {"type": "EntryCorrected", "data": {"target": ID, "reason": "no", "replacement": replacement}, "event_id": None},
        merge | {"data": {"other_client": "EI-2"}},
        FIRST | {"type": "EntryRetracted", "data": {"target": target, "reason": "two people"}, "event_id": None},
    )  # fmt: skip
    head = log.head()
    lines = [orjson.loads(line) for line in export_lines(log)]
    for keep in (False, True):
        again = files.take(*lines, keep=keep)
        assert (again.recorded, again.known, again.rejected, log.head()) == (0, len(lines), 0, head)
    assert isinstance(log.stream(log.client_id("EI-1"))[2].event, ChartsMerged)
    other = files.take(merge | {"data": {"other_client": "EI-3"}})
    assert "with other content (data)" in rejects(other)[0][1]


class TestAppending:
    """Live appends that bring ids along."""

    def test_the_same_again_is_a_replay(self, log: EventLog, append: Appending) -> None:
        first = log.append(append("A-1", ids=(ID.replace("-", ""),)))
        assert log.append(append("A-1", ids=(ID.replace("-", ""),), expected=0)).event_ids == first.event_ids
        assert log.head() == 1

    @pytest.mark.parametrize(("client", "text"), [("A-1", "other"), ("A-2", "seen")])
    def test_anything_else_is_refused_with_nothing_written(
        self, log: EventLog, append: Appending, client: str, text: str
    ) -> None:
        known, fresh = ID.replace("-", ""), ID.replace("-", "")[:-1] + "9"
        log.append(append("A-1", ids=(known,)))
        events = [NoteAdded(text="more"), NoteAdded(text=text)]
        with pytest.raises(EventIdTakenError, match="give this entry its own id"):
            log.append(append(client, *events, ids=(fresh, known)))
        assert log.head() == 1
