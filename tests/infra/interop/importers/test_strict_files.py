"""Several files of one strict import are judged as if they were one, in the order given."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from threading import Thread

import orjson
import pytest

from infra.eventstore.log import EventLog
from infra.eventstore.setup import open_log
from infra.interop.importers.events.run import ImportFileError, given_files, import_given
from tests.day import UTC_DAYS
from tests.infra.interop.importers.event_lines import Write
from tests.infra.interop.importers.test_rules_after_merge import DECISION, MERGE, NOTES, TWICE, Line, corrected, of
from tests.spec import KEY, NOW

LINES = [*TWICE, of("A-1", corrected(2)), MERGE, of("A-1", corrected(2)), NOTES[0], DECISION, DECISION]
CUTS = range(len(LINES) + 1)


@pytest.fixture
def log(tmp_path: Path) -> Iterator[EventLog]:
    """An empty log, its clock standing at NOW."""
    made = open_log(f"sqlite:///{tmp_path}/strict.db", KEY, UTC_DAYS, lambda: NOW)
    yield made
    made.close()


def reasons(log: EventLog, *paths: Path) -> list[str]:
    """Why lines of these files are rejected, in their order, by one strict import."""
    found: list[str] = []
    with given_files(log, [str(path) for path in paths], strict=True) as files:
        for given in files:
            kept = import_given(log, given).rejects_file
            found += [orjson.loads(one)["reason"] for one in kept.read_bytes().splitlines()] if kept else []
    return found


@pytest.mark.parametrize("cut", CUTS)
def test_lines_come_to_the_same_wherever_a_file_ends(log: EventLog, write: Write, cut: int) -> None:
    both = write(*LINES[:cut], name="a.ndjson"), write(*LINES[cut:], name="b.ndjson.gz")
    before, again = reasons(log, *both)
    assert before.startswith("refused: target_is_on_this_chart")
    assert again.startswith("refused: stays_count_on_this_chart")
    assert log.stream(log.client_id("A-1"))[-1].type == "OverlapResolved"


@pytest.mark.parametrize("lines", [[[*TWICE, DECISION], [MERGE]], [[*TWICE], [DECISION], [MERGE]]])
def test_a_decision_in_an_earlier_file_decides_nothing(log: EventLog, write: Write, lines: list[list[Line]]) -> None:
    files = [write(*some, name=f"{number}.ndjson") for number, some in enumerate(lines)]
    assert [reason.split(": ")[1] for reason in reasons(log, *files)] == [
        "stays_count_on_this_chart",
        "overlap_decided",
    ]


def test_pipes_are_kept_until_their_turn(log: EventLog, write: Write, tmp_path: Path) -> None:
    def through(name: str, *lines: Line) -> Path:
        pipe, raw = tmp_path / name, write(*lines).read_bytes()
        os.mkfifo(pipe)
        Thread(target=lambda: pipe.write_bytes(raw), daemon=True).start()
        return pipe

    assert reasons(log, through("one", *TWICE, MERGE), through("two", *NOTES, DECISION)) == []
    assert log.stream(log.client_id("A-1"))[-1].type == "OverlapResolved"


@pytest.mark.parametrize("strict", [False, True])
def test_a_file_that_is_not_there_is_missed_before_any_is_read(
    log: EventLog, write: Write, tmp_path: Path, *, strict: bool
) -> None:
    paths = [str(write(*NOTES)), str(tmp_path / "none.ndjson")]
    with pytest.raises(ImportFileError, match=r"none\.ndjson: No such file"), given_files(log, paths, strict=strict):
        raise AssertionError
    assert log.head() == 0
