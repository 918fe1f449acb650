"""``import events``: restartable, never twice, every bad line with its number and reason."""

from __future__ import annotations

import io
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import orjson
import pytest

from domain.events import ChartClosed, NoteAdded
from infra.eventstore.log import EventLog
from infra.eventstore.setup import open_log
from infra.interop.importers.events import run
from infra.interop.importers.events.run import ImportFileError, import_file
from infra.interop.importers.source import Source
from tests.day import UTC_DAYS
from tests.infra.interop.importers.event_lines import ID, Write, line, texts
from tests.spec import KEY, NOW


@pytest.fixture
def log(tmp_path: Path) -> Iterator[EventLog]:
    """An empty log, its clock standing at NOW."""
    log = open_log(f"sqlite:///{tmp_path}/log.db", KEY, UTC_DAYS, lambda: NOW)
    yield log
    log.close()


class TestLines:
    """What a good line becomes."""

    def test_an_entry_with_its_envelope(self, log: EventLog, write: Write) -> None:
        given = line(actor="c-1", role="clinician", source="old system", site="north", correlation_id=ID, event_id=ID)
        result = import_file(log, str(write(given)))
        assert (result.lines, result.recorded, result.known, result.rejected, result.blank) == (1, 1, 0, 0, 0)
        assert result.clients == 1
        [entry] = log.stream(log.client_id("A-1"), opened=True)
        assert entry.event == NoteAdded(text="seen")
        assert entry.occurred_at.isoformat() == "2026-02-01T09:00:00-06:00"
        assert entry.recorded_at == NOW
        assert entry.event_id == ID.replace("-", "")
        assert [entry.meta.get(key) for key in "wosqfc"] == [
            "c-1",
            "clinician",
            "import",
            "old system",
            "north",
            entry.event_id,
        ]

    def test_knowledge_time_is_ours_unless_it_is_kept(self, log: EventLog, write: Write) -> None:
        path = write(line("a", recorded_at="2026-02-03T10:00:00Z"), line("b"))
        import_file(log, str(path), keep_recorded_at=True)
        import_file(log, str(write(line("c", recorded_at="2026-02-03T10:00:00Z"), name="other.ndjson")))
        recorded = [entry.recorded_at.isoformat() for entry in log.stream(log.client_id("A-1"))]
        assert recorded == ["2026-02-03T10:00:00+00:00", NOW.isoformat(), NOW.isoformat()]

    def test_blank_lines_are_counted_and_left_out(self, log: EventLog, write: Write) -> None:
        result = import_file(log, str(write(line("a"), b"", b"  \t", line("b"))))
        assert (result.lines, result.recorded, result.blank) == (4, 2, 2)

    def test_windows_line_ends_and_no_last_line_end(self, log: EventLog, tmp_path: Path) -> None:
        path = tmp_path / "in.ndjson"
        path.write_bytes(orjson.dumps(line("a")) + b"\r\n" + orjson.dumps(line("b")))
        assert import_file(log, str(path)).recorded == 2
        path.write_bytes(orjson.dumps(line("a")) + b"\n" + orjson.dumps(line("b")) + b"\n")
        assert import_file(log, str(path)).known == 2

    def test_names_in_any_script(self, log: EventLog, write: Write) -> None:
        names = ["שרה هدى", "👩🏽", "Ø" * 200]
        assert import_file(log, str(write(*(line(name, client=name) for name in names)))).recorded == 3
        assert [texts(log, name) for name in names] == [[name] for name in names]

    def test_a_chart_number_without_the_blanks_around_it(self, log: EventLog, write: Write) -> None:
        merge = line(client="A-1 ", type="ChartsMerged", data={"other_client": " A-2\t"})
        import_file(log, str(write(line(client=" A-1\u00a0"), line(client="A-2"), merge)))
        assert [entry.type for entry in log.stream(log.client_id("A-1"))] == ["NoteAdded", "ChartsMerged"]
        assert log.stream(log.client_id("A-2"))[-1].type == "ChartClosed"

    def test_a_merge_closes_the_other_chart(self, log: EventLog, write: Write) -> None:
        merge = line(client="A-1", type="ChartsMerged", data={"other_client": "A-2"})
        result = import_file(log, str(write(line(client="A-2"), merge)))
        assert (result.recorded, result.derived) == (2, 1)
        assert isinstance(log.stream(log.client_id("A-2"))[-1].event, ChartClosed)

    @pytest.mark.parametrize(("by", "reopened"), [("A-3", False), ("A-1", True), ("A-4", True)])
    def test_only_the_chart_that_took_another_over_lets_it_go(
        self, log: EventLog, write: Write, by: str, *, reopened: bool
    ) -> None:
        """A-2 went into A-1, and A-1 into A-4; A-3 has nothing to do with them."""
        merge = line(client="A-1", type="ChartsMerged", data={"other_client": "A-2"}, event_id=ID)
        again = line(client="A-4", type="ChartsMerged", data={"other_client": "A-1"})
        back = line(client=by, type="EntryRetracted", data={"target": ID, "reason": "another person"})
        notes = [line(client=client) for client in ("A-1", "A-2", "A-3", "A-4")]
        import_file(log, str(write(*notes, merge, *([again] if by == "A-4" else []))))
        import_file(log, str(write(back)))
        assert (log.stream(log.client_id("A-2"))[-1].type == "EntryRetracted") is reopened


