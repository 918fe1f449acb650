"""``audit verify, seal, heads, keys, rotate-key, prove`` at the command line: what they say, and their exit codes."""

from __future__ import annotations

import json
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from api.cli.main import app
from tests.infra.integrity.sealed import holds
from tests.prepared import empty_store

RUNNER = CliRunner()
KINDS = {
    "ClientRegistered": {"name": "Zebulon Quillfeather", "birth_date": "1931-02-03"},
    "NoteAdded": {"text": "seen"},
}


@pytest.fixture(autouse=True)
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An embedded store with two imported clients."""
    monkeypatch.setenv("CAREJOURNEY_DATABASE_URL", empty_store(tmp_path, "cli"))
    monkeypatch.chdir(tmp_path)
    record("A-1", "A-2")
    return tmp_path


def record(*clients: str) -> None:
    lines = [
        json.dumps({"client": client, "type": kind, "occurred_at": "2026-01-05T09:00:00Z", "data": data})
        for client in clients
        for kind, data in KINDS.items()
    ]
    Path("in.ndjson").write_text("\n".join(lines))
    run("import", "events", "in.ndjson")


def run(*words: str, expect: int = 0) -> Result:
    result = RUNNER.invoke(app, list(words))
    assert result.exit_code == expect, (result.output, result.stderr, result.exception)
    return result


def rows(*words: str, expect: int = 0) -> list[dict[str, Any]]:
    return json.loads(run(*words, "--format", "json", expect=expect).stdout)


def alter(statement: str) -> None:
    with closing(sqlite3.connect("cli.db")) as connection:
        connection.execute(statement)
        connection.commit()


def test_an_import_is_sealed_and_verifies() -> None:
    [head] = rows("audit", "heads")
    assert (head["log"], head["number"], head["size"]) == ("care", 1, 4)
    assert "care: 4 entries in 2 streams are as they were recorded; 1 head covers 4." in run("audit", "verify").stdout
    assert rows("audit", "verify") == []
    assert "Nothing was recorded" in run("audit", "seal").stdout


def test_what_was_altered_is_named_with_its_place() -> None:
    alter("UPDATE stored_events SET topic='NoteAdded.2' WHERE rowid=2")
    found = rows("audit", "verify", expect=1)
    assert (found[0]["log"], found[0]["kind"], found[0]["position"], found[0]["sequence"]) == ("care", "forged", 2, 2)
    assert "root" in {finding["kind"] for finding in found}
    assert "Quillfeather" not in run("audit", "verify", expect=1).output
    assert "kind" in run("audit", "verify", "--format", "csv", expect=1).stdout.splitlines()[0]


def test_an_older_copy_is_found_by_heads_that_were_saved(store: Path) -> None:
    shutil.copy("cli.db", "older.db")
    record("A-3")
    run("audit", "heads", "--out", "saved.ndjson")
    shutil.move("older.db", "cli.db")
    Path("cli.heads").unlink()
    assert rows("audit", "verify") == []
    kinds = {finding["kind"] for finding in rows("audit", "verify", "--heads", "saved.ndjson", expect=1)}
    assert {"rolled-back", "head"} <= kinds


def test_the_file_beside_the_store_knows_of_an_older_copy_too(store: Path) -> None:
    shutil.copy("cli.db", "older.db")
    record("A-3")
    shutil.move("older.db", "cli.db")
    assert "rolled-back" in {finding["kind"] for finding in rows("audit", "verify", expect=1)}
    assert "an older copy" in run("audit", "seal", expect=1).stderr


def test_an_import_that_cannot_be_sealed_is_kept_and_says_so() -> None:
    Path("cli.signing").unlink()
    record("A-4")
    assert "are not sealed yet" in run("audit", "verify").stderr
    assert "no signing key" in run("audit", "seal", expect=1).stderr


def test_keys_rotate_and_what_was_signed_stays_valid() -> None:
    before = rows("audit", "keys")
    fresh = rows("audit", "rotate-key")[0]
    assert [key["key_id"] for key in rows("audit", "keys")] == [before[0]["key_id"], fresh["key_id"]]
    assert fresh["certified_by"] == before[0]["key_id"]
    record("A-3")
    assert rows("audit", "heads")[-1]["key_id"] == fresh["key_id"]
    assert rows("audit", "verify") == []
    Path("cli.signing").unlink()
    run("audit", "rotate-key", "--lost")
    assert "was not certified by the one before it" in run("audit", "verify").stderr


def test_a_proof_is_written_and_looking_at_it_is_on_record() -> None:
    run("audit", "heads", "--out", "saved.ndjson")
    record("A-3")
    event_id = json.loads(run("client", "history", "A-1", "--format", "json").stdout)[0]["event_id"]
    run("audit", "prove", event_id, "--out", "proof.json", "--from-head", "saved.ndjson")
    proof = Path("proof.json").read_bytes()
    assert holds(proof)
    assert json.loads(proof)["from_head"]["size"] == 4
    assert b"Quillfeather" not in proof
    seen = json.loads(run("audit", "disclosures", "A-1", "--reads", "--format", "json").stdout)
    assert "audit prove" in {access["doing"] for access in seen}


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("audit", "prove", "0" * 32), "no entry has this id"),
        (("audit", "prove", "seven"), "is not the id of an entry"),
        (("audit", "verify", "--heads", "nowhere.ndjson"), "audit heads --out"),
        (("audit", "verify", "--heads", "in.ndjson"), "in.ndjson, line 1"),
    ],
)
def test_what_cannot_be_done_says_what_to_do(words: tuple[str, ...], said: str) -> None:
    assert said in run(*words, expect=1).stderr
