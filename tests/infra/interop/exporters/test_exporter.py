"""Export: everything re-imports into an identical log."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import orjson

from domain.commands import Draft
from domain.events import NoteAdded
from infra.bootstrap import Services
from infra.eventstore.log import Append, Author, NewEntry
from infra.interop.exporters.events import export_lines
from infra.interop.importers.events.run import import_file
from infra.reporting.reports import REPORTS, ReportParams, run_report
from tests.infra.conftest import services_at

MERGE = (
    '{"client":"A","type":"ChartsMerged","occurred_at":"2026-03-01T09:00:00Z",'
    '"event_id":"11111111-1111-4111-8111-111111111111","data":{"other_client":"B"}}'
)


def test_an_export_re_imports_into_an_identical_log(programme: Services, tmp_path: Path) -> None:
    file = tmp_path / "export.ndjson"
    file.write_bytes(b"".join(export_lines(programme.log)))
    other = services_at(tmp_path, "again")
    result = import_file(other.log, str(file), keep_recorded_at=True)
    assert (result.rejected, result.recorded) == (0, programme.log.head())
    assert b"".join(export_lines(other.log)) == file.read_bytes()
    other.catch_up()
    for name in REPORTS:
        assert run_report(name, other, ReportParams()) == run_report(name, programme, ReportParams()), name
    other.close()


def test_a_merge_and_its_retraction_survive_the_round_trip(tmp_path: Path) -> None:
    lines = [
        '{"client":"A","type":"LevelOfCareStarted","occurred_at":"2026-01-01T09:00:00Z","data":{"level":"residential"}}',
        '{"client":"B","type":"LevelOfCareStarted","occurred_at":"2026-02-01T09:00:00Z","data":{"level":"medical_detox"}}',
        MERGE,
    ]
    undo = (
        '{"client":"A","type":"EntryRetracted","occurred_at":"2026-03-02T09:00:00Z",'
        '"data":{"target":"11111111-1111-4111-8111-111111111111","reason":"two people after all"}}'
    )
    first = services_at(tmp_path, "first")
    (tmp_path / "a.ndjson").write_text("\n".join(lines))
    import_file(first.log, str(tmp_path / "a.ndjson"))
    first.catch_up()
    assert [row["client"] for row in run_report("status", first, ReportParams(per_client=True))] == ["A"]
    (tmp_path / "b.ndjson").write_text(undo)
    import_file(first.log, str(tmp_path / "b.ndjson"))
    first.catch_up()
    found = {row["client"]: row["level"] for row in run_report("status", first, ReportParams(per_client=True))}
    assert found == {"A": "residential", "B": "medical_detox"}
    (tmp_path / "out.ndjson").write_bytes(b"".join(export_lines(first.log)))
    second = services_at(tmp_path, "second")
    assert import_file(second.log, str(tmp_path / "out.ndjson"), keep_recorded_at=True).rejected == 0
    assert b"".join(export_lines(second.log)) == (tmp_path / "out.ndjson").read_bytes()
    assert second.log.head() == first.log.head()
    first.close()
    second.close()


def test_who_recorded_an_entry_survives_the_round_trip(tmp_path: Path) -> None:
    """By issuer and subject; a line without them has the name alone."""
    first, second = services_at(tmp_path, "first"), services_at(tmp_path, "second")
    at = datetime(2026, 1, 1, 9, tzinfo=UTC)
    known = Author("a.meyer", "clinician", issuer="https://idp.example", subject="4711")
    for author in (known, Author("a.meyer", "clinician")):
        first.log.append(Append("A", [NewEntry(Draft(NoteAdded(text="seen"), at), author)]))
    exported = b"".join(export_lines(first.log))
    lines = [orjson.loads(line) for line in exported.splitlines()]
    assert [(line["actor"], line.get("issuer"), line.get("subject")) for line in lines] == [
        ("a.meyer", "https://idp.example", "4711"),
        ("a.meyer", None, None),
    ]
    (tmp_path / "out.ndjson").write_bytes(exported)
    assert import_file(second.log, str(tmp_path / "out.ndjson"), keep_recorded_at=True).rejected == 0
    assert b"".join(export_lines(second.log)) == exported
    (tmp_path / "other.ndjson").write_bytes(exported.replace(b"4711", b"4712"))
    assert import_file(second.log, str(tmp_path / "other.ndjson"), keep_recorded_at=True).rejected == 1
    first.close()
    second.close()
