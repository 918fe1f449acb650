"""A chart is one person's: an NDJSON registration with another birth date is rejected, whatever stands before it."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import orjson
import pytest

from infra.eventstore.log import EventLog
from infra.eventstore.setup import open_log
from infra.interop.exporters.events import export_lines
from infra.interop.importers.events import run
from infra.interop.importers.events.rules import unmet_rules
from infra.interop.importers.events.run import ImportResult, import_file
from tests.day import UTC_DAYS
from tests.infra.interop.importers.conftest import MID_2026
from tests.spec import KEY

Give = Callable[..., ImportResult]
ONE, OTHER = "1990-02-03", "1955-01-01"
FIRST_ID = "0b0c9a52-3f1e-4a51-9d55-2d8d6f1f0a01"


@pytest.fixture
def give(embedded: EventLog, tmp_path: Path) -> Give:
    """Imports lines as a file of their own."""
    files: list[Path] = []

    def to(*lines: dict[str, Any]) -> ImportResult:
        files.append(tmp_path / f"{len(files)}.ndjson")
        files[-1].write_bytes(b"".join(orjson.dumps(line) + b"\n" for line in lines))
        return import_file(embedded, str(files[-1]), keep_recorded_at=True)

    return to


def registered(born: str, client: str = "C-1", **more: Any) -> dict[str, Any]:
    data = {"name": "Test Person", "birth_date": born}
    return _line("ClientRegistered", data, client=client, **more)


def _line(kind: str, data: dict[str, Any], *, client: str = "C-1", **more: Any) -> dict[str, Any]:
    return {"client": client, "type": kind, "occurred_at": "2026-01-02T09:00:00-05:00", "data": data, **more}


def _retracted() -> dict[str, Any]:
    return _line("EntryRetracted", {"target": FIRST_ID, "reason": "the wrong chart"})


def _corrected(born: str) -> dict[str, Any]:
    said = registered(born)
    replacement = {name: said[name] for name in ("type", "occurred_at", "data")}
    return _line("EntryCorrected", {"target": FIRST_ID, "replacement": replacement, "reason": "misread"})


def _counts(result: ImportResult) -> tuple[int, int, int]:
    return result.recorded, result.known, result.rejected


def test_another_birth_date_is_rejected_with_the_line_and_no_value(give: Give) -> None:
    give(registered(ONE))
    result = give(_line("NoteAdded", {"text": "seen"}), registered(OTHER, client=" c-1 "))
    assert _counts(result) == (1, 0, 1)
    assert result.rejects_file is not None
    [rejected] = map(orjson.loads, result.rejects_file.read_bytes().splitlines())
    assert rejected["line"] == 2
    assert rejected["reason"].startswith("data.birth_date: the chart is registered with another birth date")
    assert OTHER not in rejected["reason"]
    assert ONE not in rejected["reason"]


@pytest.mark.parametrize("batch", [1, 5_000])
def test_also_where_the_other_one_stands_earlier_in_the_file(
    give: Give, batch: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run, "BATCH", batch)
    assert _counts(give(registered(ONE), registered(OTHER), registered(OTHER, client="C-2"))) == (2, 0, 1)


def test_the_same_birth_date_is_recorded_and_listed(give: Give, embedded: EventLog) -> None:
    result = give(registered(ONE), registered(ONE))
    assert _counts(result) == (2, 0, 0)
    assert [unmet.criterion for unmet in unmet_rules(embedded, 0)] == ["registered_once"]


def test_the_same_lines_again_are_known(give: Give) -> None:
    give(registered(ONE, event_id=FIRST_ID))
    assert _counts(give(registered(ONE, event_id=FIRST_ID))) == (0, 1, 0)


@pytest.mark.parametrize("batch", [1, 5_000])
@pytest.mark.parametrize(
    ("before", "born", "rejected"),
    [
        ((_retracted(),), OTHER, 0),  # who was registered by mistake is nobody of this chart
        ((_corrected(OTHER),), OTHER, 0),
        ((_corrected(OTHER),), ONE, 1),
        ((_line("ClientDetailsUpdated", {"birth_date": OTHER}),), OTHER, 0),
        ((_line("ClientDetailsUpdated", {"name": "New Name"}),), OTHER, 1),
    ],
)
def test_what_counts_by_then_decides(
    give: Give,
    batch: int,
    before: tuple[dict[str, Any], ...],
    born: str,
    rejected: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(run, "BATCH", batch)
    assert give(registered(ONE, event_id=FIRST_ID), *before, registered(born)).rejected == rejected


def test_a_correction_of_a_registration_is_no_second_one(give: Give) -> None:
    assert give(registered(ONE, event_id=FIRST_ID), _corrected(OTHER)).rejected == 0


def test_a_log_with_merged_and_registered_again_comes_back_identical(
    give: Give, embedded: EventLog, tmp_path: Path
) -> None:
    give(
        registered(ONE, event_id=FIRST_ID),
        _retracted(),
        registered(OTHER),
        registered(ONE, client="C-2"),
        _line("ChartsMerged", {"other_client": "C-2"}),
        registered(ONE, client="C-3"),
        registered(ONE, client="C-3"),
    )
    exported = _exported(embedded)
    file = tmp_path / "all.ndjson"
    file.write_bytes(exported)
    copy = open_log(f"sqlite:///{tmp_path}/copy.db", KEY, UTC_DAYS, lambda: MID_2026)
    assert import_file(copy, str(file), keep_recorded_at=True).rejected == 0
    assert _exported(copy) == exported
    copy.close()


def test_a_chart_with_an_unreadable_entry_is_judged_by_the_others(give: Give, tmp_path: Path) -> None:
    give(registered(ONE))
    give(_line("ClientDetailsUpdated", {"name": "New Name"}))
    with sqlite3.connect(tmp_path / "log.db") as raw:
        raw.execute("UPDATE stored_events SET topic='ClientDetailsUpdated.99' WHERE topic LIKE 'ClientDetailsUpdated%'")
    assert _counts(give(registered(OTHER))) == (0, 0, 1)


def _exported(log: EventLog) -> bytes:
    return b"".join(export_lines(log))
