"""An entry that cannot be read and was set aside: its client counts without it, whoever folds, whenever, on each store."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from uuid import UUID

import pytest

from domain.commands import Draft, Retract, SetAside, TakeUp
from domain.entries import microseconds
from domain.events import EntryCorrected, EntrySetAside, NoteAdded, Replacement
from domain.refusals import CommandRefusedError
from infra.commands.handle import handle, merge
from infra.eventstore.client_chart import open_chart
from infra.eventstore.log import Append, Author, NewEntry
from infra.interop.exporters.all_charts import charts
from infra.interop.exporters.events import export_lines
from infra.interop.exporters.left_out import LeftOut
from infra.ops.set_aside import record_aside
from infra.readmodels.verify import verify
from projections.catalogue import READ_MODELS
from projections.chart import Chart
from projections.stays.fold import MODEL as STAYS
from tests.depth import by_night
from tests.infra.readmodels.test_stopping import all_agree, stay, write
from tests.infra.readmodels.worlds import World, world
from tests.poison import BAD_ID, POISONS, SEALED, TELLING, heal, poison
from tests.spec import NOW, ago, fact, record, shown

ADMIN = Author("an admin", "admin")
BAD = UUID(hex=BAD_ID)
OTHER = "d" * 32


@pytest.fixture
def here() -> Iterator[World]:
    with world() as here:
        yield here


def set_aside(here: World, target: UUID = BAD) -> None:
    record_aside(here.log, SetAside(target, "damaged"), author=ADMIN, now=NOW)


def take_up(here: World, target: UUID = BAD) -> None:
    record_aside(here.log, TakeUp(target, "known now"), author=ADMIN, now=NOW)


def stays(here: World) -> int:
    return len(shown(here.reads, "stay"))


@pytest.mark.parametrize(
    "kind", [kind if kind in TELLING else by_night(kind) for kind in sorted(POISONS.keys() - SEALED)]
)
def test_the_client_counts_without_it_until_it_is_taken_up(here: World, kind: str) -> None:
    write(here, *stay("C-1", 60, 50))
    poison(here.log, "C-1", kind)
    write(here, *stay("C-1", 40, 30))
    here.projector.catch_up()
    assert stays(here) == 1
    set_aside(here)
    all_agree(here)
    assert stays(here) == 2
    assert here.projector.quarantined() == []
    take_up(here)
    all_agree(here)
    assert stays(here) == 1
    assert len(here.projector.quarantined()) > 0
    set_aside(here)
    all_agree(here)
    assert stays(here) == 2


def test_a_state_without_an_id_is_found_by_the_index(here: World) -> None:
    write(here, *stay("C-1", 60, 50))
    position = poison(here.log, "C-1")
    with here.log.recorder.writing() as tx:
        tx.many(f"UPDATE {tx.events_table} SET state=? WHERE {tx.position_column}=?", [(b"\0rubbish", position)])
    [found] = open_chart(here.log, "C-1").unread
    assert found.event_id == BAD_ID
    set_aside(here)
    write(here, *stay("C-1", 40, 30))
    all_agree(here)
    assert stays(here) == 2


def test_it_does_not_count_when_it_can_be_read_until_it_is_taken_up(here: World) -> None:
    write(here, *stay("C-1", 60, 50))
    heal(here.log, 2, "LevelOfCareEnded.99")
    ended = UUID(hex=open_chart(here.log, "C-1").unread[0].event_id)
    set_aside(here, ended)
    heal(here.log, 2, "LevelOfCareEnded.1")
    all_agree(here)
    assert [row["end_day"] for row in shown(here.reads, "stay")] == [None]
    chart = open_chart(here.log, "C-1")
    [left] = chart.left_out
    assert (left.type, left.aside is not None, chart.missing) == ("LevelOfCareEnded", True, [])
    take_up(here, ended)
    all_agree(here)
    assert [row["end_day"] for row in shown(here.reads, "stay")] != [None]


def test_of_two_the_other_still_stops_the_client_and_the_first_does_not(here: World) -> None:
    write(here, *stay("C-1", 60, 50))
    poison(here.log, "C-1")
    write(here, *stay("C-1", 40, 30))
    poison(here.log, "C-1", event_id=OTHER)
    write(here, *stay("C-1", 20, 10))
    set_aside(here)
    all_agree(here)
    assert stays(here) == 1, "there is no entry up to which both can be told"
    assert {row["sequence"] for row in here.projector.quarantined()} == {6}
    set_aside(here, UUID(hex=OTHER))
    all_agree(here)
    assert stays(here) == 3
    assert here.projector.quarantined() == []


def test_a_second_one_after_the_decision_stops_the_client_there(here: World) -> None:
    write(here, *stay("C-1", 60, 50))
    poison(here.log, "C-1")
    set_aside(here)
    write(here, *stay("C-1", 40, 30))
    poison(here.log, "C-1", event_id=OTHER)
    write(here, *stay("C-1", 20, 10))
    all_agree(here)
    assert stays(here) == 2
    assert {row["sequence"] for row in here.projector.quarantined()} == {7}


def test_a_fault_of_a_fold_after_the_decision_stops_before_itself() -> None:
    def broken(chart: Chart) -> dict[str, Sequence[tuple[object, ...]]]:
        if chart.of(NoteAdded):
            raise ArithmeticError
        return dict(STAYS.fold(chart))

    models = [replace(model, fold=broken) if model is STAYS else model for model in READ_MODELS]
    with world(models) as here:
        write(here, *stay("C-1", 60, 50))
        poison(here.log, "C-1")
        set_aside(here)
        write(here, *stay("C-1", 40, 30), fact(NoteAdded(text="x"), client="C-1"), *stay("C-1", 20, 10))
        here.projector.catch_up()
        assert stays(here) == 2
        assert [(row["projection"], row["sequence"]) for row in here.projector.quarantined()] == [("stays", 7)]
        assert verify(here.projector) == []


def test_a_correction_that_cannot_be_applied_is_set_aside_too(here: World) -> None:
    start, end = stay("C-1", 60, 50)
    write(here, start, end)
    new = Replacement(type="LevelOfCareEnded", occurred_at=ago(49), data={"level": "nowhere"}, version=1)
    correction = fact(EntryCorrected(target=end.id, replacement=new, reason="x"), client="C-1")
    write(here, correction)
    here.projector.catch_up()
    assert len(here.projector.quarantined()) > 0
    before = microseconds(NOW)
    set_aside(here, correction.id)
    all_agree(here)
    assert here.projector.quarantined() == []
    assert open_chart(here.log, "C-1", as_of=before).history.journey is not None


def test_in_a_chart_that_was_taken_over_the_survivor_decides(here: World) -> None:
    write(here, *stay("C-2", 60, 50))
    poison(here.log, "C-2")
    write(here, *stay("C-1", 40, 30))
    merge(here.log, "C-1", "C-2", author=Author("x"), now=NOW)
    all_agree(here)
    assert here.projector.quarantined() != []
    set_aside(here)
    all_agree(here)
    assert stays(here) == 2
    assert here.projector.quarantined() == []
    left = LeftOut()
    assert len(list(export_lines(here.log, left=left))) == 7
    assert left.clients == {}
    assert open_chart(here.log, "C-1").missing == []
    undone = next(entry for entry in open_chart(here.log, "C-1").entries if entry.type == "ChartsMerged")
    handle(here.log, "C-1", Retract(UUID(hex=undone.event_id), "x"), author=Author("x"), now=NOW)
    all_agree(here)
    assert here.projector.quarantined() == []
    take_up(here)
    all_agree(here)
    assert {row["client_id"] for row in here.projector.quarantined()} == {here.log.client_id("C-2")}


def test_what_was_known_before_the_decision_stays_as_it_was(here: World) -> None:
    write(here, *stay("C-1", 60, 50))
    poison(here.log, "C-1")
    decision = NewEntry(fact_draft(), ADMIN, "f" * 32, recorded_at=ago(-1))
    here.log.append(Append("C-1", [decision]))
    then, later = (microseconds(ago(day)) for day in (0, -2))
    assert [one.aside for one in open_chart(here.log, "C-1", as_of=then).unread] == [None]
    [now] = open_chart(here.log, "C-1", as_of=later).unread
    assert now.aside is not None
    assert (now.aside.actor, now.aside.reason, now.aside.at) == ("an admin", "damaged", ago(-1))


def fact_draft() -> Draft:
    return Draft(EntrySetAside(target=BAD, reason="damaged"), ago(-1))


def test_exports_have_the_client_without_it_and_the_decision(here: World, tmp_path: Path) -> None:
    write(here, *stay("C-1", 60, 50))
    poison(here.log, "C-1")
    left = LeftOut()
    assert list(export_lines(here.log, left=left)) == []
    set_aside(here)
    left = LeftOut()
    lines = list(export_lines(here.log, left=left))
    assert left.clients == {}
    assert [line.count(b"EntrySetAside") for line in lines] == [0, 0, 1]
    assert list(export_lines(here.log)) == list(export_lines(here.log, "C-1")) == lines
    assert [chart.sequence for chart in charts(here.log, opened=True)] == [4]


def test_what_can_be_read_is_not_set_aside(here: World) -> None:
    note = fact(NoteAdded(text="x"), client="C-1")
    write(here, note)
    with pytest.raises(CommandRefusedError, match="can be read"):
        set_aside(here, note.id)


def test_verify_finds_who_was_folded_before_the_decision(here: World) -> None:
    write(here, *stay("C-1", 60, 50))
    poison(here.log, "C-1")
    here.projector.catch_up()
    set_aside(here)
    assert verify(here.projector) == []
    here.projector.catch_up()
    assert verify(here.projector) == []
    assert {model.name for model in READ_MODELS} >= {"stays"}
    record(here.log, fact(NoteAdded(text="x"), client="C-1"))
    all_agree(here)