class TestOnce:
    """Nothing is recorded twice."""

    def test_a_second_run_adds_nothing(self, log: EventLog, write: Write) -> None:
        path = str(write(line("a"), line("b", event_id=ID), line("c", client="A-2")))
        assert import_file(log, path).recorded == 3
        again = import_file(log, path)
        assert (again.recorded, again.known) == (0, 3)
        assert log.head() == 3

    def test_the_same_line_twice_in_a_file_is_two_entries_but_an_id_is_one(self, log: EventLog, write: Write) -> None:
        lines = [*[line("same")] * 300, line("a", event_id=ID), line("a", event_id=ID)]
        result = import_file(log, str(write(*lines)))
        assert (result.recorded, result.known) == (301, 1)

    def test_a_file_that_grew_adds_what_is_new(self, log: EventLog, write: Write) -> None:
        first = [line(str(number)) for number in range(5)]
        import_file(log, str(write(*first)))
        result = import_file(log, str(write(*first, line("new"))))
        assert (result.recorded, result.known) == (1, 5)
        assert texts(log)[-1] == "new"

    def test_another_file_with_the_same_lines_later_is_another(self, log: EventLog, write: Write) -> None:
        import_file(log, str(write(line("a"), line("x"))))
        assert import_file(log, str(write(line("b"), line("x"), name="other.ndjson"))).recorded == 2

    def test_an_import_that_was_cut_off_goes_on(
        self, log: EventLog, write: Write, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(run, "BATCH", 10)
        path = str(write(*(line(str(number)) for number in range(35))))

        def cut(_: int) -> None:
            raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            import_file(log, path, progress=cut)
        assert log.head() == 10
        result = import_file(log, path)
        assert (result.recorded, result.known) == (25, 10)
        assert texts(log) == [str(number) for number in range(35)]

    def test_a_long_file_in_two_processes_comes_to_the_same(
        self, log: EventLog, write: Write, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(run, "BATCH", 7)
        lines = [line(str(number), client=f"A-{number % 3}") for number in range(60)]
        lines[20] = line(occurred_at=...)
        result = import_file(log, str(write(*lines)))
        assert (result.lines, result.recorded, result.rejected) == (60, 59, 1)
        assert texts(log, "A-1") == [str(number) for number in range(60) if number % 3 == 1]


class TestSources:
    """Files, packed files, standard input."""

    def test_gz(self, log: EventLog, write: Write) -> None:
        path = write(line("a"), line("b"), name="in.ndjson.gz")
        assert import_file(log, str(path)).recorded == 2
        assert import_file(log, str(write(line("a"), line("b")))).known == 2

    def test_standard_input(self, log: EventLog, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        monkeypatch.chdir(tmp_path)
        raw = orjson.dumps(line("a")) + b"\nnot json\n"
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(raw)))
        result = import_file(log, "-")
        assert (result.recorded, result.rejected) == (1, 1)
        assert (tmp_path / "stdin.rejected.ndjson").exists()

    def test_what_cannot_be_read_is_said(self, log: EventLog, tmp_path: Path) -> None:
        with pytest.raises(ImportFileError, match=r"none\.ndjson: No such file"):
            import_file(log, str(tmp_path / "none.ndjson"))
        with pytest.raises(ImportFileError, match="Is a directory"):
            import_file(log, str(tmp_path))

    def test_a_torn_gz_keeps_what_was_whole(self, log: EventLog, write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(run, "BATCH", 1)
        path = write(*(line(str(number)) for number in range(2000)), name="in.ndjson.gz")
        path.write_bytes(path.read_bytes()[:-60])
        with pytest.raises(ImportFileError, match="not a whole gzip file"):
            import_file(log, str(path))
        path.write_bytes(b"no gzip at all")
        with pytest.raises(ImportFileError, match="not a whole gzip file"):
            import_file(log, str(path))

    @pytest.mark.parametrize("name", ["in.ndjson", "in.ndjson.gz"])
    def test_a_byte_order_mark_is_no_part_of_the_first_line(self, log: EventLog, write: Write, name: str) -> None:
        first = line("a", client="2024/0153")
        result = import_file(log, str(write(b"\xef\xbb\xbf" + orjson.dumps(first), line("b"), name=name)))
        assert (result.recorded, result.rejected) == (2, 0)
        without = import_file(log, str(write(first, line("b"), name="without.ndjson")))
        assert (without.recorded, without.known) == (0, 2)

    @pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32"])
    def test_utf_16_is_said_with_the_remedy(self, log: EventLog, tmp_path: Path, encoding: str) -> None:
        path = tmp_path / "in.ndjson"
        path.write_bytes((orjson.dumps(line("a")).decode() + "\n").encode(encoding))
        with pytest.raises(ImportFileError, match="UTF-16: save it as UTF-8, as by iconv"):
            import_file(log, str(path))
        assert log.head() == 0

    def test_an_empty_file_is_an_empty_import(self, log: EventLog, write: Write) -> None:
        assert import_file(log, str(write())).lines == 0


FUTURE = (NOW + timedelta(minutes=6)).isoformat()
BAD: list[tuple[Any, str]] = [
    (b"{broken", "not JSON at column"),
    (b"\xff\xfe{}", "not JSON at column"),
    (b"[1]", "not a JSON object"),
    (b'"text"', "not a JSON object"),
    (line(extra=1), "unknown field 'extra'"),
    (line(client=...), "client: missing"),
    (line(client="  "), "client: missing"),
    (line(client=7), "client: missing"),
    (line(client="x" * 201), "client: is longer than 200"),
    (line(client="a\x00b"), "client: is longer than 200 characters or contains a NUL"),
    (line(type=...), "type: missing"),
    (line(type="Unheard"), "type: unknown event type 'Unheard'"),
    (line(version=2), "type: NoteAdded version 2 is not known"),
    (line(version="1"), "version: is not a whole number"),
    (line(occurred_at=...), "occurred_at: missing"),
    (line(occurred_at=1700000000), "occurred_at: missing"),
    (line(occurred_at="yesterday"), "occurred_at: is not a date and time"),
    (line(occurred_at="2026-02-01T09:00:00"), "occurred_at: has no UTC offset"),
    (line(occurred_at="2026-02-01"), "occurred_at: has no UTC offset"),
    (line(occurred_at="2026-01-06T24:00:00-05:00"), "occurred_at: is not a date and time"),
    (line(occurred_at="1899-12-31T23:59:59Z"), "occurred_at: is before 1900"),
    (line(occurred_at="0001-01-01T00:00:00+14:00"), "occurred_at: is before 1900"),
    (line(occurred_at="2026-02-01T09:00:00+15:00"), "occurred_at: is before 1900 or has an offset of more"),
    (line(occurred_at=FUTURE), "occurred_at: is in the future"),
    (line(occurred_at="9999-12-31T23:59:59-14:00"), "occurred_at: is in the future"),
    (line(recorded_at=FUTURE), "recorded_at: is in the future"),
    (line(recorded_at="x"), "recorded_at: is not a date and time"),
    (line(event_id="7"), "event_id: is not a UUID"),
    (line(event_id=7), "event_id: is not a UUID"),
    (line(correlation_id="7"), "correlation_id: is not a UUID"),
    (line(actor=7), "actor: is not a text"),
    (line(site="x" * 201), "site: is longer"),
    (b'{"data":' + b"[" * 1_000 + b"]" * 1_000 + b"}", "nests too deep"),
    (b'{"data":' + b'{"a":' * 1_000 + b"1" + b"}" * 1_000 + b"}", "nests too deep"),
    (b"[" * 100_000, "not JSON at column"),
    (line(data=[]), "data: is not an object"),
    (line(data={}), "NoteAdded: text: missing"),
    (line(data={"text": ""}), "NoteAdded: text: "),
    (line(data={"text": "a\x00b"}), "NoteAdded: text: contains a NUL"),
    (line(data={"text": "x" * 20_001}), "NoteAdded: text: String should have at most"),
    (line(data={"text": "x" * 1_000_000}), "the line is longer than 1,000,000 bytes"),
    (line(data={"text": "x", "colour": "red"}), "NoteAdded: colour: no such field; known fields are"),
    (line(type="LevelOfCareStarted", data={"level": "jail"}), "LevelOfCareStarted: level: "),
    (line(type="UseReported", data={"substance": "x", "on": "soon"}), "UseReported: on: "),
    (
        line(type="EntryCorrected", data={"target": ID, "reason": "x", "replacement": {"type": "NoteAdded"}}),
        "EntryCorrected: replacement",
    ),
    (
        line(
            type="EntryCorrected",
            data={
                "target": ID,
                "reason": "x",
                "replacement": {"type": "ClientErased", "occurred_at": "2026-02-01T09:00:00Z", "data": {}},
            },
        ),
        "EntryCorrected: replacement.type: ClientErased is not an entry about care",
    ),
]


@pytest.mark.parametrize(("bad", "reason"), BAD, ids=[reason[:40] for _, reason in BAD])
def test_a_bad_line_is_kept_with_its_number_and_reason(log: EventLog, write: Write, bad: Any, reason: str) -> None:
    path = write(line("before"), bad, line("after"))
    result = import_file(log, str(path), keep_recorded_at=True)
    assert (result.lines, result.recorded, result.rejected) == (3, 2, 1)
    assert texts(log) == ["before", "after"]
    assert result.rejects_file is not None
    [kept] = map(orjson.loads, result.rejects_file.read_bytes().splitlines())
    assert kept["line"] == 2
    assert kept["reason"].startswith(reason)
    secret = "x" * 300
    assert secret not in kept["reason"]


def test_a_zone_for_times_that_have_none(log: EventLog, write: Write) -> None:
    given = [
        line("a", occurred_at="2026-01-06T18:00:00"),
        line("b", occurred_at="2026-01-06T18:00:00Z"),
        line("c", occurred_at="2025-03-09T02:30:00"),
        line("d", occurred_at="2025-11-02T01:30:00"),
        line("e", occurred_at="2025-11-02T01:30:00-05:00"),
    ]
    result = import_file(log, str(write(*given)), source=Source(ZoneInfo("America/New_York")))
    assert [entry.occurred_at.isoformat() for entry in log.stream(log.client_id("A-1"))] == [
        "2026-01-06T18:00:00-05:00",
        "2026-01-06T18:00:00+00:00",
        "2025-11-02T01:30:00-05:00",
    ]
    assert result.rejects_file is not None
    skipped, twice = (orjson.loads(kept)["reason"] for kept in result.rejects_file.read_bytes().splitlines())
    assert skipped.startswith("occurred_at: 02:30 does not exist on 2025-03-09 in America/New_York: clocks went from")
    assert twice.startswith("occurred_at: 01:30 on 2025-11-02 comes twice that night")


def test_five_minutes_of_clock_skew_are_allowed(log: EventLog, write: Write) -> None:
    assert import_file(log, str(write(line(occurred_at=(NOW + timedelta(minutes=5)).isoformat())))).recorded == 1


def test_mended_lines_go_in_and_the_old_rejects_are_gone(log: EventLog, write: Write) -> None:
    bad = import_file(log, str(write(line("a"), line("b", occurred_at="yesterday"))))
    assert bad.rejects_file is not None
    mended = import_file(log, str(write(line("a"), line("b"))))
    assert (mended.recorded, mended.known, mended.rejects_file) == (1, 1, None)
    assert not bad.rejects_file.exists()
