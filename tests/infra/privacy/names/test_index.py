"""The index follows the log, holds nothing in clear, and equals what it would be if built anew."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date
from pathlib import Path

import pytest
from pydantic import SecretStr
from sqlalchemy import text

from domain.commands import Correct, Draft, Record, Retract
from domain.entries import as_uuid
from domain.events import ClientDetailsUpdated, ClientRegistered, EntryCorrected, LevelOfCareStarted, NoteAdded
from domain.events.record import Replacement
from infra.bootstrap import Services, open_services
from infra.commands.handle import handle, merge
from infra.eventstore.log import Append, Author, NewEntry
from infra.privacy.names import index
from infra.privacy.names.index import NameIndex
from infra.privacy.names.search import search
from infra.settings import Settings
from tests.spec import NOW

WHO = Author("a-1", "clinician")


@pytest.fixture(params=["sqlite", "postgres"])
def services(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Services]:
    url = (
        f"sqlite:///{tmp_path}/log.db"
        if request.param == "sqlite"
        else request.getfixturevalue("migrated_postgres_url")
    )
    settings = Settings(
        database_url=SecretStr(url), master_key=SecretStr("ab" * 32), erasure_ledger=tmp_path / "erasures"
    )
    opened = open_services(settings, lambda: NOW)
    yield opened
    opened.close()


def register(services: Services, reference: str, name: str, site: str = "") -> str:
    """Register a client; gives the entry's id."""
    event = ClientRegistered(name=name, birth_date=date(1990, 1, 31))
    entries = [NewEntry(Draft(event, NOW), WHO)]
    if site:
        entries.append(NewEntry(Draft(LevelOfCareStarted(level="residential", site=site), NOW), WHO))
    ids = services.log.append(Append(reference, entries)).event_ids
    services.catch_up()
    return ids[0]


def found(services: Services, text: str, **options: object) -> list[str]:
    return [match.reference for match in search(services, text, **options)]  # type: ignore[arg-type]


def sound(services: Services) -> None:
    assert services.names.differences() == []


def test_whole_words_come_before_beginnings_and_those_before_sounds(services: Services) -> None:
    register(services, "A-1", "Katherine Marsh")
    register(services, "A-2", "Marshall Mathers")
    register(services, "A-3", "Catherine Doe")
    assert found(services, "marsh") == ["A-1", "A-2"]
    assert found(services, "KATH") == ["A-1"]
    assert found(services, "kathryn") == ["A-3", "A-1"]
    assert found(services, "mat mar") == ["A-2"]
    assert found(services, "ma") == found(services, "") == found(services, "zzz") == []
    assert found(services, "mar", limit=1) == ["A-1"]
    sound(services)


def test_a_new_name_is_found_and_the_former_one_still_is(services: Services) -> None:
    register(services, "A-1", "Ana Before")
    handle(services.log, "A-1", Record(ClientDetailsUpdated(name="Ana After"), NOW), author=WHO, now=NOW)
    services.catch_up()
    [match] = search(services, "before")
    assert (match.name, match.former) == ("Ana After", "Ana Before")
    assert [m.former for m in search(services, "after")] == [""]
    sound(services)


def test_a_corrected_name_is_gone(services: Services) -> None:
    event_id = register(services, "A-1", "Misspelt Person")
    right = {"name": "Proper Person", "birth_date": "1990-01-31"}
    command = Correct(as_uuid(event_id), "ClientRegistered", NOW.astimezone(UTC), right, "misspelt")
    [correction] = handle(services.log, "A-1", command, author=WHO, now=NOW).event_ids
    services.catch_up()
    assert (found(services, "misspelt"), found(services, "proper")) == ([], ["A-1"])
    handle(services.log, "A-1", Retract(as_uuid(correction), "was right before"), author=WHO, now=NOW)
    services.catch_up()
    assert (found(services, "misspelt"), found(services, "proper")) == (["A-1"], [])
    sound(services)


def test_a_note_that_is_corrected_to_a_change_of_name_gives_the_name(services: Services) -> None:
    register(services, "A-1", "Ana Before")
    note = Draft(NoteAdded(text="Is Ana After now"), NOW)
    target = services.log.append(Append("A-1", [NewEntry(note, WHO)])).event_ids[0]
    services.catch_up()
    replacement = Replacement(type="ClientDetailsUpdated", version=1, occurred_at=NOW, data={"name": "Ana After"})
    correction = EntryCorrected(target=as_uuid(target), replacement=replacement, reason="filed as a note")
    services.log.append(Append("A-1", [NewEntry(Draft(correction, NOW), WHO)]))
    services.catch_up()
    assert found(services, "after") == ["A-1"]
    sound(services)


