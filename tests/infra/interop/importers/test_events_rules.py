"""The rules of live commands on lines that come in: refused where that is asked for, else listed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest

from infra.eventstore.log import EventLog
from infra.eventstore.setup import open_log
from infra.interop.importers.events.rules import unmet_rules
from infra.interop.importers.events.run import import_file
from tests.day import UTC_DAYS
from tests.infra.interop.importers.event_lines import ID, Write, line
from tests.spec import KEY, NOW


@pytest.fixture
def log(tmp_path: Path) -> Iterator[EventLog]:
    """An empty log, its clock standing at NOW."""
    log = open_log(f"sqlite:///{tmp_path}/log.db", KEY, UTC_DAYS, lambda: NOW)
    yield log
    log.close()


class TestStrict:
    """``--strict``: what a live command would refuse is rejected, by the lines before it too."""

    START = line(type="LevelOfCareStarted", data={"level": "residential"})
    SESSION = line(type="SessionAttended", data={"kind": "group", "minutes": 60}, occurred_at="2026-02-02T09:00:00Z")

    def test_refused_with_the_criterion(self, log: EventLog, write: Write) -> None:
        override = line(
            type="LevelOfCareStarted", data={"level": "residential", "override_reason": "history"}, role="clinician"
        )
        path = write(self.SESSION, self.START, override, self.SESSION)
        result = import_file(log, str(path), strict=True)
        assert (result.recorded, result.rejected, dict(result.reasons)) == (2, 2, {"refused": 2})
        assert result.rejects_file is not None
        reasons = [orjson.loads(kept)["reason"] for kept in result.rejects_file.read_bytes().splitlines()]
        assert "belongs_to_an_open_level" in reasons[0]
        assert "full_assessment" in reasons[1]

    def test_charts_are_kept_by_the_rules_of_commands(self, log: EventLog, write: Write) -> None:
        merge, undo = {"event_id": ID, "type": "ChartsMerged"}, "0b0c9a52-3f1e-4a51-9d55-2d8d6f1f0a02"
        other = {"type": "NoteAdded", "occurred_at": "2026-02-01T09:00:00-06:00", "data": {"text": "x"}}
        lines = [
            line(client="A-2"),
            line(client="A-1"),
            line(**merge, data={"other_client": "A-1"}),
            line(**merge, data={"other_client": "A-9"}),
            line(**merge, data={"other_client": "A-2"}),
            line(client="A-2"),
            line(type="EntryCorrected", data={"target": ID, "reason": "x", "replacement": other}),
            line(type="EntryRetracted", data={"target": ID, "reason": "two people"}, event_id=undo),
            line(type="EntryRetracted", data={"target": undo, "reason": "one after all"}),
            line("again", client="A-2"),
        ]
        result = import_file(log, str(write(*lines)), strict=True)
        assert result.rejects_file is not None
        kept = [orjson.loads(text) for text in result.rejects_file.read_bytes().splitlines()]
        assert [(one["line"], one["reason"].split(": ")[1]) for one in kept] == [
            (3, "another_chart"),
            (4, "another_chart"),
            (6, "chart_not_merged"),
            (7, "target_is_a_clinical_entry"),
            (9, "merge_not_undone"),
        ]
        assert (result.recorded, result.derived) == (5, 2)

    def test_what_is_recorded_already_passes(self, log: EventLog, write: Write) -> None:
        path = str(write(self.SESSION, self.START))
        assert import_file(log, path).recorded == 2
        again = import_file(log, path, strict=True)
        assert (again.known, again.rejected) == (2, 0)


class TestUnmet:
    """What a live command would have refused is recorded as it was, and reported."""

    def unmet(self, log: EventLog, write: Write, *lines: dict[str, Any]) -> list[tuple[str, int, str]]:
        result = import_file(log, str(write(*lines)))
        assert result.recorded == len(lines)
        return sorted((found.type, found.sequence, found.criterion) for found in unmet_rules(log, result.since))

    def test_a_start_without_an_assessment_and_a_session_outside(self, log: EventLog, write: Write) -> None:
        early = TestStrict.SESSION | {"occurred_at": "2026-01-01T09:00:00Z"}
        assert self.unmet(log, write, TestStrict.START, TestStrict.SESSION, early) == [
            ("LevelOfCareStarted", 1, "full_assessment"),
            ("SessionAttended", 3, "belongs_to_an_open_level"),
        ]

    def test_what_cannot_be(self, log: EventLog, write: Write) -> None:
        """Scores and dates as they come from elsewhere: recorded, and told of one by one."""
        born = {"name": "Test Person", "birth_date": "2046-01-01"}
        found = self.unmet(
            log,
            write,
            line(client="A-1", type="ClientRegistered", data=born),
            line(client="A-1", type="UseReported", data={"substance": "alcohol", "on": "2099-01-01"}),
            line(client="A-1", type="AbstinenceReported", data={"through": "2026-01-05", "days": 1_000_000}),
            line(client="A-1", type="InstrumentScored", data={"instrument": "phq9", "score": 99}),
            line(client="A-1", type="InstrumentScored", data={"instrument": "phq99", "score": 900}),
            line(client="A-1", type="DiagnosisRecorded", data={"icd10": "opioid", "category": "substance_use"}),
        )
        assert found == [
            ("AbstinenceReported", 3, "date_not_before_birth"),
            ("ClientRegistered", 1, "possible_birth_date"),
            ("DiagnosisRecorded", 6, "icd10_code"),
            ("InstrumentScored", 4, "score_within_range"),
            ("InstrumentScored", 5, "known_instrument"),
            ("UseReported", 2, "date_not_after_entry"),
        ]

    def test_a_name_that_nobody_sees_is_rejected(self, log: EventLog, write: Write) -> None:
        blank = {"name": "\u200b ", "birth_date": "1990-02-03"}
        result = import_file(log, str(write(line(client="A-1", type="ClientRegistered", data=blank))))
        assert (result.recorded, result.rejected) == (0, 1)

    def test_an_entry_for_a_chart_that_a_merge_had_closed_follows_the_survivor(
        self, log: EventLog, write: Write
    ) -> None:
        merge = line(client="A-1", type="ChartsMerged", data={"other_client": "A-2"})
        assert self.unmet(log, write, line(client="A-2"), merge, line("late", client="A-2")) == []

    def test_charts_that_take_each_other_over_are_told(self, log: EventLog, write: Write) -> None:
        merge = line(client="A-1", type="ChartsMerged", data={"other_client": "A-2"})
        back = line("late", client="A-2", type="ChartsMerged", data={"other_client": "A-1"})
        assert ("ChartsMerged", "chart_not_merged") in {
            (kind, criterion) for kind, _, criterion in self.unmet(log, write, line(client="A-2"), merge, back)
        }


OTHER = "0b0c9a52-3f1e-4a51-9d55-2d8d6f1f0a77"
NOTE = {"type": "NoteAdded", "occurred_at": "2026-02-01T09:00:00-06:00", "data": {"text": "x"}}
BACK = line(type="EntryRetracted", data={"target": OTHER, "reason": "x"})
CORRECTED = line(type="EntryCorrected", data={"target": OTHER, "reason": "x", "replacement": NOTE})
AGAIN = BACK | {"occurred_at": "2026-01-21T09:00:00Z"}
ON_MERGE = line(type="EntryCorrected", data={"target": ID, "reason": "x", "replacement": NOTE})
MERGE = line(type="ChartsMerged", data={"other_client": "A-2"}, event_id=ID)


class TestAmendments:
    """Corrections and retractions of what is not there, is gone, or is no care: listed, and refused by --strict."""

    @pytest.mark.parametrize(
        ("lines", "criterion"),
        [
            ([BACK], "target_is_on_this_chart"),
            ([CORRECTED], "target_is_on_this_chart"),
            ([line("elsewhere", client="A-2", event_id=OTHER), BACK], "target_is_on_this_chart"),
            ([line(event_id=OTHER), BACK, AGAIN], "target_not_retracted"),
            ([line(event_id=OTHER), BACK, CORRECTED], "target_not_retracted"),
            ([BACK | {"event_id": ID}, line(event_id=OTHER), ON_MERGE], "target_is_a_clinical_entry"),
            ([line("other", client="A-2"), MERGE, ON_MERGE], "target_is_a_clinical_entry"),
        ],
    )
    def test_are_told_by_both(self, log: EventLog, write: Write, lines: list[dict[str, Any]], criterion: str) -> None:
        path = str(write(*lines))
        assert import_file(log, path).recorded == len(lines)
        assert [found.criterion for found in unmet_rules(log, 0)] == [criterion]

    @pytest.mark.parametrize(
        ("lines", "criterion"),
        [
            ([BACK], "target_is_on_this_chart"),
            ([CORRECTED], "target_is_on_this_chart"),
            ([line(event_id=OTHER), BACK, AGAIN], "target_not_retracted"),
            ([line("other", client="A-2"), MERGE, ON_MERGE], "target_is_a_clinical_entry"),
        ],
    )
    def test_are_refused(self, log: EventLog, write: Write, lines: list[dict[str, Any]], criterion: str) -> None:
        result = import_file(log, str(write(*lines)), strict=True)
        assert (result.rejected, result.rejects_file is not None) == (1, True)
        assert result.rejects_file is not None
        assert criterion in result.rejects_file.read_text()

    def test_those_that_a_command_makes_are_not(self, log: EventLog, write: Write) -> None:
        undone = line(type="EntryRetracted", data={"target": ID, "reason": "x"})
        of_merged = line("other", client="A-2", event_id=OTHER)
        lines = [
            of_merged,
            line(type="ChartsMerged", data={"other_client": "A-2"}),
            BACK | {"event_id": ID},
            undone,
            AGAIN,
        ]
        import_file(log, str(write(*lines)))
        assert list(unmet_rules(log, 0)) == []

    def test_one_that_came_before_what_it_is_of_counts(self, log: EventLog, write: Write) -> None:
        import_file(log, str(write(BACK, line(event_id=OTHER))))
        assert list(unmet_rules(log, 0)) == []

    @pytest.mark.parametrize("kind", ["Unheard", "ClientErased", "EntryRetracted"])
    def test_one_to_what_is_no_entry_of_care_is_rejected_or_told(self, log: EventLog, write: Write, kind: str) -> None:
        wrong = line(type="EntryCorrected", data={"target": OTHER, "reason": "x", "replacement": NOTE | {"type": kind}})
        result = import_file(log, str(write(line(event_id=OTHER), wrong)))
        assert result.rejected or [found.criterion for found in unmet_rules(log, 0)] == ["target_is_a_clinical_entry"]


@pytest.mark.parametrize("kind", ["ChartsMerged", "NotSamePerson"])
def test_a_chart_is_merged_with_itself_in_no_way(log: EventLog, write: Write, kind: str) -> None:
    result = import_file(log, str(write(line(client="A-1", type=kind, data={"other_client": " a-1 "}))))
    assert (result.recorded, result.rejected) == (0, 1)
