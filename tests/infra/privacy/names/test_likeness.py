"""Charts that may be one person's: which look alike, which do not, and what is told apart."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from uuid import UUID

import pytest
from pydantic import SecretStr
from sqlalchemy import text

from domain.commands import Draft, Retract
from domain.events import ClientRegistered, NoteAdded
from infra.bootstrap import Services, open_services
from infra.commands.handle import handle, keep_apart, merge
from infra.eventstore.log import Append, Author, NewEntry
from infra.identity.people import Principal
from infra.interop.exporters.events import export_lines
from infra.interop.importers.events.run import import_file
from infra.privacy.names.duplicates import Candidates, alike, candidates, pairs_for
from infra.privacy.names.likeness import number_mark, person_marks
from infra.settings import Settings
from tests.spec import NOW

WHO = Author("a-1", "clinician")
EVERYWHERE = Principal("a-1", "clinician", None)
BORN = date(1990, 4, 12)


@pytest.fixture(params=["sqlite", "postgres"])
def services(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Services]:
    url = (
        f"sqlite:///{tmp_path}/log.db"
        if request.param == "sqlite"
        else request.getfixturevalue("migrated_postgres_url")
    )
    settings = Settings(
        database_url=SecretStr(url),
        master_key=SecretStr("ab" * 32),
        erasure_ledger=tmp_path / "erasures",
    )
    opened = open_services(settings, lambda: NOW)
    yield opened
    opened.close()


def register(services: Services, reference: str, name: str = "", birth: date = BORN) -> None:
    event = ClientRegistered(name=name, birth_date=birth) if name else NoteAdded(text="seen")
    services.log.append(Append(reference, [NewEntry(Draft(event, NOW), WHO)]))
    services.catch_up()


def found(services: Services) -> list[tuple[str, str, tuple[str, ...]]]:
    pairs, _ = pairs_for(services, EVERYWHERE)
    return [(pair.client, pair.other, pair.how) for pair in pairs]


ALIKE = [
    (("Katherine Marsh", BORN), ("Catherine Marsh", BORN)),
    (("John Smith", BORN), ("Smyth, Jon", BORN)),
    (("Robert Smith", BORN), ("Bob Smith Jr.", BORN)),
    (("José Núñez", BORN), ("Nunez Jose", BORN)),
    (("Una Marsh", BORN), ("Una Marsh", date(1990, 12, 4))),
    (("Una Marsh", BORN), ("UNA MARSH", date(1990, 4, 13))),
    (("Una Marsh", BORN), ("Una B. Marsh", date(1980, 4, 12))),
]
DIFFERENT = [
    (("Una Marsh", BORN), ("Una Marsh", date(1991, 5, 12))),
    (("Una Marsh", BORN), ("Otto Jones", BORN)),
    (("Una Marsh", BORN), ("Una Jones", date(1990, 4, 13))),
]


@pytest.mark.parametrize(("one", "other"), ALIKE)
def test_one_person_heard_or_typed_twice(one: tuple[str, date], other: tuple[str, date]) -> None:
    assert set(person_marks(*one)) & set(person_marks(*other))


@pytest.mark.parametrize(("one", "other"), DIFFERENT)
def test_two_people(one: tuple[str, date], other: tuple[str, date]) -> None:
    assert not set(person_marks(*one)) & set(person_marks(*other))


@pytest.mark.parametrize("spelling", ["s-0001", " S 1", "S1", "ｓ－００１", "S/1"])
def test_a_chart_number_in_another_spelling(spelling: str) -> None:
    assert number_mark(spelling) == number_mark("S-1")


def test_other_numbers_are_others() -> None:
    assert len({number_mark(text) for text in ("S-1", "S-10", "1-0-S", "T-1", "S-1-0", "10-S", "–", "…")}) == 8


def test_pairs_are_found_with_what_is_alike_and_told_apart(services: Services) -> None:
    register(services, "A-1", "Katherine Marsh")
    register(services, "A-2", "Catherine Marsh")
    register(services, "B-3", "Otto Jones")
    register(services, "b 03")
    assert found(services) == [("A-1", "A-2", ("name",)), ("B-3", "b 03", ("number",))]
    receipt = keep_apart(services.log, "A-2", "A-1", author=WHO, now=NOW)
    services.catch_up()
    assert found(services) == [("B-3", "b 03", ("number",))]
    handle(services.log, "A-2", Retract(UUID(hex=receipt.event_ids[0]), "one after all"), author=WHO, now=NOW)
    services.catch_up()
    assert len(found(services)) == 2
    merge(services.log, "A-1", "A-2", author=WHO, now=NOW)
    services.catch_up()
    assert found(services) == [("B-3", "b 03", ("number",))]
    assert services.names.differences() == []


def test_before_somebody_is_registered(services: Services) -> None:
    register(services, "A-1", "Katherine Marsh")
    assert candidates(services, EVERYWHERE, "A-9", "Catherine Marsh", BORN) == Candidates(["A-1"], 0)
    assert candidates(services, EVERYWHERE, "a01", "Otto Jones", BORN) == Candidates(["A-1"], 0)
    assert candidates(services, EVERYWHERE, "A-1", "Katherine Marsh", BORN) == Candidates([], 0)
    nowhere = Principal("b-1", "clinician", frozenset({"elsewhere"}))
    assert candidates(services, nowhere, "A-9", "Catherine Marsh", BORN).clients in ([], ["A-1"])


def test_only_what_came_with_an_import(services: Services) -> None:
    for number in (1, 2, 3):
        register(services, f"A-{number}", "Katherine Marsh")
    late = services.log.client_id("A-3")
    assert [late in (pair.client_id, pair.other_id) for pair in alike(services, {late})] == [True, True]


def test_what_was_told_apart_stays_so_in_another_store(services: Services, tmp_path: Path) -> None:
    register(services, "A-1", "Katherine Marsh")
    register(services, "A-2", "Catherine Marsh")
    keep_apart(services.log, "A-2", "A-1", author=WHO, now=NOW)
    file = tmp_path / "all.ndjson"
    file.write_bytes(b"".join(export_lines(services.log)))
    url = SecretStr(f"sqlite:///{tmp_path}/other.db")
    other = open_services(Settings(database_url=url, demo=True, erasure_ledger=tmp_path / "none"), lambda: NOW)
    assert import_file(other.log, str(file)).rejected == 0
    other.catch_up()
    assert found(other) == []
    other.close()


def shared(services: Services) -> int:
    with services.reads.reading() as connection:
        return connection.execute(text("SELECT count(*) FROM name_shared")).scalar_one()


def test_only_marks_that_several_charts_have_are_kept_as_shared(services: Services) -> None:
    """So that the list reads those alone, however many charts there are."""
    register(services, "A-1", "Katherine Marsh")
    register(services, "A-2", "Rosa Vega", date(1971, 2, 3))
    assert shared(services) == 0
    register(services, "A-3", "Catherine Marsh")
    assert shared(services) > 0
    assert services.names.differences() == []
    services.names.forget([services.log.client_id("A-3")])
    assert shared(services) == 0
    services.names.rebuild()
    assert found(services) == [("A-1", "A-3", ("name",))]


def test_a_mark_that_is_wrongly_kept_as_shared_is_a_difference(services: Services) -> None:
    for number in ("A-1", "A-2"):
        register(services, number, "Katherine Marsh")
    with services.names.writing() as connection:
        connection.execute(text("DELETE FROM name_shared"))
    assert services.names.differences() == sorted(services.log.client_id(number) for number in ("A-1", "A-2"))
