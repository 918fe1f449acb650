"""A table that comes again: rows that say something else, that moved to another client, that are numbered per client."""

from __future__ import annotations

from pathlib import Path

import orjson
import pytest

from domain.entries import effective
from infra.eventstore.log import EventLog
from infra.interop.importers.events.run import import_file
from infra.interop.importers.items import entry_id
from infra.interop.importers.tables.mapping import read_mapping
from infra.interop.importers.tables.run import TableResult, import_table
from tests.infra.interop.importers.test_tables import HEADER, MAPPING, log as log

ATTENDED = "C-1001,V-1,01/06/2026,18:00,attended,GRP,180,mindfulness,North\n"


class TestAgain:
    """A row that says something else in the next export corrects what it made: one visit, never two."""

    @staticmethod
    def _take(log: EventLog, folder: Path, row: str) -> TableResult:
        target = folder / "sessions.csv"
        target.write_text(f"{HEADER}\n{row}")
        return import_table(log, target, read_mapping(MAPPING))

    @staticmethod
    def _sessions(log: EventLog, number: str = "C-1001") -> list[str]:
        sessions = effective(log.stream(log.client_id(number), opened=True))
        return [f"{entry.type} {getattr(entry.event, 'minutes', '')}" for entry in sessions]

    def test_a_row_that_was_corrected(self, tmp_path: Path, log: EventLog) -> None:
        self._take(log, tmp_path, ATTENDED)
        shorter = ATTENDED.replace("180", "90")
        assert self._take(log, tmp_path, shorter).by_type == {"EntryCorrected": 1}
        assert self._sessions(log) == ["SessionAttended 90"]
        assert self._take(log, tmp_path, shorter).recorded == 0
        missed = shorter.replace("attended", "no show").replace("90", "")
        assert self._take(log, tmp_path, missed).by_type == {"EntryCorrected": 1}
        assert self._sessions(log) == ["SessionMissed "]
        assert self._take(log, tmp_path, missed).recorded == 0

    def test_a_row_that_tells_of_something_else(self, tmp_path: Path, embedded: EventLog) -> None:
        """A correction makes no entry of another kind: the first is retracted, and the other recorded."""
        note = """
[[entry]]
type = "NoteAdded"
when = { status = "note" }
occurred_at = { columns = ["date", "time"], format = "%m/%d/%Y %H:%M" }
[entry.data]
text = { column = "topic" }
"""
        (tmp_path / "both.toml").write_text(MAPPING.read_text() + note)
        target = tmp_path / "sessions.csv"
        for row in (ATTENDED, ATTENDED.replace("attended", "note")):
            target.write_text(f"{HEADER}\n{row}")
            result = import_table(embedded, target, read_mapping(tmp_path / "both.toml"))
        assert (result.by_type, self._sessions(embedded)) == ({"EntryRetracted": 1, "NoteAdded": 1}, ["NoteAdded "])

    def test_a_row_whose_client_was_corrected_is_listed(self, tmp_path: Path, log: EventLog) -> None:
        self._take(log, tmp_path, ATTENDED)
        moved = ATTENDED.replace("C-1001", "C-1002")
        result = self._take(log, tmp_path, moved)
        assert (result.recorded, result.differs) == (0, 1)
        assert [one.reason for one in result.left] == ["is recorded on another chart: retract it there if it was moved"]
        assert self._sessions(log, "C-1002") == []

    def test_it_counts_once_it_was_retracted_there(self, tmp_path: Path, embedded: EventLog) -> None:
        self._take(embedded, tmp_path, ATTENDED)
        [entry] = embedded.stream(embedded.client_id("C-1001"))
        taken_back = {"target": entry.event_id, "reason": "Of another client."}
        said = {"client": "C-1001", "type": "EntryRetracted", "occurred_at": "2026-02-01T10:00:00Z", "data": taken_back}
        (tmp_path / "back.ndjson").write_bytes(orjson.dumps(said))
        import_file(embedded, str(tmp_path / "back.ndjson"))
        moved = ATTENDED.replace("C-1001", "C-1002")
        assert self._take(embedded, tmp_path, moved).recorded == 1
        assert self._take(embedded, tmp_path, moved).recorded == 0
        shorter = moved.replace("180", "90")
        assert self._take(embedded, tmp_path, shorter).by_type == {"EntryCorrected": 1}
        assert (self._sessions(embedded), self._sessions(embedded, "C-1002")) == ([], ["SessionAttended 90"])

    @pytest.mark.parametrize("says", [True, False])
    def test_rows_that_are_numbered_for_each_client_are_of_each(
        self, tmp_path: Path, embedded: EventLog, *, says: bool
    ) -> None:
        names = tmp_path / "names.toml"
        names.write_text(("id_per_client = true\n" if says else "") + MAPPING.read_text())
        others = ATTENDED.replace("C-1001", "C-1002")
        target = tmp_path / "sessions.csv"
        for content in (ATTENDED, others if says else ATTENDED + others, ATTENDED + others):
            target.write_text(f"{HEADER}\n{content}")
            result = import_table(embedded, target, read_mapping(names))
        assert (result.recorded, result.known, result.differs) == (0, 2, 0)
        assert len(self._sessions(embedded)) == len(self._sessions(embedded, "C-1002")) == 1
        result = self._take(embedded, tmp_path, others)
        assert (result.recorded, result.known) == (0, 1)

    def test_an_older_file_is_listed(self, tmp_path: Path, log: EventLog) -> None:
        self._take(log, tmp_path, ATTENDED)
        self._take(log, tmp_path, ATTENDED.replace("180", "90"))
        again = self._take(log, tmp_path, ATTENDED)
        assert (again.recorded, again.differs, self._sessions(log)) == (0, 1, ["SessionAttended 90"])

    @pytest.mark.parametrize("spelling", ["c-1001", " C-1001 ", "Ｃ-1001"])
    @pytest.mark.parametrize("names", [MAPPING.read_text(), MAPPING.read_text().replace("\nid = ", "\n#id = ")])
    def test_a_chart_number_is_the_same_in_every_spelling(
        self, tmp_path: Path, embedded: EventLog, names: str, spelling: str
    ) -> None:
        (tmp_path / "names.toml").write_text(names)
        target = tmp_path / "sessions.csv"
        for row in (ATTENDED, ATTENDED.replace("C-1001", spelling)):
            target.write_text(f"{HEADER}\n{row}")
            result = import_table(embedded, target, read_mapping(tmp_path / "names.toml"))
        assert (result.recorded, result.known, len(self._sessions(embedded))) == (0, 1, 1)

    def test_rows_of_an_earlier_release_are_known_by_the_spelling(self, tmp_path: Path, embedded: EventLog) -> None:
        data = {"kind": "group", "minutes": 180, "topic": "mindfulness"}
        said = {"client": "C-1001", "type": "SessionAttended", "occurred_at": "2026-01-06T18:00:00-06:00", "data": data}
        event_id = entry_id("table", "C-1001", "SessionAttended", "V-1", 0)
        (tmp_path / "old.ndjson").write_bytes(orjson.dumps({**said, "event_id": event_id, "site": "North"}))
        assert import_file(embedded, str(tmp_path / "old.ndjson")).recorded == 1
        assert self._take(embedded, tmp_path, ATTENDED.replace("180", "90")).by_type == {"EntryCorrected": 1}
        assert self._sessions(embedded) == ["SessionAttended 90"]
