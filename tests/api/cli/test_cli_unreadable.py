"""An entry that cannot be read: commands say its place in a line and no value of it, and go on for everybody else."""

from __future__ import annotations

import json
import shutil
import zipfile
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from api.cli.main import app
from infra.bootstrap import open_services
from infra.settings import Settings
from tests.poison import HIDDEN, POISONS, SEALED, lose_key, poison

RUNNER = CliRunner()


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a store with two charts."""
    folder = tmp_path_factory.mktemp("filled")
    lines = [
        {"client": client, "type": kind, "occurred_at": f"2026-01-0{day}T09:00:00-05:00", "data": data}
        for client in ("A-1", "A-2")
        for day, kind, data in [
            (4, "ClientRegistered", {"name": "Simulated Person", "birth_date": "1990-04-01"}),
            (5, "LevelOfCareStarted", {"level": "residential", "program": "North"}),
            (6, "NoteAdded", {"text": HIDDEN}),
            (9, "LevelOfCareEnded", {"level": "residential", "reason": "completed"}),
        ]
    ]
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CAREJOURNEY_DATABASE_URL", f"sqlite:///{folder / 'cli.db'}")
        patch.chdir(folder)
        Path("a.ndjson").write_text("".join(json.dumps(line) + "\n" for line in lines))
        run("import", "events", "a.ndjson")
    return folder


@pytest.fixture
def store(filled: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of it, to spoil."""
    shutil.copytree(filled, tmp_path, dirs_exist_ok=True)
    monkeypatch.setenv("CAREJOURNEY_DATABASE_URL", f"sqlite:///{tmp_path / 'cli.db'}")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(*words: str, expect: int = 0) -> Result:
    result = RUNNER.invoke(app, list(words))
    assert result.exit_code == expect, (result.output, result.stderr, result.exception)
    return result


def spoiled(kind: str, reference: str = "A-1") -> str:
    services = open_services(Settings())
    try:
        poison(services.log, reference, kind)
        return services.log.client_id(reference)
    finally:
        services.close()


def says_it(result: Result, client_id: str) -> None:
    """In one line each, with the client's stream and no value; nothing was raised but the exit."""
    assert isinstance(result.exception, SystemExit)
    assert HIDDEN not in result.stderr
    assert f"client {client_id}" in result.stderr
    assert "1 client left out" in result.stderr
    assert "Traceback" not in result.stderr


EXPORTS = [("events", "--out", "out"), ("csv", "out"), ("xes", "out"), ("ocel", "out"), ("teds", "out")]
OPENING = {"events", "teds"}  # these open what is sealed


def written(path: Path) -> bytes:
    files = [path] if path.is_file() else sorted(path.iterdir())
    return b"".join(file.read_bytes() for file in files)


@pytest.mark.parametrize("words", EXPORTS, ids=lambda words: words[0])
@pytest.mark.parametrize("kind", POISONS)
def test_an_export_leaves_the_client_out_and_says_so(store: Path, kind: str, words: tuple[str, ...]) -> None:
    client_id = spoiled(kind)
    if kind in SEALED and words[0] not in OPENING:
        run("export", *words)
        return
    says_it(run("export", *words, expect=1), client_id)
    out = written(store / "out")
    assert out
    assert client_id.encode() not in out
    if words[0] == "events":
        assert {json.loads(line)["client"] for line in out.splitlines()} == {"A-2"}


@pytest.mark.parametrize("words", [EXPORTS[0], EXPORTS[4]], ids=lambda words: words[0])
def test_a_lost_key_stops_nobody_else(store: Path, words: tuple[str, ...]) -> None:
    services = open_services(Settings())
    client_id = services.log.client_id("A-1")
    services.close()
    lose_key(store / "cli.db", client_id)
    says_it(run("export", *words, expect=1), client_id)


def test_all_is_written_where_all_can_be_read(store: Path) -> None:
    for number, words in enumerate(EXPORTS):
        run("export", *words[:-1], f"{words[-1]}{number}")


def test_the_survivor_of_a_chart_that_cannot_be_read_is_left_out_too(store: Path) -> None:
    client_id = spoiled("unknown type", "A-2")
    Path("m.ndjson").write_text(
        '{"client":"A-1","type":"ChartsMerged","occurred_at":"2026-02-01T09:00:00Z","data":{"other_client":"A-2"}}\n'
    )
    run("import", "events", "m.ndjson")
    told = run("export", "events", "--out", "out", expect=1).stderr
    assert client_id in told
    assert "2 clients left out" in told
    assert (store / "out").read_bytes() == b""


@pytest.mark.parametrize("kind", POISONS)
def test_an_audit_package_holds_its_place_and_its_proof(store: Path, kind: str) -> None:
    spoiled(kind)
    result = run("audit", "package", "A-1", "--out", "p.zip")
    assert "5 entries" in result.stderr
    with zipfile.ZipFile("p.zip") as archive:
        rows = json.loads(archive.read("history.json"))
        assert [row["effect"] for row in rows] == ["learned"] * 4 + ["unreadable"]
        assert rows[-1]["proof"] in archive.namelist()


@pytest.mark.parametrize("kind", POISONS)
@pytest.mark.parametrize("command", ["status", "timeline", "rows", "history"])
def test_a_chart_opens_and_says_what_is_missing(store: Path, kind: str, command: str) -> None:
    spoiled(kind)
    told = run("client", command, "A-1").stderr
    assert "entry 5 (" in told
    assert HIDDEN not in told


@pytest.mark.parametrize("kind", POISONS)
def test_every_other_command_goes_on(store: Path, kind: str) -> None:
    spoiled(kind)
    assert json.loads(run("report", "completion", "--format", "json").stdout)[0]["discharges"] == 2
    for words in (
        *(("project", "verify"), ("project", "rebuild"), ("project", "status"), ("project", "quarantine")),
        *(("client", "summary", "A-1", "--pdf", "s.pdf"), ("client", "erasures"), ("client", "duplicates")),
        *(("report", "completion", "--as-of", "2026-06-01T00:00:00Z"), ("audit", "diff", "A-1"), ("audit", "seal")),
    ):
        result = RUNNER.invoke(app, list(words))
        assert result.exception is None or isinstance(result.exception, SystemExit), (words, result.exception)
        assert HIDDEN not in result.stderr


def test_one_client_is_tried_again_by_number_or_stream(store: Path) -> None:
    client_id = spoiled("unknown type")
    run("project", "run", "--until-caught-up")
    [first, *_] = json.loads(run("project", "quarantine", "--format", "json").stdout)
    assert (first["client_id"], first["sequence"], first["tries"]) == (client_id, 5, 1)
    assert first["first_failed"] == first["last_failed"]
    assert json.loads(run("project", "status", "--format", "json").stdout)[0]["stopped_since"] == first["first_failed"]
    for named in ("a-1", client_id):
        assert "0 healed" in run("project", "retry", "--client", named, expect=1).stdout
    assert "0 healed, 0 still stopped" in run("project", "retry", "--client", "A-2").stdout
    run("project", "retry", "--client", "NOBODY", expect=1)
