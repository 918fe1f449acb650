"""After an erasure no personal datum is anywhere, everything else stays, and it cannot be undone."""

from __future__ import annotations

import shutil
from pathlib import Path

import orjson
import psycopg
import pytest
from pydantic import SecretStr

from domain.commands import Record
from domain.events import ChartsMerged, NoteAdded
from domain.refusals import CommandRefusedError
from infra.bootstrap import Services, open_services
from infra.commands.handle import handle, merge
from infra.eventstore.client_chart import open_chart
from infra.eventstore.erased import ERASED
from infra.eventstore.log import Author
from infra.interop.exporters.events import export_lines
from infra.interop.importers.events.run import import_file
from infra.privacy.erasure.ledger import LedgerError, ledger_of
from infra.privacy.erasure.notice import notice
from infra.privacy.erasure.requests import confirm
from infra.privacy.names.search import search
from infra.readmodels.verify import verify
from infra.settings import Settings
from projections.filters import Filters
from projections.status.queries import clients
from projections.timeline.fold import timeline
from tests.infra.privacy.erasure.erasures import CONFIRMS, START, Clock, Place, ask, erase, words, write
from tests.spec import decided

WHO = Author("c-1", "clinician")


def wrapped_key(services: Services, client_id: str) -> bytes:
    [(key,)] = services.log.recorder.query(
        "SELECT wrapped_key FROM chart WHERE client_id=?", (bytes.fromhex(client_id),)
    )
    return bytes(key)


def test_no_file_holds_the_name_the_key_or_the_index_of_it(place: Place) -> None:
    with place.opened() as services:
        client = write(services, "A-1")
        write(services, "A-2")
        services.projector.rebuild()  # the generation before is kept
        key = wrapped_key(services, client)
        tokens = [services.names.token(mark) for mark in ("=zebulona1", "^zeb")]
        own = [services.names.token(f"={word.lower()}") for word in ("zebulona1",)]
        assert key in place.stored()
        assert len(search(services, "zebulon")) == 2
        erase(services, "A-1")
        stored = place.stored()
        assert key not in stored
        assert all(token not in stored for token in own)
        assert tokens
        for word in words("A-1"):
            assert word.encode() not in stored
            assert word.lower().encode() not in stored
        assert [match.reference for match in search(services, "zebulon")] == ["A-2"]
    assert place.stored().find(key) == -1


@pytest.mark.parametrize("held", ["postgres_url", "second_postgres_url"], ids=["same-database", "another-database"])
def test_it_is_not_complete_while_a_writer_holds_the_server_back(
    migrated_postgres_url: str, request: pytest.FixtureRequest, held: str, tmp_path: Path
) -> None:
    place = Place(tmp_path, migrated_postgres_url, Clock())
    with place.opened() as services, psycopg.connect(request.getfixturevalue(held)) as writer:
        key = wrapped_key(services, write(services, "A-1"))
        writer.execute("CREATE TABLE something_else (n int)")  # its transaction is older than the erasure
        ask(services, "A-1")
        confirm(services.log, "A-1", author=CONFIRMS, now=services.now())
        assert not services.complete_erasures(0.2)
        writer.rollback()
        assert services.complete_erasures(60.0)
        assert key not in place.stored()


def test_the_chart_the_timeline_and_the_rates_go_on(place: Place) -> None:
    with place.opened() as services:
        client = write(services, "A-1")
        write(services, "A-2")
        before = {name: rows for name, rows in tables(services).items() if name != "client_status"}
        erase(services, "A-1")
        assert {name: rows for name, rows in tables(services).items() if name != "client_status"} == before
        assert verify(services.projector) == []
        assert services.names.differences() == []
        chart = open_chart(services.log, "A-1")
        assert str(notice(chart.entries)) == "erased on 2026-03-02 by a.meyer and b.okafor"
        shown = orjson.dumps([(item.title, item.summary, item.data) for item in timeline(chart.entries)])
        assert len(timeline(chart.entries)) == 8
        assert not any(word.encode() in shown for word in words("A-1"))
        label = services.log.reference(client)
        assert label == ERASED + client
        assert open_chart(services.log, label or "").client_id == client
        with services.reads.reading() as connection:
            listed = [row["client_id"] for row in clients(connection, Filters(by=()), services.today())]
        assert set(services.log.references(listed).values()) == {label, "A-2"}
        with pytest.raises(CommandRefusedError, match="erased"):
            handle(services.log, "A-1", Record(NoteAdded(text="x"), START), author=WHO, now=START)


def tables(services: Services) -> dict[str, set[tuple[object, ...]]]:
    with services.reads.reading() as connection:
        return {
            table.name: {tuple(row) for row in connection.exec_driver_sql(f"SELECT * FROM {table.name}")}
            for model in services.reads.models.values()
            for table in model.all_tables
        }


