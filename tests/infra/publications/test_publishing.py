"""One publication: what it says, that it never changes, that whoever alters anything is found."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from infra.bootstrap import Services
from infra.identity.people import operator
from infra.integrity.signing_key import SigningKeyError
from infra.publications.maker import frame_of
from infra.publications.plan import Plan, PlanError, load_plan, plan_text
from infra.publications.publisher import KIND, listed, publications_of, publish, verify
from infra.publications.store import PublicationError
from infra.reporting.kinds import ReportParams
from infra.reporting.reports import run_report
from projections.disclosure.system import System
from projections.publications.periods import Kind, Period, period
from projections.publications.specs import SPECS
from tests.infra.publications.years import PLAN, published

WHO = operator("publication publish")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Services]:
    """A programme of 150 clients after one publication."""
    months = published(tmp_path_factory.mktemp("published"), 150, 1)
    services, one = next(months)
    assert one is not None
    yield services
    months.close()  # type: ignore[attr-defined]


def table(services: Services, name: str) -> dict[str, Any]:
    return publications_of(services).table(1, name)


def test_shown_numbers_are_those_of_the_report(made: Services) -> None:
    for row in table(made, "completion-quarter")["rows"]:
        own = _period("quarter", row["period"])
        asked = ReportParams(by=("all",), start=_day(own.months[0]), end=_day(own.months[-1] + 1, before=1))
        [live] = run_report("completion", made, asked)
        for name in ("discharges", "completed", "completion_rate"):
            assert row[name] in {None, live[name]}
    assert any(row["completion_rate"] is not None for row in table(made, "completion-quarter")["rows"])


def _day(month: int, before: int = 0) -> Any:
    from datetime import date, timedelta

    return date(month // 12, month % 12 + 1, 1) - timedelta(days=before)


@pytest.mark.parametrize("kind", ["month", "quarter"])
def test_census_is_that_of_the_report(made: Services, kind: Kind) -> None:
    rows = table(made, f"census-{kind}")["rows"]
    for row in rows:
        own = _period(kind, row["period"])
        asked = ReportParams(
            by=("all",), show="average", start=_day(own.months[0]), end=_day(own.months[-1] + 1, before=1)
        )
        [live] = run_report("census", made, asked)
        assert row["average_daily_census"] in {None, round(live["average_daily_census"], 2)}
        for name in ("admissions", "discharges"):
            assert row.get(name) in {None, live[name]}
    assert kind == "month" or any(row["admissions"] for row in rows)


def _period(kind: Kind, name: str) -> Period:
    return next(one for one in (period(kind, number) for number in range(2020 * 4, 2040 * 12)) if one.name == name)


def test_what_is_published_does_not_hang_on_the_order_of_a_set(made: Services) -> None:
    basis = publications_of(made).basis(1)
    turned = replace(basis, months=dict(reversed(basis.months.items())))
    first, second = System(frame_of(basis, ["level", "site"])), System(frame_of(turned, ["site", "level"]))
    assert list(first.number.items()) == list(second.number.items())


def test_nothing_was_altered_and_nobody_is_found(made: Services) -> None:
    assert verify(made) == []


def test_the_access_log_knows_the_publication_by_its_digest(made: Services) -> None:
    entries = [entry for entry in made.people.log.every() if entry.kind == KIND]
    assert [entry.about for entry in entries] == [row["digest"] for row in listed(publications_of(made))]


def test_there_is_nothing_to_publish_twice(made: Services) -> None:
    with pytest.raises(PublicationError, match="no period was closed"):
        publish(made, PLAN, WHO)


@pytest.mark.parametrize(
    ("column", "value", "problem"),
    [
        ("position", 1, "signature"),
        ("made_at", 1, "signature"),
        ("digest", "00" * 32, "not as it was signed"),
        ("signature", "00" * 64, "signature"),
        ("previous", "11" * 32, "does not name the publication before it"),
        ("content", b"x\x9c+\xcaL\x01\x00\x02G\x01,", "not as it was signed"),
        ("basis", b"nothing", "was altered"),
    ],
)
def test_whoever_alters_a_column_is_found(made: Services, column: str, value: object, problem: str) -> None:
    with made.log.recorder.writing() as tx:
        [(before,)] = tx.rows(f"SELECT {column} FROM publication WHERE number=1")
        tx.many(f"UPDATE publication SET {column}=? WHERE number=1", [(value,)])
    try:
        assert any(problem in one.problem for one in verify(made))
    finally:
        with made.log.recorder.writing() as tx:
            tx.many(f"UPDATE publication SET {column}=? WHERE number=1", [(before,)])


def test_a_publication_without_its_entry_is_found(made: Services) -> None:
    with made.log.recorder.writing() as tx:
        tx.many(
            "INSERT INTO publication SELECT 2, made_at, position, digest, digest, key_id, signature, content, basis "
            "FROM publication WHERE number=?",
            [(1,)],
        )
    try:
        assert {one.number for one in verify(made)} == {2}
    finally:
        with made.log.recorder.writing() as tx:
            tx.many("DELETE FROM publication WHERE number=?", [(2,)])


def test_a_plan_written_out_is_read_back(tmp_path: Path) -> None:
    plan = Plan.model_validate({"title": "Board", "reports": ["completion"], "groups": ["site"], "begin": "2026-01"})
    path = tmp_path / "plan.toml"
    path.write_text(plan_text(plan))
    assert load_plan(path) == plan
    path.write_text(plan_text(load_plan(None)))
    assert load_plan(path) == load_plan(None)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("reports = [", "not TOML"),
        ('reports = ["weather"]', f"choose from {', '.join(SPECS)}"),
        ("reports = []", "no report at all"),
        ("smallest_shown = 5", "smallest_shown"),
        ('begin = "2026-13"', "begin"),
        ("threshold = 3", "threshold: there is no such field; choose from title, reports"),
    ],
)
def test_a_wrong_plan_names_its_field_and_the_remedy(tmp_path: Path, text: str, told: str) -> None:
    path = tmp_path / "plan.toml"
    path.write_text(text)
    with pytest.raises(PlanError, match=r"plan\.toml") as refused:
        load_plan(path)
    assert told in str(refused.value)


def test_without_a_key_nothing_is_counted_first(made: Services, tmp_path: Path) -> None:
    settings = made.settings.model_copy(update={"signing_key_file": tmp_path / "no" / "key.pem"})
    steps: list[str] = []
    with pytest.raises(SigningKeyError):
        publish(replace(made, settings=settings), PLAN, WHO, lambda step, *_: steps.append(step))
    assert steps == []
