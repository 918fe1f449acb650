"""What is suggested to whoever is still typing: names, days of birth, ends of chart numbers, at their sites."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from pydantic import SecretStr

from domain.commands import Correct, Draft, Record
from domain.entries import as_uuid
from domain.events import ClientDetailsUpdated, ClientRegistered, LevelOfCareStarted
from infra.bootstrap import Services, open_services
from infra.commands.handle import handle
from infra.eventstore.log import Append, Author, NewEntry
from infra.privacy.names.quick import birth_of, endings
from infra.privacy.names.suggest import suggest
from infra.settings import Settings
from tests.spec import NOW

WHO = Author("a-1", "clinician")


@pytest.fixture
def services(tmp_path: Path) -> Iterator[Services]:
    settings = Settings(database_url=SecretStr(f"sqlite:///{tmp_path}/log.db"), master_key=SecretStr("ab" * 32))
    opened = open_services(settings, lambda: NOW)
    yield opened
    opened.close()


def registered(services: Services, reference: str, name: str, born: date, site: str = "") -> str:
    entries = [NewEntry(Draft(ClientRegistered(name=name, birth_date=born), NOW), WHO)]
    if site:
        entries.append(NewEntry(Draft(LevelOfCareStarted(level="residential", site=site), NOW), WHO))
    ids = services.log.append(Append(reference, entries)).event_ids
    services.catch_up()
    return ids[0]


def suggested(services: Services, text: str, **options: object) -> list[tuple[str, str]]:
    return [(one.reference, one.how) for one in suggest(services, text, 8, **options)]  # type: ignore[arg-type]


def test_three_letters_of_a_name_or_digits_of_a_number_are_enough(services: Services) -> None:
    registered(services, "SIM-000123", "Ana Marsh", date(1990, 1, 31))
    registered(services, "SIM-001123", "Bea Stone", date(1990, 1, 31))
    assert suggested(services, "mar") == [("SIM-000123", "prefix")]
    assert suggested(services, "123") == [("SIM-000123", "number"), ("SIM-001123", "number")]
    assert suggested(services, "sim 000123") == suggested(services, "SIM-000123") == [("SIM-000123", "number")]
    assert suggested(services, "0123") == [("SIM-000123", "number")]
    assert suggested(services, "23") == suggested(services, "ma") == suggested(services, "--") == []
    assert suggested(services, "sim") == [], "what all numbers begin with finds nobody"


def test_a_chart_is_suggested_once_and_digits_sound_like_nothing(services: Services) -> None:
    registered(services, "C-0012", "Riley 0012", date(1990, 1, 31))
    registered(services, "C-0112", "Blair 0112", date(1990, 1, 31))
    assert suggested(services, "0012") == [("C-0012", "number")]


def test_a_longer_number_is_compared_whole(services: Services) -> None:
    registered(services, "NORTH-12345678", "Ana Marsh", date(1990, 1, 31))
    assert suggested(services, "south12345678") == []
    assert suggested(services, "north12345678") == [("NORTH-12345678", "number")]


def test_a_day_of_birth_finds_those_born_on_it_by_name(services: Services) -> None:
    registered(services, "A-1", "Zoe Last", date(1990, 1, 31))
    registered(services, "A-2", "Ana First", date(1990, 1, 31))
    registered(services, "A-3", "Ben Other", date(1990, 1, 30))
    assert suggested(services, " 1990-01-31 ") == [("A-2", "birth"), ("A-1", "birth")]
    assert suggested(services, "1990-02-31") == []


def test_a_corrected_day_of_birth_is_gone(services: Services) -> None:
    first = registered(services, "A-1", "Ana Marsh", date(1990, 1, 31))
    right = {"name": "Ana Marsh", "birth_date": "1990-03-01"}
    command = Correct(as_uuid(first), "ClientRegistered", NOW, right, "misheard")
    handle(services.log, "A-1", command, author=WHO, now=NOW)
    handle(services.log, "A-1", Record(ClientDetailsUpdated(name="Ana Stone"), NOW), author=WHO, now=NOW)
    services.catch_up()
    assert suggested(services, "1990-01-31") == []
    assert suggested(services, "1990-03-01") == [("A-1", "birth")]
    assert services.names.differences() == []


def test_suggestions_keep_to_the_sites_that_are_given(services: Services) -> None:
    registered(services, "N-1001", "Ana Marsh", date(1990, 1, 31), "north")
    registered(services, "S-1001", "Ana Marsh", date(1990, 1, 31), "south")
    for text in ("ana", "1001", "1990-01-31"):
        assert [reference for reference, _ in suggested(services, text, sites={"north"})] == ["N-1001"], text


@pytest.mark.parametrize(
    "text",
    [
        *("1990-01-31", "01/31/1990", "1/31/1990", "31/01/1990", "31.01.1990", "31. 1. 1990"),
        *("31 Jan 1990", "31 January 1990", "Jan 31, 1990", "january 31 1990", "31. Jan. 1990"),
        *("31 ene 1990", "31 de enero de 1990", "31 enero 1990"),
    ],
)
def test_a_day_is_written_as_people_write_it(text: str) -> None:
    assert birth_of(text) == date(1990, 1, 31)


@pytest.mark.parametrize("text", ["02/03/1990", "2/3/1990", "3 Feb 1990", "3.2.1990"])
def test_of_two_that_can_be_months_the_first_is(text: str) -> None:
    assert birth_of(text) == date(1990, 2, 3)


@pytest.mark.parametrize(
    "text",
    [
        "19900131",
        "1990-01",
        "x-y",
        "31 Jan 90",
        "1/31/90",
        "31 Foo 1990",
        "32.01.1990",
        "31/31/1990",
        "00/10/1990",
        "١/٣١/١٩٩٠",
    ],
)
def test_no_other_text_is_a_day(text: str) -> None:
    assert birth_of(text) is None


def test_the_ends_of_a_number_are_short() -> None:
    assert list(endings("SIM-000123")) == ["123", "0123", "00123", "000123", "m000123", "im000123"]
    assert list(endings("A-1")) == []
