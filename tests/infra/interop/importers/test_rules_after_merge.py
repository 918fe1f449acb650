"""After a merge a command, a strict import and the list of an import judge a chart with all that it took over."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from threading import Thread
from typing import Any
from uuid import UUID

import orjson
import pytest

from domain.commands import Record
from domain.events import CATALOGUE, EntryCorrected, EntryRetracted
from domain.refusals import CommandRefusedError
from infra.commands.handle import handle
from infra.eventstore.log import Author, EventLog
from infra.eventstore.setup import open_log
from infra.interop.importers.events import run
from infra.interop.importers.events.amendments import amendment
from infra.interop.importers.events.rules import unmet_rules
from infra.interop.importers.events.run import ImportFileError, import_file
from tests.day import UTC_DAYS
from tests.infra.interop.importers.event_lines import Write
from tests.infra.interop.importers.test_rules_both_ways import (
    ASSESSED,
    BACK,
    BOOKED,
    CALLED_OFF,
    END,
    GIVEN,
    LEAVE,
    OTHER_START,
    REVOKED,
    START,
    TEN,
    VISIT,
    registered,
    said,
)
from tests.spec import KEY, NOW

Line = dict[str, Any]


@pytest.fixture
def logs(tmp_path: Path) -> Iterator[list[EventLog]]:
    """Empty logs, their clocks standing at NOW."""
    made = [open_log(f"sqlite:///{tmp_path}/{number}.db", KEY, UTC_DAYS, lambda: NOW) for number in range(4)]
    yield made
    for log in made:
        log.close()


def named(number: int) -> str:
    return str(UUID(int=0xAF7E << 96 | number))


def of(client: str, line: Line, number: int = 0) -> Line:
    return line | {"client": client} | ({"event_id": named(number)} if number else {})


def retracted(number: int, at: str = "2026-02-12T09:00:00Z") -> Line:
    return said("EntryRetracted", at, target=named(number), reason="typed wrong")


def corrected(number: int, at: str = "2026-02-10T09:00:00Z") -> Line:
    new = {"type": "SessionAttended", "occurred_at": at, "data": {"kind": "individual", "minutes": 45}}
    return said("EntryCorrected", "2026-02-12T09:00:00Z", target=named(number), reason="typed wrong", replacement=new)


SESSION = said("SessionAttended", kind="group", minutes=60)
MERGE = of("A-1", said("ChartsMerged", "2026-02-11T09:00:00Z", other_client="B-2"), 90)
DUPLICATE = [
    *(of("B-2", one) for one in (registered(), ASSESSED, GIVEN, BOOKED)),
    *(of("B-2", START, 1), of("B-2", SESSION, 2)),
]
MERGED = [of("A-1", said("NoteAdded", text="x"), 3), *DUPLICATE, of("C-3", said("NoteAdded", text="x"), 4), MERGE]
LONGER = OTHER_START | {"data": {"level": "partial_hospitalization"}}
UNDONE = [*MERGED, of("A-1", retracted(90))]
CASES: dict[str, tuple[list[Line], Line, str]] = {
    "retract what came along": (MERGED, retracted(2), ""),
    "correct what came along": (MERGED, corrected(2), ""),
    "correct it against a rule": (MERGED, corrected(2, "2026-01-10T09:00:00Z"), "belongs_to_an_open_level"),
    "a session within the stay that came along": (MERGED, SESSION, ""),
    "the end of that stay": (MERGED, END | {"occurred_at": TEN}, ""),
    "a leave from that stay": (MERGED, LEAVE, ""),
    "the end of no leave": (MERGED, BACK, "on_leave"),
    "another stay within it": (MERGED, LONGER, "no_other_level_open"),
    "the consent that came along": (MERGED, REVOKED, ""),
    "the appointment that came along": (MERGED, CALLED_OFF, ""),
    "its id once more": (MERGED, said("AppointmentScheduled", **VISIT), "appointment_id_is_free"),
    "registered by the merged chart": (MERGED, registered(TEN), "registered_once"),
    "an entry of a third chart": (MERGED, retracted(4), "target_is_on_this_chart"),
    "what was retracted before the merge": (
        [*MERGED[:-1], of("B-2", retracted(2)), MERGE],
        retracted(2),
        "target_not_retracted",
    ),
    "what was retracted since": ([*MERGED, of("A-1", retracted(2))], corrected(2), "target_not_retracted"),
    "what went back with its chart": (UNDONE, retracted(2), "target_is_on_this_chart"),
    "a session within the stay that went back": (UNDONE, SESSION, "belongs_to_an_open_level"),
    "on the chart that went back": (UNDONE, of("B-2", corrected(2)), ""),
}


def live(log: EventLog, line: Line) -> str:
    """The criterion by which a command is refused; nothing where it is taken."""
    event = CATALOGUE.parse(line["type"], line["data"])
    amends = isinstance(event, EntryCorrected | EntryRetracted)
    command = amendment(event) if amends else Record(event, datetime.fromisoformat(line["occurred_at"]))
    try:
        handle(log, line["client"], command, author=Author("c.lopez", "clinician"), now=NOW)
    except CommandRefusedError as error:
        return error.refusals[0].criterion
    return ""


def strictly(log: EventLog, path: Path) -> str:
    """The same of the one line of a file that a strict import rejects."""
    result = import_file(log, str(path), strict=True)
    if result.rejects_file is None:
        return ""
    [kept] = result.rejects_file.read_bytes().splitlines()
    return orjson.loads(kept)["reason"].split(": ")[1]


@pytest.mark.parametrize("case", CASES)
def test_a_command_and_every_import_say_the_same(logs: list[EventLog], write: Write, case: str) -> None:
    before, line, criterion = CASES[case]
    at_once, *others = logs
    assert strictly(at_once, write(*before, line)) == criterion
    for log in others:
        import_file(log, str(write(*before)))
    commands, strict, listed = others
    known = {(one.event_id, one.criterion) for one in unmet_rules(listed, 0)}
    assert import_file(listed, str(write(line))).recorded == 1
    found = {one.criterion for one in unmet_rules(listed, 0) if (one.event_id, one.criterion) not in known}
    assert (live(commands, line), strictly(strict, write(line))) == (criterion, criterion)
    assert criterion in found if criterion else not found


TWICE = [of("A-1", one, number) for one, number in ((registered(), 0), (ASSESSED, 0), (START, 5))] + DUPLICATE
STAYS = [named(5), named(1)]


@pytest.mark.parametrize(("counts", "criterion"), [("", "overlap_decided"), (STAYS[0], ""), (STAYS[1], "")])
def test_a_merge_waits_for_which_of_two_stays_counts(
    logs: list[EventLog], write: Write, counts: str, criterion: str
) -> None:
    decision = said("OverlapResolved", "2026-02-11T09:00:00Z", stays=STAYS, counts=counts)
    lines = [*TWICE, MERGE, *([decision] if counts else [])]
    strict, listed, *_ = logs
    assert strictly(strict, write(*lines)) == criterion
    import_file(listed, str(write(*lines)))
    found = {one.criterion for one in unmet_rules(listed, 0)}
    assert found == ({"levels_do_not_overlap", "no_other_level_open"} if criterion else set())


DECISION = of("A-1", said("OverlapResolved", "2026-02-11T09:00:00Z", stays=STAYS, counts=STAYS[0]))
NOTES = [of(f"D-{number}", said("NoteAdded", text="x")) for number in range(20)]


@pytest.mark.parametrize("name", ["far.ndjson", "far.ndjson.gz"])
def test_a_decision_may_stand_any_number_of_lines_behind_its_merge(
    logs: list[EventLog], write: Write, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setattr(run, "BATCH", 12)
    before, after = [*TWICE, MERGE], [*NOTES, DECISION]
    result = import_file(logs[0], str(write(*before, *after, name=name)), strict=True)
    assert (result.rejected, result.recorded) == (0, len(before) + len(after))
    assert not [*unmet_rules(logs[0], 0)]
    again = import_file(logs[0], str(write(*before, *after, name=name)), strict=True)
    assert (again.rejected, again.known) == (0, result.recorded)


def test_a_decision_before_its_merge_decides_nothing(logs: list[EventLog], write: Write) -> None:
    result = import_file(logs[0], str(write(*TWICE, DECISION, MERGE)), strict=True)
    assert sorted(result.reasons.values()) == [2]
    assert logs[0].stream(logs[0].client_id("A-1"))[-1].type != "ChartsMerged"


def test_what_comes_through_a_pipe_is_looked_through_as_well(
    logs: list[EventLog], write: Write, tmp_path: Path
) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    raw = write(*TWICE, MERGE, *NOTES, DECISION).read_bytes()
    writer = Thread(target=lambda: pipe.write_bytes(raw), daemon=True)
    writer.start()
    result = import_file(logs[0], str(pipe), strict=True)
    writer.join()
    assert (result.rejected, result.recorded) == (0, len(TWICE) + 1 + len(NOTES) + 1)


def test_a_packed_file_that_breaks_off_is_recorded_as_far_as_it_goes(logs: list[EventLog], write: Write) -> None:
    path = write(*TWICE, MERGE, DECISION, name="cut.ndjson.gz")
    path.write_bytes(path.read_bytes()[:-6])
    for log, strict in ((logs[0], False), (logs[1], True)):
        with pytest.raises(ImportFileError, match="not a whole gzip file"):
            import_file(log, str(path), strict=strict)


def test_a_decision_about_stays_of_others_is_refused(logs: list[EventLog], write: Write) -> None:
    decision = said("OverlapResolved", "2026-02-11T09:00:00Z", stays=[named(1), named(7)], counts=named(1))
    assert strictly(logs[0], write(*MERGED, decision)) == "stays_count_on_this_chart"
