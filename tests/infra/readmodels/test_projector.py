"""The projector: pages, generations, quarantine, two databases."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import orjson
import pytest

from domain.events import ChartsMerged, EntryRetracted, LevelOfCareEnded, LevelOfCareStarted, NoteAdded
from infra.eventstore.log import EventLog
from infra.readmodels import projector as projecting
from infra.readmodels.generations import GENERATION
from infra.readmodels.projector import Projector
from infra.readmodels.readstore import ReadStore
from infra.readmodels.rebuild import NoPreviousError
from infra.readmodels.verify import verify
from projections.base import ReadModel
from projections.catalogue import CLIENT_MODELS, READ_MODELS
from projections.status.fold import MODEL as STATUS
from projections.stays.fold import MODEL as STAYS
from tests.day import UTC_DAYS
from tests.infra.readmodels.worlds import World, tables, world
from tests.spec import Fact, ago, fact, record, shown


@pytest.fixture(params=["sqlite", "postgres"])
def here(request: pytest.FixtureRequest) -> Iterator[World]:
    """A log with read models, on each kind of database."""
    if request.param == "sqlite":
        with world() as here:
            yield here
        return
    url = request.getfixturevalue("migrated_postgres_url")
    with world(url=lambda _: url, reads_url=lambda _: url) as here:
        yield here


def lives(client: str, days: int = 30) -> list[Fact]:
    """A stay from start to end."""
    return [
        fact(LevelOfCareStarted(level="residential", program="North"), ago(days), client=client),
        fact(LevelOfCareEnded(level="residential", reason="completed"), ago(days - 9), client=client),
    ]


def poison(log: EventLog, client: str) -> None:
    """An entry that this release does not know, as a newer one would write it."""
    client_id = log.client_id(client)
    sequence = len(log.recorder.streams([client_id])) + 1
    with log.recorder.writing() as tx:
        tx.insert([(client_id, sequence, "Unheard.1", b'{"i":"%s","a":0,"r":0,"d":{}}' % (b"e" * 32))])


def heal(log: EventLog) -> None:
    """The next release knows the entry after all."""
    with log.recorder.writing() as tx:
        tx.many(f"UPDATE {tx.events_table} SET topic=? WHERE topic=?", [("AlumniContacted.1", "Unheard.1")])


class TestPages:
    """From the log to the tables."""

    def test_small_pages_come_to_the_same(self, here: World, monkeypatch: pytest.MonkeyPatch) -> None:
        for number in range(9):
            for given in lives(f"C-{number % 4}", 90 - 10 * number):
                record(here.log, given)
        monkeypatch.setattr(projecting, "PAGE", 3)
        monkeypatch.setattr(projecting, "CLIENTS_AT_ONCE", 2)
        seen: list[tuple[int, int]] = []
        assert here.projector.catch_up(lambda position, head: seen.append((position, head))) == here.log.head()
        assert len(seen) == 6
        assert here.tables() == here.fresh()
        here.is_sound()

    def test_an_empty_log_is_caught_up(self, here: World) -> None:
        assert here.projector.catch_up() == 0
        here.is_sound()

    def test_status_says_how_far_behind_each_is(self, here: World) -> None:
        for given in lives("C-1"):
            record(here.log, given)
        assert {row.lag for row in here.projector.status()} == {here.log.head()}
        here.projector.catch_up()
        assert {(row.lag, row.position) for row in here.projector.status()} == {(0, here.log.head())}
        assert [row.projection for row in here.projector.status()] == [model.name for model in READ_MODELS]

    def test_a_chart_merged_twice_is_counted_once(self, here: World) -> None:
        for given in lives("C-1"):
            record(here.log, given)
        for survivor in ("C-2", "C-3"):
            record(here.log, fact(ChartsMerged(other_client="C-1"), ago(1), client=survivor))
        record(here.log, fact(LevelOfCareStarted(level="alumni"), ago(1), client="C-3"))
        here.projector.catch_up()
        owners = {row["level"]: row["client_id"] for row in shown(here.reads, "stay")}
        assert owners == {"residential": here.log.client_id("C-2"), "alumni": here.log.client_id("C-3")}
        here.is_sound()

    def test_a_merge_of_a_merged_chart_brings_both_along_until_it_is_taken_back(self, here: World) -> None:
        for given in [*lives("C-1", 90), *lives("C-2", 60), *lives("C-3", 30)]:
            record(here.log, given)
        record(here.log, fact(ChartsMerged(other_client="C-1"), ago(1), client="C-2"))
        last = fact(ChartsMerged(other_client="C-2"), ago(1), client="C-3")
        record(here.log, last)
        here.projector.catch_up()
        assert [row["client_id"] for row in shown(here.reads, "stay")] == [here.log.client_id("C-3")] * 3
        record(here.log, fact(EntryRetracted(target=last.id, reason="two people"), ago(0), client="C-3"))
        here.projector.catch_up()
        owners = sorted(row["client_id"] for row in shown(here.reads, "stay"))
        assert owners == sorted([here.log.client_id("C-2")] * 2 + [here.log.client_id("C-3")])
        here.is_sound()

    def test_what_comes_to_a_merged_chart_counts_in_the_survivor_until_the_merge_is_taken_back(
        self, here: World
    ) -> None:
        for given in (*lives("C-1", 90), *lives("C-2", 60)):
            record(here.log, given)
        merge = fact(ChartsMerged(other_client="C-1"), ago(1), client="C-2")
        record(here.log, merge)
        here.projector.catch_up()
        record(here.log, fact(LevelOfCareStarted(level="alumni"), ago(0.5), client="C-1"))
        here.projector.catch_up()
        assert {row["client_id"] for row in shown(here.reads, "stay")} == {here.log.client_id("C-2")}
        assert len(shown(here.reads, "stay")) == 3
        assert here.tables() == here.fresh()
        record(here.log, fact(EntryRetracted(target=merge.id, reason="two people"), ago(0), client="C-2"))
        here.projector.catch_up()
        owners = {row["level"]: row["client_id"] for row in shown(here.reads, "stay") if row["level"] == "alumni"}
        assert owners == {"alumni": here.log.client_id("C-1")}
        assert here.tables() == here.fresh()
        here.is_sound()


class TestRebuild:
    """A generation beside the live one, then the switch."""

    def test_readers_see_the_old_rows_until_the_switch(self, here: World) -> None:
        for given in lives("C-1"):
            record(here.log, given)
        here.projector.catch_up()
        before = here.tables()
        during: list[object] = []
        here.projector.rebuild(progress=lambda *_: during.append(tables(here.reads) == before))
        assert during == [True]
        assert here.tables() == before
        first = len(READ_MODELS) + 1
        assert [row.generation for row in here.projector.status()] == list(range(first, first + len(READ_MODELS)))

    def test_a_rebuild_that_was_cut_off_is_started_anew(self, here: World) -> None:
        for given in lives("C-1"):
            record(here.log, given)
        here.projector.catch_up()

        def cut(*_: int) -> None:
            raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            here.projector.rebuild(progress=cut)
        here.is_sound()
        for given in lives("C-2"):
            record(here.log, given)
        assert here.projector.rebuild(["stays"]) == ["stays"]
        here.projector.catch_up()
        assert here.tables() == here.fresh()
        here.is_sound()

    def test_older_generations_are_dropped(self, here: World) -> None:
        for _ in range(3):
            here.projector.rebuild(["status"])
        with here.reads.reading() as connection:
            kept = [(g.model.name, g.state) for g in here.reads.generations(connection, None)]
        assert sorted(kept) == sorted([*((model.name, "live") for model in READ_MODELS), ("status", "previous")])

    def test_a_rollback_goes_on_with_the_generation_before(self, here: World) -> None:
        for given in lives("C-1"):
            record(here.log, given)
        here.projector.catch_up()
        here.projector.rebuild(["stays"])
        for given in lives("C-2"):
            record(here.log, given)
        here.projector.rollback("stays")
        assert {row.projection: row.generation for row in here.projector.status()}["stays"] == 2
        here.projector.catch_up()
        assert here.tables() == here.fresh()
        here.is_sound()
        here.projector.rollback("stays")  # and forward again
        assert {row.projection: row.generation for row in here.projector.status()}["stays"] > 2
        here.is_sound()

    def test_there_is_no_rollback_without_a_generation_of_this_release(self, here: World) -> None:
        with pytest.raises(NoPreviousError, match="no previous generation"):
            here.projector.rollback("stays")
        here.projector.rebuild(["stays"])
        with here.reads.writing() as connection:
            connection.execute(GENERATION.update().where(GENERATION.c.state == "previous").values(version=99))
        with pytest.raises(NoPreviousError, match="of version 99"):
            here.projector.rollback("stays")
        assert len(here.projector.status()) == len(READ_MODELS)

    def test_no_other_name_is_known(self, here: World) -> None:
        with pytest.raises(KeyError):
            here.projector.rebuild(["unheard"])

    def test_a_new_version_is_built_by_the_next_catch_up(self, here: World) -> None:
        for given in lives("C-1"):
            record(here.log, given)
        here.projector.catch_up()
        url = here.reads.url
        newer = [replace(model, version=model.version + 1) for model in READ_MODELS]
        reads = ReadStore(url, newer, UTC_DAYS)
        Projector(here.log, reads).catch_up()
        with reads.reading() as connection:
            live = {g.model.name: (g.version, g.state) for g in reads.generations(connection)}
        assert live == {model.name: (model.version, "live") for model in newer}
        assert tables(reads) == here.fresh()
        reads.close()


class TestQuarantine:
    """A client whose entry cannot be read stops, and nobody else."""

    def test_others_go_on_and_a_retry_heals(self, here: World) -> None:
        for given in [*lives("C-1"), *lives("C-2")]:
            record(here.log, given)
        here.projector.catch_up()
        before = here.tables()
        poison(here.log, "C-1")
        record(here.log, fact(LevelOfCareStarted(level="residential"), ago(2), client="C-2"))
        record(here.log, fact(LevelOfCareStarted(level="residential"), ago(2), client="C-1"))
        assert here.projector.catch_up() == here.log.head()

        stopped = here.projector.quarantined()
        assert {row["client_id"] for row in stopped} == {here.log.client_id("C-1")}
        assert {row["projection"] for row in stopped} == {model.name for model in CLIENT_MODELS}
        assert "entry 3 (Unheard.1)" in str(stopped[0]["error"])
        assert [row.quarantined for row in here.projector.status()] == [
            0 if model.provider else 1 for model in READ_MODELS
        ]
        stays = here.tables()["stay"]
        assert len(stays) == 3
        assert all(row in stays for row in before["stay"])
        assert verify(here.projector) == []
        assert here.projector.retry() == (0, len(CLIENT_MODELS))

        heal(here.log)
        assert here.projector.retry() == (len(CLIENT_MODELS), 0)
        assert here.tables() == here.fresh()
        here.is_sound()

    def test_the_reason_holds_no_value_from_the_chart(self, here: World) -> None:
        note = fact(NoteAdded(text="x"))
        record(here.log, note)
        new = {"type": "SessionAttended", "occurred_at": "2026-01-01T00:00:00Z", "data": {"kind": "hidden"}}
        state = {"i": "e" * 32, "a": 0, "r": 0, "d": {"target": note.event_id, "replacement": new}}
        with here.log.recorder.writing() as tx:
            tx.insert([(here.log.client_id("C-1"), 2, "EntryCorrected.1", orjson.dumps(state))])
        here.projector.catch_up()
        for row in here.projector.quarantined():
            assert row["error"] == (
                "UnappliedCorrectionError: entry 2 (EntryCorrected) at position 2 cannot be applied: "
                "kind: literal_error; minutes: missing"
            )

    def test_a_rebuild_folds_them_up_to_the_entry_before(self, here: World) -> None:
        for given in [*lives("C-1"), *lives("C-2")]:
            record(here.log, given)
        poison(here.log, "C-1")
        here.projector.catch_up()
        before = here.tables()
        here.projector.rebuild()
        assert here.tables() == before == here.fresh()
        assert len(shown(here.reads, "stay")) == 2
        assert [row.quarantined for row in here.projector.status()] == [
            0 if model.provider else 1 for model in READ_MODELS
        ]
        assert verify(here.projector) == []

    def test_one_read_model_alone_may_stop(self, tmp_path: Path) -> None:
        def broken(_: object) -> dict[str, Sequence[tuple[object, ...]]]:
            msg = "a fault of this fold"
            raise ArithmeticError(msg)

        models: list[ReadModel] = [STATUS, replace(STAYS, fold=broken)]
        with world(models) as here:
            record(here.log, fact(NoteAdded(text="x")))
            here.projector.catch_up()
            assert [(row["projection"], row["error"]) for row in here.projector.quarantined()] == [
                ("stays", "ArithmeticError: a fault of this fold")
            ]
            assert len(shown(here.reads, "client_status")) == 1
            assert verify(here.projector) == []


class TestTogether:
    """Several projectors on one read store, while others write."""

    def test_writers_and_projectors_at_once(self, here: World) -> None:
        url = here.reads.url

        def write(number: int) -> None:
            for given in lives(f"C-{number % 3}", 200 - 10 * number):
                record(here.log, given)

        def project(_: int) -> None:
            reads = ReadStore(url, READ_MODELS, UTC_DAYS)
            for _ in range(6):
                Projector(here.log, reads).catch_up()
            reads.close()

        with ThreadPoolExecutor(4) as pool:
            work = [pool.submit(write, number) for number in range(12)]
            work += [pool.submit(project, number) for number in range(2)]
            for done in work:
                done.result()
        here.projector.catch_up()
        assert here.tables() == here.fresh()
        here.is_sound()

    def test_two_rebuilds_at_once_both_end(self, here: World) -> None:
        url = here.reads.url
        for given in [*lives("C-1"), *lives("C-2")]:
            record(here.log, given)

        def rebuild(_: int) -> None:
            reads = ReadStore(url, READ_MODELS, UTC_DAYS)
            Projector(here.log, reads).rebuild()
            reads.close()

        with ThreadPoolExecutor(2) as pool:
            list(pool.map(rebuild, range(4)))
        here.projector.catch_up()
        assert here.tables() == here.fresh()
        here.is_sound()
