"""``client erase`` and ``keys`` at the command line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from api.cli.main import app
from tests.prepared import empty_store

RUNNER = CliRunner()
NAME = "Zebulon Quillfeather"


@pytest.fixture(autouse=True)
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A store with one client."""
    monkeypatch.setenv("CAREJOURNEY_DATABASE_URL", empty_store(tmp_path, "cli"))
    monkeypatch.chdir(tmp_path)
    data = {"name": NAME, "birth_date": "1931-02-03"}
    line = {"client": "A-1", "type": "ClientRegistered", "occurred_at": "2026-01-05T09:00:00Z", "data": data}
    Path("a.ndjson").write_text(json.dumps(line) + "\n")
    run("import", "events", "a.ndjson")
    Path("a.ndjson").unlink()
    return tmp_path


def run(*words: str, expect: int = 0) -> Result:
    result = RUNNER.invoke(app, list(words))
    assert result.exit_code == expect, (result.output, result.stderr, result.exception)
    return result


def become_another(monkeypatch: pytest.MonkeyPatch) -> None:
    """Another user of the system, who has no name there."""
    monkeypatch.setattr("os.getuid", lambda: 2**31 - 7)


def test_two_people_erase_a_client(store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "give one of" in run("client", "erase", "A-1", expect=2).stderr
    assert "Asked for" in run("client", "erase", "A-1", "--ground", "court_order", "--by", "a.meyer").stdout
    waiting = json.loads(run("client", "erasures", "--format", "json").stdout)
    assert [(row["client"], row["requested_by"]) for row in waiting] == [("A-1", "a.meyer")]
    assert "two_people" in run("client", "erase", "A-1", "--confirm", "--by", "A.Meyer", expect=1).stderr
    # one person with two names is one person: the system says who runs a command, not its words
    assert "two_people" in run("client", "erase", "A-1", "--confirm", "--by", "b.okafor", expect=1).stderr
    assert NAME in run("export", "events").stdout
    become_another(monkeypatch)
    assert "Erased. It is shown as erased:" in run("client", "erase", "A-1", "--confirm", "--by", "b.okafor").stdout
    assert "by a.meyer and b.okafor" in run("client", "timeline", "A-1", "--format", "csv").stdout
    for words in (("export", "events"), ("client", "history", "A-1", "--format", "json"), ("project", "verify")):
        assert NAME not in run(*words).stdout
    for words in (("events",), ("events", "--recipient", "Clinic"), ("fhir", "out", "--recipient", "Clinic")):
        refused = run("export", *words, "--client", "A-1", expect=1)
        assert ("this chart was erased" in refused.stderr, refused.stdout) == (True, ""), words
    for path in store.iterdir():
        if path.is_dir():
            continue
        assert b"Quillfeather" not in path.read_bytes()


def test_a_request_is_withdrawn() -> None:
    run("client", "erase", "A-1", "--ground", "other", "--by", "a.meyer")
    run("client", "erase", "A-1", "--withdraw", "not meant", "--by", "b.okafor")
    assert "request_waits" in run("client", "erase", "A-1", "--confirm", "--by", "b.okafor", expect=1).stderr


def test_the_master_key_is_rotated(store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run("keys", "new", "second.key")
    assert "never overwritten" in run("keys", "new", "second.key", expect=1).stderr
    monkeypatch.setenv("CAREJOURNEY_MASTER_KEY_FILE", "second.key")
    assert "not the one" in run("keys", "rotate", expect=1).stderr
    monkeypatch.setenv("CAREJOURNEY_ACCEPTED_MASTER_KEY_FILES", '["cli.key"]')
    assert "2 keys wrapped anew, 0 still" in run("keys", "rotate").stdout
    monkeypatch.delenv("CAREJOURNEY_ACCEPTED_MASTER_KEY_FILES")
    assert NAME in run("export", "events").stdout
    [row] = json.loads(run("keys", "status", "--format", "json").stdout)
    assert (row["state"], row["charts"], row["secrets"]) == ("in use", 1, 1)
    assert (store / "second.key").stat().st_mode & 0o777 == 0o600


def test_without_its_master_key_a_store_says_so_and_what_it_can() -> None:
    Path("cli.key").rename("elsewhere.key")
    assert "no master key at" in run("export", "events", expect=1).stderr
    shown = run("keys", "status", "--format", "json")
    assert [row["state"] for row in json.loads(shown.stdout)] == ["missing"]
    assert "no master key at" in shown.stderr
    assert json.loads(run("report", "status", "--format", "json").stdout)
