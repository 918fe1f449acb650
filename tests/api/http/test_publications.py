"""Publications over HTTP: what was published for every role, as it was signed; publishing for administrators."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from http_support import Api

from api.http.access import ROLES
from api.http.app import create_app
from infra.integrity.signing_key import is_signed
from infra.publications.plan import Plan
from infra.publications.publisher import publications_of
from tests.infra.publications.years import PLAN, published

ROOT = "/api/v1/publications"
NOTHING_YET = Plan.model_validate({"begin": "2027-01"})
TABLE = "completion-quarter"


def served(folder: Path, plan: Plan) -> Iterator[Api]:
    months = published(folder, 150, 1, plan)
    services, _ = next(months)
    services.settings.demo = True
    api = Api(services, services.clock, create_app(services))  # type: ignore[arg-type]
    yield api
    months.close()  # type: ignore[attr-defined]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Api]:
    """A programme of 150 clients after one publication."""
    yield from served(tmp_path_factory.mktemp("made"), PLAN)


@pytest.fixture(scope="module")
def before(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Api]:
    """The same programme before it."""
    yield from served(tmp_path_factory.mktemp("before"), NOTHING_YET)


def test_every_role_reads_the_same_list(made: Api) -> None:
    answers = [made.get(ROOT, role) for role in ROLES]
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.text for answer in answers}) == 1
    [row] = answers[0].json()["publications"]
    assert (row["number"], row["shown"] <= row["numbers"]) == (1, True)


def test_the_list_is_asked_again_and_what_was_published_is_kept(made: Api) -> None:
    assert made.get(ROOT, "reporting").headers["Cache-Control"] == "private, no-cache"
    for path in (ROOT, f"{ROOT}/1", f"{ROOT}/1/content", f"{ROOT}/1/{TABLE}"):
        answer = made.get(path, "reporting")
        again = made.get(path, "reporting", headers={"If-None-Match": answer.headers["ETag"]})
        assert (again.status_code, again.content, again.headers["ETag"]) == (304, b"", answer.headers["ETag"])
        assert made.get(path, "reporting", headers={"If-None-Match": '"other"'}).status_code == 200
        assert path == ROOT or "immutable" in answer.headers["Cache-Control"]


def test_whoever_has_the_answers_verifies_offline(made: Api) -> None:
    head = made.get(f"{ROOT}/1", "reporting").json()
    content = made.get(f"{ROOT}/1/content", "reporting")
    assert sha256(content.content).hexdigest() == head["digest"]
    assert content.headers["ETag"] == f'"{head["digest"]}"'
    assert head["digest"] in head["statement"].split("\n")
    assert is_signed(head["statement"].encode(), head["signature"], head["public_key"])
    assert [table["table"] for table in head["tables"]] == [table["name"] for table in content.json()["tables"]]


def test_a_table_says_what_was_published_and_withheld_is_null(made: Api) -> None:
    found = made.get(f"{ROOT}/1/{TABLE}", "reporting").json()
    kept = publications_of(made.services).table(1, TABLE)
    assert found["rows"] == kept["rows"]
    assert found["of"] == {"completion_rate": ["completed", "discharges"]}
    assert (found["definition"], found["groups"]) == (kept["definition"], {"": [""]})


@pytest.mark.parametrize("asked", [{"params": {"format": "csv"}}, {"headers": {"Accept": "text/csv"}}])
def test_a_table_as_csv(made: Api, asked: dict[str, Any]) -> None:
    answer = made.get(f"{ROOT}/1/{TABLE}", "reporting", **asked)
    assert answer.headers["content-type"].partition(";")[0] == "text/csv"
    assert answer.headers["Vary"] == "Accept"
    rows = [*csv.DictReader(io.StringIO(answer.text))]
    kept = publications_of(made.services).table(1, TABLE)["rows"]
    assert [row["discharges"] for row in rows] == [
        "" if r["discharges"] is None else str(r["discharges"]) for r in kept
    ]
    assert answer.headers["ETag"] != made.get(f"{ROOT}/1/{TABLE}", "reporting").headers["ETag"]


def test_one_number_with_what_it_means_and_where_it_stays(made: Api) -> None:
    row = next(row for row in publications_of(made.services).table(1, TABLE)["rows"] if row["completion_rate"])
    asked = {"period": row["period"], "column": "completion_rate"}
    found = made.get(f"{ROOT}/1/{TABLE}/number", "reporting", params=asked).json()
    assert (found["value"], found["low"], found["high"]) == tuple(
        row[f"completion_rate{end}"] for end in ("", "_low", "_high")
    )
    assert (found["denominator"], found["denominator_value"]) == ("discharges", row["discharges"])
    assert not found["withheld"]
    assert made.get(found["permalink"], "reporting").json() == found
    count = made.get(f"{ROOT}/1/{TABLE}/number", params={**asked, "column": "completed"}).json()
    assert (count["value"], count["denominator"], count["low"]) == (row["completed"], "discharges", None)


def test_what_is_not_shown_is_said_to_be_withheld(made: Api) -> None:
    tables = publications_of(made.services).content(1)["tables"]
    table, row, column = next(
        (table, row, name)
        for table in tables
        for row in table["rows"]
        for name in table["columns"]
        if row[name] is None
    )
    asked = {"period": row["period"], "group": row["group"], "column": column}
    found = made.get(f"{ROOT}/1/{table['name']}/number", "reporting", params=asked).json()
    assert (found["value"], found["withheld"]) == (None, True)


@pytest.mark.parametrize(
    ("asked", "field"),
    [
        ({"period": "1999", "column": "discharges"}, "period"),
        ({"period": "2026-Q1", "column": "weather"}, "column"),
        ({"period": "2026-Q1", "column": "discharges", "group": "Mars"}, "group"),
        ({"period": "2026-Q1", "column": "discharges", "as_of": "2026-01-01"}, "as_of"),
    ],
)
def test_a_wrong_question_names_its_field(made: Api, asked: dict[str, str], field: str) -> None:
    answer = made.get(f"{ROOT}/1/{TABLE}/number", "reporting", params=asked)
    assert answer.status_code == 422
    assert [error["field"] for error in answer.json()["errors"]] == [field]


@pytest.mark.parametrize(
    "path", ["2", "2/content", f"2/{TABLE}", "1/weather-month", "1/weather-month/number?period=1&column=1"]
)
def test_what_was_not_published_is_not_there(made: Api, path: str) -> None:
    assert made.get(f"{ROOT}/{path}", "reporting").status_code == 404


def test_what_was_altered_is_not_shown(made: Api) -> None:
    with made.services.log.recorder.writing() as tx:
        [(kept,)] = tx.rows("SELECT digest FROM publication WHERE number=1")
        tx.many("UPDATE publication SET digest=? WHERE number=1", [("00" * 32,)])
    altered = Api(made.services, made.clock, create_app(made.services))
    vars(made.services).pop("publications", None)
    try:
        answer = altered.get(f"{ROOT}/1/{TABLE}", "reporting")
        assert (answer.status_code, answer.json()["type"]) == (500, "/problems/internal")
    finally:
        with made.services.log.recorder.writing() as tx:
            tx.many("UPDATE publication SET digest=? WHERE number=1", [(kept,)])


def test_a_reader_outside_learns_nothing_of_the_log_as_it_is(made: Api) -> None:
    answers = [made.get(f"{ROOT}{path}", "reporting").text for path in ("", "/1", "/1/content", f"/1/{TABLE}")]
    head = made.services.log.head()
    made.done("NEW-1", "register-client")
    made.services.catch_up()
    assert made.services.log.head() > head
    again = [made.get(f"{ROOT}{path}", "reporting").text for path in ("", "/1", "/1/content", f"/1/{TABLE}")]
    assert again == answers


def worked(api: Api, path: str, way: str = "", body: Any = None, **options: Any) -> dict[str, Any]:
    """Start work as an administrator, wait for it, and read what it came to."""
    api.clock.now += timedelta(seconds=1)
    answer = api.as_("admin").post(f"{ROOT}{path}", json=body or {}, **options)
    assert answer.status_code == 202, answer.text
    api.services.jobs.wait()
    return api.get(f"{ROOT}{way or path}", "admin").json()


def test_publishing_is_tried_then_done_then_verified(before: Api) -> None:
    assert before.get(ROOT, "reporting").json() == {"publications": []}
    assert before.get(f"{ROOT}/preview", "admin").status_code == 404
    plan = before.get(f"{ROOT}/plan", "admin").json()["plan"]
    body = {"plan": {**plan, "begin": "2025-02", "reports": ["completion"], "groups": []}}
    tried = worked(before, "/preview", body=body)
    assert (tried["state"], tried["outcome"]["refused"]) == ("done", 0)
    assert before.get(ROOT, "reporting").json() == {"publications": []}
    done = worked(before, "", "/publishing", body, headers={"Idempotency-Key": "one"})
    assert (done["state"], done["outcome"]["publication"]) == ("done", 1)
    assert [row["table"] for row in tried["outcome"]["tables"]] == [
        row["table"] for row in before.get(f"{ROOT}/1", "reporting").json()["tables"]
    ]
    verified = worked(before, "/verification")
    assert (verified["state"], verified["outcome"]["holds"], verified["outcome"]["publications"]) == ("done", True, 1)
    again = before.as_("admin").post(ROOT, json=body, headers={"Idempotency-Key": "one"})
    assert (again.status_code, again.json()["started"], again.json()["job"]["id"]) == (202, False, done["id"])
    other = before.as_("admin").post(ROOT, json={}, headers={"Idempotency-Key": "one"})
    assert (other.status_code, other.json()["type"]) == (422, "/problems/key-reused")
    twice = worked(before, "", "/publishing", body, headers={"Idempotency-Key": "two"})
    assert (twice["state"], "nothing to publish" in twice["outcome"]["error"]) == ("failed", True)


@pytest.mark.parametrize(
    "body", [{"plan": {"reports": ["weather"]}}, {"plan": {"smallest_shown": 2}}, {"threshold": 1}]
)
def test_a_wrong_plan_is_refused(before: Api, body: dict[str, Any]) -> None:
    assert before.as_("admin").post(f"{ROOT}/preview", json=body).status_code == 422


def test_a_plan_of_the_settings_that_is_wrong_names_the_setting(before: Api, tmp_path: Path) -> None:
    path = tmp_path / "plan.toml"
    path.write_text("reports = []")
    before.services.settings.publication_plan_file = path
    try:
        answer = before.get(f"{ROOT}/plan", "admin")
    finally:
        before.services.settings.publication_plan_file = None
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "CAREJOURNEY_PUBLICATION_PLAN_FILE")