def test_what_is_exported_later_is_whole_and_imports_elsewhere(place: Place, tmp_path: Path) -> None:
    with place.opened() as services:
        write(services, "A-1")
        write(services, "B-1")
        write(services, "B-2")
        asked = decided(services.log, "B-1", "B-2")
        merge(services.log, "B-1", "B-2", author=WHO, now=START, overlaps=asked)
        erase(services, "A-1")
        erase(services, "B-1")
        lines = list(export_lines(services.log))
        entries = services.log.head()
    file = tmp_path / "out.ndjson"
    file.write_bytes(b"".join(lines))
    for client in ("A-1", "B-1", "B-2"):
        assert not any(word.encode() in file.read_bytes() for word in words(client))
    url = SecretStr(f"sqlite:///{tmp_path}/other.db")
    other = open_services(Settings(database_url=url, erasure_ledger=tmp_path / "none"), place.clock)
    result = import_file(other.log, str(file), keep_recorded_at=True)
    assert (result.rejected, other.log.head()) == (0, entries)
    assert list(export_lines(other.log)) == lines
    other.close()


def test_a_merged_chart_goes_with_the_one_that_took_it_over(place: Place) -> None:
    with place.opened() as services:
        streams = [write(services, "B-1"), write(services, "B-2")]
        asked = decided(services.log, "B-1", "B-2")
        merge(services.log, "B-1", "B-2", author=WHO, now=START, overlaps=asked)
        services.catch_up()
        with pytest.raises(CommandRefusedError, match="merged into another"):
            erase(services, "B-2")
        erase(services, "B-1")
        assert services.log.erased(streams) == set(streams)
        assert [services.log.cipher(stream) for stream in streams] == [None, None]
        merged = [e.event for e in services.log.stream(streams[0]) if isinstance(e.event, ChartsMerged)]
        assert merged[0].other_client is None
        assert not any(word.encode() in place.stored() for word in [*words("B-1"), *words("B-2")])


def test_the_number_of_an_erased_chart_is_not_used_again(place: Place, tmp_path: Path) -> None:
    with place.opened() as services:
        client = write(services, "A-1")
        erase(services, "A-1")
        before = services.log.stream(client)
        file = tmp_path / "again.ndjson"
        line = {"client": "A-1", "type": "NoteAdded", "occurred_at": START.isoformat(), "data": {"text": "again"}}
        good = {**line, "client": "A-5"}
        file.write_bytes(orjson.dumps(line) + b"\n" + orjson.dumps(good) + b"\n")
        result = import_file(services.log, str(file))
        assert (result.recorded, result.rejected) == (1, 1)
        rejected = orjson.loads((tmp_path / "again.ndjson.rejected.ndjson").read_bytes())
        assert "number is not used again" in rejected["reason"]
        assert services.log.stream(client) == before
        assert services.log.cipher(client) is None


@pytest.mark.parametrize("place", ["sqlite"], indirect=True)
def test_an_older_copy_of_the_files_does_not_bring_anybody_back(place: Place, tmp_path: Path) -> None:
    with place.opened() as services:
        client = write(services, "A-1")
        write(services, "A-2")
    old = tmp_path / "old"
    shutil.copytree(place.folder, old)
    with place.opened() as services:
        erase(services, "A-1")
    for name in ("log.db", "log.read.db"):
        shutil.copy(old / name, place.folder / name)
    with place.opened() as services:
        services.catch_up()
        assert services.log.cipher(client) is None
        assert services.log.reference(client) == ERASED + client
        assert str(notice(services.log.stream(client))) == "erased on 2026-03-02 by a.meyer and b.okafor"
        assert search(services, "zebulona1") == []
        assert verify(services.projector) == []
        assert not any(word.encode() in place.stored() for word in words("A-1"))


@pytest.mark.parametrize("damage", ["altered", "removed", "swapped"])
def test_a_ledger_that_was_tampered_with_is_found(place: Place, damage: str) -> None:
    with place.opened() as services:
        for client in ("A-1", "A-2", "A-3"):
            write(services, client)
            erase(services, client)
        path = place.folder / "erasures"
        assert len(ledger_of(services.log, path).read()) == 3
        lines = path.read_bytes().splitlines(keepends=True)
        if damage == "altered":
            lines[1] = lines[1].replace(b"court_order", b"other")
        elif damage == "removed":
            del lines[0]
        else:
            lines[0], lines[1] = lines[1], lines[0]
        path.write_bytes(b"".join(lines))
        with pytest.raises(LedgerError, match=r"line (1|2) "):
            ledger_of(services.log, path).read()


def test_a_ledger_that_was_cut_off_while_it_was_written_is_completed(place: Place) -> None:
    with place.opened() as services:
        for client in ("A-1", "A-2"):
            write(services, client)
            erase(services, client)
        path = place.folder / "erasures"
        path.write_bytes(path.read_bytes()[:-40])
    with place.opened() as services:
        assert len(ledger_of(services.log, place.folder / "erasures").read()) == 2
