"""Saved views on both databases: whose they are, who may open them, how a deletion is taken back."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from pydantic import SecretStr

from domain.people import Person
from infra.bootstrap import Services, open_services
from infra.settings import Settings
from infra.views import table
from infra.views.table import KEPT, NoSuchViewError
from infra.views.view import View, ViewError, checked_name, checked_question

ONE, OTHER = Person("Ada", "demo", "one"), Person("Ada", "demo", "other")
AT = datetime(2026, 3, 2, 12, tzinfo=UTC)
QUESTION = {"by": "level", "period": "last_quarter"}


@dataclass
class Hands:
    now: datetime = AT

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def hands() -> Hands:
    return Hands()


@pytest.fixture(params=["embedded", "postgresql"])
def services(request: pytest.FixtureRequest, tmp_path: Path, hands: Hands) -> Iterator[Services]:
    embedded = request.param == "embedded"
    url = f"sqlite:///{tmp_path}/log.db" if embedded else request.getfixturevalue("migrated_postgres_url")
    found = open_services(Settings(database_url=SecretStr(url), master_key=SecretStr("ab" * 32)), hands)
    yield found
    found.close()


def save(services: Services, name: str = "Board", owner: Person = ONE, *, shared: bool = False) -> View:
    return services.views.save(owner, name, "completion", QUESTION, shared=shared)


def test_a_view_is_its_owners_until_it_is_shared(services: Services) -> None:
    kept = save(services)
    assert services.views.of(ONE) == [kept]
    assert services.views.of(OTHER) == []
    with pytest.raises(NoSuchViewError):
        services.views.find(OTHER, kept.id)
    services.views.change(ONE, kept.id, shared=True)
    assert services.views.find(OTHER, kept.id).question == QUESTION
    services.views.change(ONE, kept.id, shared=False)
    assert services.views.of(OTHER) == []


def test_only_its_owner_changes_a_view(services: Services) -> None:
    kept = save(services, shared=True)
    for act in (
        lambda: services.views.change(OTHER, kept.id, name="Mine"),
        lambda: services.views.delete(OTHER, kept.id),
        lambda: services.views.restore(OTHER, kept.id),
    ):
        with pytest.raises(NoSuchViewError):
            act()
    assert services.views.of(ONE) == [kept]


def test_a_period_in_words_is_asked_anew_each_time(services: Services) -> None:
    kept = save(services)
    assert services.views.find(ONE, kept.id).params(date(2026, 3, 2)).start == date(2025, 10, 1)
    assert services.views.find(ONE, kept.id).params(date(2026, 4, 1)).start == date(2026, 1, 1)


def test_a_deletion_is_taken_back_within_thirty_days(services: Services, hands: Hands) -> None:
    kept = save(services, shared=True)
    services.views.pin(OTHER, kept.id, ["reports"])
    services.views.delete(ONE, kept.id)
    assert services.views.of(ONE) == services.views.of(OTHER) == []
    assert [one.id for one in services.views.deleted(ONE)] == [kept.id]
    assert services.views.deleted(OTHER) == []
    hands.now += KEPT - timedelta(seconds=1)
    assert services.views.restore(ONE, kept.id) == kept
    assert [one.id for one in services.views.pinned(OTHER, "reports")] == [kept.id]
    services.views.delete(ONE, kept.id)
    hands.now += KEPT
    assert services.views.deleted(ONE) == []
    with pytest.raises(NoSuchViewError):
        services.views.restore(ONE, kept.id)


def test_a_name_is_taken_once_by_a_person(services: Services) -> None:
    kept = save(services)
    with pytest.raises(ViewError, match="of this name"):
        save(services, "bOARD")
    save(services, owner=OTHER)
    services.views.delete(ONE, kept.id)
    save(services)
    with pytest.raises(ViewError, match="of this name"):
        services.views.restore(ONE, kept.id)
    assert [one.name for one in services.views.of(ONE)] == ["Board"]


def test_pins_are_each_readers_own(services: Services) -> None:
    kept = save(services, shared=True)
    services.views.pin(OTHER, kept.id, ["today"])
    assert services.views.find(ONE, kept.id).pinned == frozenset()
    assert [one.id for one in services.views.pinned(OTHER, "today")] == [kept.id]
    services.views.pin(OTHER, kept.id, ["reports"])
    assert services.views.find(OTHER, kept.id).pinned == {"reports"}
    services.views.change(ONE, kept.id, shared=False)
    assert services.views.pinned(OTHER, "reports") == []


def test_one_person_keeps_so_many_views(services: Services, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(table, "MOST", 3)
    for number in range(3):
        save(services, f"View {number}")
    with pytest.raises(ViewError, match="delete one"):
        save(services, "One more")
    services.views.change(ONE, services.views.of(ONE)[0].id, name="Another")


@pytest.mark.parametrize(
    "change", ["shared=1", "owner='somebody'", "question='{}'", "report='status'", "name='x'", "deleted=0, made=1"]
)
def test_an_altered_row_is_none(services: Services, change: str) -> None:
    save(services)
    with services.people.log.recorder.writing() as tx:
        tx.many(f"UPDATE saved_view SET {change}", [()])
    assert services.views.of(ONE) == services.views.of(OTHER) == []


def test_a_name_is_one_line_of_some_letters() -> None:
    assert checked_name("  Board,\n last  quarter ") == "Board, last quarter"
    for text in ("", "  ", "x" * 81, "a\u202eb"):
        with pytest.raises(ViewError) as found:
            checked_name(text)
        assert found.value.field == "name"


@pytest.fixture(scope="module")
def answering(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Services]:
    """Empty read models."""
    url = SecretStr(f"sqlite:///{tmp_path_factory.mktemp('views')}/log.db")
    found = open_services(Settings(database_url=url, master_key=SecretStr("ab" * 32)), lambda: AT)
    yield found
    found.close()


@pytest.mark.parametrize(
    ("report", "asked"),
    [
        ("worklist", {}),
        ("completion", {"client": "C-1"}),
        ("completion", {"by": "client"}),
        ("completion", {"period": "next_year"}),
        ("completion", {"from": "soon"}),
        ("completion", {"site": "x" * 501}),
        ("abstinence", {"measure": "luck"}),
        ("completion", {"denominator": "luck"}),
        ("completion", {"level": "luck"}),
        ("time-to-event", {"event": "luck"}),
    ],
)
def test_what_no_report_can_answer_is_not_kept(answering: Services, report: str, asked: dict[str, str]) -> None:
    with pytest.raises(ViewError) as found:
        checked_question(answering, report, asked)
    assert found.value.field == "question"
