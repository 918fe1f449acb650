"""What an import brings says so: who ran it, in which batch, when; and no file dates anything back on a chart kept here."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import orjson
import pytest
from pydantic import SecretStr

from domain.commands import Draft
from domain.events import NoteAdded
from infra.bootstrap import Services, open_services
from infra.eventstore.client_chart import open_chart
from infra.eventstore.log import Append, Author, NewEntry
from infra.history.changes.history import history
from infra.integrity.seal_setup import seal
from infra.integrity.verify_setup import verify
from infra.interop.exporters.events import export_lines
from infra.interop.importers.events.run import ImportResult, import_file
from infra.settings import Settings
from tests.infra.conftest import NOW, services_at

LONG_AGO = "2026-01-06T10:00:00+00:00"
MERGE: dict[str, Any] = {"type": "ChartsMerged", "data": {"other_client": "KEPT"}}


def line(client: str = "KEPT", **other: Any) -> dict[str, Any]:
    said: dict[str, Any] = {
        "client": client,
        "type": "NoteAdded",
        "occurred_at": "2026-01-05T10:00:00+00:00",
        "data": {"text": "n"},
        "actor": "dr-other",
        "role": "clinician",
        "source": "carejourney",
        "recorded_at": LONG_AGO,
    }
    return said | other


class House:
    """A store whose clock can be moved, with imports and entries made here."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.now, self.made = folder, NOW, 0
        url = SecretStr(f"sqlite:///{folder}/store.db")
        self.services: Services = open_services(
            Settings(database_url=url, master_key=SecretStr("ab" * 32)), lambda: self.now
        )

    def take(self, *lines: dict[str, Any], keep: bool = True) -> ImportResult:
        self.made += 1
        path = self.folder / f"{self.made}.ndjson"
        path.write_bytes(b"".join(orjson.dumps(one) + b"\n" for one in lines))
        return import_file(self.services.log, str(path), keep_recorded_at=keep)

    def note(self, client: str) -> None:
        event = NoteAdded(text="made here")
        self.services.log.append(Append(client, [NewEntry(Draft(event, NOW), Author("c-1", "clinician"))]))

    def rows(self, client: str) -> list[dict[str, Any]]:
        return history(open_chart(self.services.log, client))


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    house = House(tmp_path)
    yield house
    house.services.close()


def test_each_imported_entry_says_who_brought_it_when_and_what_it_claims(house: House) -> None:
    house.take(line(), line(data={"text": "another"}))
    house.take(line("B", source=None))
    first, second = house.rows("KEPT")
    assert (first["actor"], first["recorded_at"], first["source"]) == ("dr-other", LONG_AGO, "import")
    assert first["claimed_source"] == "carejourney"
    assert first["imported_by"].startswith("os:")
    assert datetime.fromisoformat(first["imported_at"]) == NOW
    assert first["import_batch"] == second["import_batch"]
    [other] = house.rows("B")
    assert other["import_batch"] != first["import_batch"]
    assert (other["source"], other["claimed_source"]) == ("import", "")


def test_what_is_recorded_here_says_no_import(house: House) -> None:
    house.note("KEPT")
    [row] = house.rows("KEPT")
    assert (row["source"], row["imported_by"], row["imported_at"], row["import_batch"]) == (
        "carejourney",
        None,
        None,
        None,
    )


def test_without_a_kept_time_the_time_of_recording_is_the_knowledge_time(house: House) -> None:
    house.take(line(), keep=False)
    [row] = house.rows("KEPT")
    assert row["recorded_at"] == row["imported_at"] == NOW.isoformat()


def test_nothing_becomes_known_in_the_past_of_a_chart_that_is_kept_here(house: House) -> None:
    house.note("KEPT")
    made_here = house.rows("KEPT")[0]["event_id"]
    retraction = line(type="EntryRetracted", data={"target": made_here, "reason": "forged"})
    result = house.take(line(), retraction, line("NEW"), line("NEW", recorded_at=None))
    assert (result.rejected, result.recorded) == (2, 2)
    assert result.reasons == {"recorded_at": 2}
    assert len(house.rows("KEPT")) == 1
    assert result.rejects_file is not None
    assert "made here" in result.rejects_file.read_text()


def test_without_a_time_of_its_own_such_a_line_is_recorded_now(house: House) -> None:
    house.note("KEPT")
    assert house.take(line(recorded_at=None)).rejected == 0
    assert house.take(line(), keep=False).recorded == 1
    assert {row["recorded_at"] for row in house.rows("KEPT")} == {NOW.isoformat()}


def test_a_chart_that_only_imports_wrote_keeps_what_was_known_when(house: House) -> None:
    house.take(line())
    assert house.take(line(data={"text": "later"})).rejected == 0
    assert {row["recorded_at"] for row in house.rows("KEPT")} == {LONG_AGO}
    house.note("KEPT")
    assert house.take(line(data={"text": "too late"})).rejected == 1


def test_a_merge_dates_nothing_back_on_the_other_chart(house: House) -> None:
    house.note("KEPT")
    assert house.take(line("NEW"), line("NEW", **MERGE)).rejected == 1
    assert len(house.rows("KEPT")) == 1


def test_what_comes_to_a_merged_chart_dates_nothing_back_on_the_one_that_follows(house: House) -> None:
    house.take(line("OLD"), line("KEPT", type="ChartsMerged", data={"other_client": "OLD"}))
    house.note("KEPT")
    before = len(house.rows("KEPT"))
    assert house.take(line("OLD", data={"text": "under the old number"})).rejected == 1
    assert len(house.rows("KEPT")) == before


def test_the_same_again_is_known_whoever_made_the_chart_go_on(house: House) -> None:
    house.take(line())
    house.note("KEPT")
    lines = [orjson.loads(one) for one in export_lines(house.services.log)]
    result = house.take(*lines)
    assert (result.known, result.recorded, result.rejected) == (2, 0, 0)


def test_a_full_export_goes_round_and_says_who_brought_it(house: House, tmp_path: Path) -> None:
    house.take(line())
    house.note("KEPT")
    file = tmp_path / "all.ndjson"
    file.write_bytes(b"".join(export_lines(house.services.log)))
    other = services_at(tmp_path, "other")
    assert import_file(other.log, str(file), keep_recorded_at=True).rejected == 0
    assert b"".join(export_lines(other.log)) == file.read_bytes()
    rows = history(open_chart(other.log, "KEPT"))
    assert [row["claimed_source"] for row in rows] == ["carejourney", "carejourney"]
    assert all(row["source"] == "import" for row in rows)
    other.close()


def test_verification_lists_what_an_import_dated_back_and_finds_what_none_did(house: House) -> None:
    house.take(line("FIRST"))
    seal(house.services)
    house.now = NOW + timedelta(hours=1)
    house.take(line("NEW"), line("NEW", data={"text": "two"}))
    house.note("ALIVE")
    seal(house.services)
    report = verify(house.services)
    assert report.findings == []
    [notice] = report.notices
    assert "entries with knowledge times before a head" in notice and notice.endswith(": 2")
    assert "os:" in notice
    house.now = NOW - timedelta(hours=1)  # nobody imports: a clock was set back, or somebody forges
    house.note("ALIVE")
    [finding] = verify(house.services).findings
    assert (finding.kind, finding.log, finding.sequence) == ("backdated", "care", 2)
