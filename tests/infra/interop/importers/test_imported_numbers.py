"""Chart numbers in import lines: one stream in any spelling, and nothing under what cannot be a number."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest

from domain.events import ChartClosed
from infra.eventstore.client_chart import open_chart
from infra.eventstore.log import EventLog
from infra.eventstore.setup import open_log
from infra.interop.exporters.events import export_lines
from infra.interop.importers.converted import Converted, LeftOver, record
from infra.interop.importers.events.run import import_file
from tests.day import UTC_DAYS
from tests.spec import KEY, NOW


@pytest.fixture
def log(tmp_path: Path) -> Iterator[EventLog]:
    """An empty log, its clock standing at NOW."""
    log = open_log(f"sqlite:///{tmp_path}/log.db", KEY, UTC_DAYS, lambda: NOW)
    yield log
    log.close()


def note(client: str, text: str = "seen") -> dict[str, Any]:
    at = "2026-02-01T09:00:00-06:00"
    return {"client": client, "type": "NoteAdded", "occurred_at": at, "data": {"text": text}}


def merge(client: str, other: str) -> dict[str, Any]:
    return {**note(client), "type": "ChartsMerged", "data": {"other_client": other}}


def bring(log: EventLog, folder: Path, *lines: Any) -> Any:
    path = folder / "in.ndjson"
    path.write_bytes(b"".join(orjson.dumps(line) + b"\n" for line in lines))
    return import_file(log, str(path))


def test_spellings_of_one_batch_are_one_stream_under_the_first_of_them(log: EventLog, tmp_path: Path) -> None:
    result = bring(log, tmp_path, note("C-1001"), note(" c-1001 "), note("Ｃ-1001"), note("2024/0153"))
    assert (result.recorded, result.rejected, result.clients) == (4, 0, 2)
    chart = open_chart(log, "c-1001")
    assert (len(chart.entries), chart.sequence, chart.reference) == (3, 3, "C-1001")


def test_a_merge_names_the_other_chart_in_any_spelling(log: EventLog, tmp_path: Path) -> None:
    bring(log, tmp_path, note("A-1"), note("B-2"), merge("a-1", " b-2"))
    assert [type(entry.event) for entry in log.stream(log.client_id("B-2"))][-1] is ChartClosed
    assert len(open_chart(log, "A-1").entries) == 3


@pytest.mark.parametrize("bad", ["A\u200b1", "A\n1", "\u202eA", "\u2060A"])
def test_a_line_under_what_cannot_be_a_number_is_rejected(log: EventLog, tmp_path: Path, bad: str) -> None:
    result = bring(log, tmp_path, note(bad), merge("A-1", bad), note("A-1"))
    assert (result.recorded, result.rejected) == (1, 2)
    assert result.rejects_file is not None
    reasons = [orjson.loads(line)["reason"] for line in result.rejects_file.read_bytes().splitlines()]
    assert [reason.partition(":")[0] for reason in reasons] == ["client", "data.other_client"]
    assert all("chart number" in reason and bad not in reason for reason in reasons)


def test_other_formats_leave_it_over(log: EventLog) -> None:
    result = record(log, [Converted("line 2", {**note("A\u200b1"), "event_id": "0" * 32}), LeftOver("x", "y", "z")])
    assert (result.recorded, len(result.left)) == (0, 2)
    assert [left.place for left in result.left if "chart number" in left.reason] == ["line 2"]


def test_an_export_brought_back_is_known(log: EventLog, tmp_path: Path) -> None:
    bring(log, tmp_path, note("C/1"), note("c/1"), note(".."), note("Ｄ 4"))
    exported = tmp_path / "out.ndjson"
    exported.write_bytes(b"".join(export_lines(log)))
    again = import_file(log, str(exported))
    assert (again.recorded, again.known) == (0, 4)


def test_what_was_told_apart_is_known_when_it_comes_again(log: EventLog, tmp_path: Path) -> None:
    given = {**note("A-1"), "type": "NotSamePerson", "event_id": "0b0c9a52-3f1e-4a51-9d55-2d8d6f1f0a01"}
    first, second = (bring(log, tmp_path, {**given, "data": {"other_client": other}}) for other in ("B-2", " b-2"))
    assert (first.recorded, second.known, second.rejected) == (1, 1, 0)
