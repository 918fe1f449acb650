"""``verify`` finds whatever is not what a replay comes to, and names it."""

from __future__ import annotations

import pytest

from domain.events import ChartsMerged, LevelOfCareEnded, LevelOfCareStarted
from infra.readmodels.verify import MOST_NAMED, Difference, verify
from tests.infra.readmodels.worlds import World, world
from tests.spec import ago, fact, record


def changed(here: World, sql: str) -> list[Difference]:
    """What verify says after somebody changed the live tables by hand."""
    with here.reads.writing() as connection:
        connection.exec_driver_sql(sql)
    return verify(here.projector)


def fill(here: World, clients: int = 3) -> None:
    for number in range(clients):
        client = f"C-{number}"
        record(here.log, fact(LevelOfCareStarted(level="residential"), ago(30), client=client))
        record(here.log, fact(LevelOfCareEnded(level="residential", reason="completed"), ago(9), client=client))
    here.projector.catch_up()


@pytest.mark.parametrize(
    ("sql", "table"),
    [
        ("UPDATE stay_g2 SET days=1 WHERE client_id=?", "stay"),
        ("DELETE FROM episode_g2 WHERE client_id=?", "episode"),
        ("INSERT INTO client_status_g1 SELECT * FROM client_status_g1 WHERE client_id=?", "client_status"),
        ("UPDATE pattern_g3 SET pattern='-' || pattern WHERE client_id=?", "pattern"),
    ],
)
def test_a_changed_missing_or_doubled_row_is_named_by_its_client(sql: str, table: str) -> None:
    with world() as here:
        fill(here)
        client_id = here.log.client_id("C-1")
        found = changed(here, sql.replace("?", f"'{client_id}'"))
        assert {(difference.table, difference.key) for difference in found} == {(table, client_id)}


def test_rows_of_nobody_are_leftovers() -> None:
    with world() as here:
        fill(here)
        nobody = "f" * 32
        found = changed(
            here, f"UPDATE episode_g2 SET client_id='{nobody}' WHERE client_id='{here.log.client_id('C-1')}'"
        )
        assert {(d.key, d.what) for d in found} == {
            (nobody, "1 × in the live table, 0 × in the replay"),
            (here.log.client_id("C-1"), "0 × in the live table, 1 × in the replay"),
        }


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE status_count_g1 SET n=n+1",
        "DELETE FROM status_count_g1",
        "INSERT INTO status_count_g1 VALUES ('died','','','',0)",
    ],
)
def test_a_wrong_count_is_named_by_its_key(sql: str) -> None:
    with world() as here:
        fill(here)
        found = changed(here, sql)
        assert {difference.table for difference in found} == {"status_count"}
        assert all(difference.projection == "status" and " · " in difference.key for difference in found)


def test_a_client_that_was_never_folded_is_found() -> None:
    with world() as here:
        fill(here)
        client_id = here.log.client_id("C-1")
        with here.reads.writing() as connection:
            for table in ("client_status_g1", "client_flag_g1", "status_client_g1"):
                connection.exec_driver_sql(f"DELETE FROM {table} WHERE client_id='{client_id}'")
        found = verify(here.projector)
        assert (client_id, "entry 2 of the log is not folded") in {(d.key, d.what) for d in found}
        assert {d.table for d in found} == {"status_client_g1", "status_count", "flag_change"}


def test_a_client_folded_only_in_part_is_found() -> None:
    with world() as here:
        fill(here)
        client_id = here.log.client_id("C-1")
        found = changed(here, f"UPDATE stays_client_g2 SET sequence=1 WHERE client_id='{client_id}'")
        assert (client_id, "entry 2 of the log is not folded") in {(d.key, d.what) for d in found}


def test_what_is_not_projected_yet_is_no_difference() -> None:
    with world() as here:
        fill(here)
        record(here.log, fact(LevelOfCareStarted(level="residential"), ago(3), client="C-1"))
        record(here.log, fact(LevelOfCareStarted(level="residential"), ago(3), client="C-9"))
        assert verify(here.projector) == []


def test_differences_have_an_end_and_progress_is_told() -> None:
    with world() as here:
        fill(here, 5)
        with here.reads.writing() as connection:
            for _ in range(9):
                connection.exec_driver_sql("INSERT INTO stay_g2 SELECT * FROM stay_g2")
            connection.exec_driver_sql("UPDATE stay_g2 SET n=rowid")
        seen: list[tuple[int, int]] = []
        assert len(verify(here.projector, lambda done, total: seen.append((done, total)))) == MOST_NAMED
        assert seen == [(5, 5)]  # each client once, for every read model


def _of_a_newer_release(here: World, reference: str) -> None:
    """Let the end of a chart's stay be of a version that this release does not know."""
    theirs = here.log.client_id(reference)
    rows = [row for row in here.log.recorder.page(0, 1_000) if row.client_id == theirs]
    [end] = [row for row in rows if row.topic.startswith("LevelOfCareEnded")]
    with here.log.recorder.writing() as tx:
        what = f"UPDATE {tx.events_table} SET topic=? WHERE {tx.position_column}=?"
        tx.many(what, [("LevelOfCareEnded.99", end.position)])


def test_a_chart_and_the_one_that_took_it_over_are_two_where_one_entry_stops_both() -> None:
    with world() as here:
        fill(here, 2)
        record(here.log, fact(ChartsMerged(other_client="C-1"), ago(1), client="C-0"))
        here.projector.catch_up()
        assert verify(here.projector) == []
        _of_a_newer_release(here, "C-1")
        said = "clients that have entries of a newer release: 2; rebuild after going back"
        assert said in {difference.what for difference in verify(here.projector)}


def test_clients_with_entries_of_a_newer_release_are_told_in_one_line() -> None:
    """It was live here, and this release has gone on with the read models whose version is the same in both."""
    with world() as here:
        fill(here, 4)
        _of_a_newer_release(here, "C-1")
        said = "clients that have entries of a newer release: 1; rebuild after going back"
        found = verify(here.projector)
        assert {(difference.key, difference.what) for difference in found} == {("", said)}
        assert len(found) == len({difference.projection for difference in found})
        other = here.log.client_id("C-2")
        also = changed(here, f"DELETE FROM episode_g2 WHERE client_id='{other}'")
        assert {(d.table, d.key) for d in also if d not in found} == {("episode", other)}
        here.projector.rebuild()
        assert verify(here.projector) == []
