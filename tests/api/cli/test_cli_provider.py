"""``carejourney provider``: defined, listed at a moment, its history, taken back; what is wrong is said and refused."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from api.cli.main import app

SITE = {"site": "North", "name": "North House", "zone": "America/Chicago"}


@pytest.fixture(autouse=True)
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CAREJOURNEY_DATABASE_URL", f"sqlite:///{tmp_path}/log.db")


def run(*words: str) -> Result:
    return CliRunner().invoke(app, ["provider", *words])


def define(since: str = "2026-01-01T00:00:00Z", **more: object) -> Result:
    return run("define", "define-site", "--data", json.dumps(SITE | more), "--since", since, "--by", "a.meyer")


def names(*words: str) -> list[str]:
    return [row["name"] for row in json.loads(run("list", "site", "--format", "json", *words).stdout)]


def test_a_site_is_defined_listed_and_taken_back() -> None:
    first = define()
    assert (first.exit_code, first.stdout.partition(":")[0]) == (0, "Recorded as entry 1 of site North")
    define("2026-02-01T00:00:00Z", name="North Campus")
    assert names() == ["North Campus"]
    assert names("--at", "2026-01-15T00:00:00Z") == ["North House"]
    assert names("--as-of", "2026-01-15T00:00:00Z") == []
    told = json.loads(run("history", "site", "north", "--format", "json").stdout)
    assert [(row["sequence"], row["type"], row["actor"]) for row in told] == [
        (1, "SiteDefined", "a.meyer"),
        (2, "SiteDefined", "a.meyer"),
    ]
    assert run("retract", told[1]["event_id"], "--reason", "not yet").stdout == "Taken back, by entry 3.\n"
    assert names() == ["North House"]


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("list", "castle"), 2, "kind: is none of"),
        (("history", "site", "nowhere"), 1, "nothing of this kind"),
        (("define", "define-castle", "--data", "{}"), 2, "is none of define-site"),
        (("define", "define-site", "--data", "{"), 2, "not JSON"),
        (("define", "define-site", "--data", "[]"), 2, "Field required"),
        (("define", "close-group", "--data", '{"group_id":"x"}'), 1, "no such group meets then"),
        (("retract", "x", "--reason", "y"), 2, "provider history"),
    ],
)
def test_what_is_wrong_is_said(words: tuple[str, ...], code: int, said: str) -> None:
    found = run(*words)
    assert (found.exit_code, said in found.output) == (code, True), found.output


def test_an_empty_kind_has_its_header() -> None:
    assert run("list", "group", "--format", "csv").stdout == "key,name,since,until,data,event_id\n"