def test_a_merged_chart_is_found_as_the_one_that_took_it_over(services: Services) -> None:
    register(services, "A-1", "Una Kept")
    register(services, "A-2", "Una Duplicate")
    merge(services.log, "A-1", "A-2", author=WHO, now=NOW)
    services.catch_up()
    assert found(services, "duplicate") == found(services, "kept") == found(services, "una") == ["A-1"]
    sound(services)


def test_a_search_keeps_to_the_sites_that_are_given(services: Services) -> None:
    register(services, "A-1", "Same Name", "north")
    register(services, "A-2", "Same Name", "south")
    register(services, "A-3", "Same Name")
    assert found(services, "same") == ["A-1", "A-2", "A-3"]
    assert found(services, "same", sites={"north"}) == ["A-1"]
    assert found(services, "same", sites=set[str]()) == []


def test_nothing_of_a_name_is_in_clear(services: Services, tmp_path: Path) -> None:
    register(services, "A-1", "Zebulon Quillfeather")
    with services.reads.reading() as connection:
        stored = b"".join(
            value if isinstance(value, bytes) else str(value).encode()
            for table in ("name_token", "name_shared", "name_client", "name_state")
            for row in connection.execute(text(f"SELECT * FROM {table}"))
            for value in row
        )
    stored += b"".join(path.read_bytes() for path in tmp_path.iterdir())
    for part in (b"Zebulon", b"zebulon", b"Quill", b"quillfeather"):
        assert part not in stored


def test_the_index_is_built_anew_from_the_log(services: Services) -> None:
    for number in range(12):
        register(services, f"A-{number}", f"Person Number{number}")
    handle(services.log, "A-3", Record(NoteAdded(text="x"), NOW), author=WHO, now=NOW)
    services.names.forget([services.log.client_id("A-3")])
    with services.names.writing() as connection:
        connection.execute(text("DELETE FROM name_token WHERE client_id=:c"), {"c": services.log.client_id("A-5")})
    assert services.names.differences() == sorted(services.log.client_id(name) for name in ("A-3", "A-5"))
    services.names.rebuild()
    sound(services)
    assert len(found(services, "person", limit=50)) == 12


def test_an_index_of_a_newer_release_is_left_to_it_until_somebody_goes_back(services: Services) -> None:
    register(services, "A-1", "Ana Before")
    newer = NameIndex(services.log, services.reads, services.names.version + 1)
    newer.catch_up()
    register(services, "A-2", "Ana Later")
    assert found(services, "later") == [], "written by the release that keeps the index alone"
    newer.catch_up()
    assert newer.differences() == []
    services.names.go_back()
    assert found(services, "later") == ["A-2"]
    sound(services)


def test_an_index_that_is_ahead_of_the_log_is_built_anew(services: Services) -> None:
    register(services, "A-1", "Ana Before")
    with services.names.writing() as connection:
        connection.execute(text("UPDATE name_state SET position=99"))
        connection.execute(text("DELETE FROM name_token"))
    services.names.catch_up()
    sound(services)


def test_an_index_that_was_emptied_and_left_is_filled_by_the_others(services: Services) -> None:
    """As by a process that was ended once it had begun to build it anew."""
    register(services, "A-1", "Ana Before")
    emptied(services)
    register(services, "A-2", "Ana Later")
    assert sorted(found(services, "ana")) == ["A-1", "A-2"]
    sound(services)


def test_an_index_that_is_emptied_between_two_pages_is_filled_from_the_start(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(index, "PAGE", 1)
    monkeypatch.setattr(index, "CLIENTS_IN_ONE", 1)
    for number in range(3):
        register(services, f"A-{number}", "Ana Before")
    other = NameIndex(services.log, services.reads)
    emptied(services)
    told: list[int] = []

    def once(position: int, _: int) -> None:
        told.append(position)
        if len(told) == 2:
            emptied(services)

    other.catch_up(once)
    assert told == [1, 2, 1, 2, 3]
    sound(services)


def emptied(services: Services) -> None:
    with services.names.writing() as connection:
        for table in ("name_token", "name_shared", "name_client", "name_state"):
            connection.execute(text(f"DELETE FROM {table}"))
