"""Disk full, read-only, locked, clock stepping back, key lost: a clear error, reading goes on, nothing is lost.

Each is met at the command line or over HTTP, and mended without touching the store by hand.
"""

from __future__ import annotations

import os
import resource
import shutil
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx2
import psycopg
import pytest
from pydantic import SecretStr
from starlette.testclient import TestClient
from typer.testing import CliRunner, Result

from api.cli.main import app
from api.http.app import create_app
from api.http.examples import EXAMPLES
from infra.bootstrap import Services, open_services
from infra.eventstore import setup as opening
from infra.settings import Settings
from tests.infra.privacy.erasure.erasures import KEY, Clock
from tools.stack.ports import free_port

LINE = '{"client": "A-1", "type": "NoteAdded", "occurred_at": "2026-01-05T09:00:00Z", "data": {"text": "%s"}}\n'


def cli(folder: Path, *words: str, before: str = "", **more: str) -> subprocess.CompletedProcess[str]:
    """The installed command in a shell of its own."""
    env = {name: value for name, value in os.environ.items() if not name.startswith("CAREJOURNEY_")} | more
    command = f"{before}exec {Path(sys.executable).parent}/carejourney {' '.join(words)}"
    return subprocess.run(["bash", "-c", command], cwd=folder, env=env, capture_output=True, text=True, check=False)


def within(folder: Path, *words: str) -> Result:
    """The same command in this process, for what no fault is done to; it must succeed."""
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith("CAREJOURNEY_")]:
            patch.delenv(name)
        patch.chdir(folder)
        done = CliRunner().invoke(app, list(words))
    assert done.exit_code == 0, (done.output, done.exception)
    return done


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of an embedded store with a few entries."""
    folder = tmp_path_factory.mktemp("filled")
    (folder / "in.ndjson").write_text("".join(LINE % f"note {number}" for number in range(20)))
    done = cli(folder, "import", "events", "in.ndjson")
    assert done.returncode == 0, done.stderr
    return folder


@pytest.fixture
def store(filled: Path, tmp_path: Path) -> Path:
    """A copy of it, to do something to."""
    return shutil.copytree(filled, tmp_path, dirs_exist_ok=True)


def notes(folder: Path) -> int:
    return within(folder, "export", "events").stdout.count("NoteAdded")


def test_a_full_disk_refuses_an_import_and_loses_nothing(store: Path) -> None:
    (store / "more.ndjson").write_text("".join(LINE % ("x" * 4_000 + str(number)) for number in range(2_000)))
    full = cli(store, "import", "events", "more.ndjson", before="ulimit -f 3000; ")
    assert full.returncode == 1
    assert "the disk is full" in full.stderr
    assert "Traceback" not in full.stderr
    assert notes(store) == 20
    assert cli(store, "import", "events", "more.ndjson").returncode == 0
    assert notes(store) == 2_020


def test_a_full_disk_leaves_no_half_written_backup(store: Path) -> None:
    (store / "more.ndjson").write_text("".join(LINE % (os.urandom(3_000).hex() + str(n)) for n in range(500)))
    within(store, "import", "events", "more.ndjson")
    before = sorted(path.name for path in store.iterdir())
    full = cli(store, "backup", "some.cjbackup", before="ulimit -f 1000; ")
    assert full.returncode == 1
    assert "free space" in full.stderr
    assert sorted(path.name for path in store.iterdir()) == before
    assert cli(store, "backup", "some.cjbackup").returncode == 0
    within(store, "restore", "--check", "some.cjbackup")


def test_a_read_only_disk_is_named(store: Path) -> None:
    mount = "mount --bind var var && mount -o remount,ro,bind var && cd . && "
    inside = f"{mount}exec {Path(sys.executable).parent}/carejourney import events in.ndjson"
    env = {name: value for name, value in os.environ.items() if not name.startswith("CAREJOURNEY_")}
    command = ["unshare", "-rm", "bash", "-c", inside]
    done = subprocess.run(command, cwd=store, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 1, done.stderr
    assert "can be written" in done.stderr or "can only be read" in done.stderr
    assert "Traceback" not in done.stderr
    assert notes(store) == 20


def test_a_lost_key_leaves_the_aggregates(store: Path) -> None:
    key = next((store / "var").glob("*.key"))
    key.rename(store / "aside")
    lost = cli(store, "client", "timeline", "A-1")
    assert lost.returncode == 1
    assert "no master key at" in lost.stderr
    report = within(store, "report", "status", "--format", "json")
    assert "Only what needs no key can be read" in report.stderr
    assert '"clients": 1' in report.stdout
    assert cli(store, "import", "events", "in.ndjson").returncode == 1
    (store / "aside").rename(key)
    assert notes(store) == 20


@pytest.fixture
def services(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Services]:
    """An open store whose patience with locks is short."""
    monkeypatch.setattr(opening, "_LOCK_SECONDS", "1")
    opened = open_services(_settings(f"sqlite:///{tmp_path}/log.db", tmp_path), Clock())
    yield opened
    opened.close()


def _settings(url: str, folder: Path, key: str = KEY) -> Settings:
    ledger = folder / "erasures"
    return Settings(database_url=SecretStr(url), master_key=SecretStr(key), erasure_ledger=ledger, demo=True)


def client(services: Services, role: str = "clinician") -> TestClient:
    headers = {"Authorization": f"Bearer demo-{role}"}
    return TestClient(create_app(services), headers=headers, raise_server_exceptions=False)


def command(api: Any, services: Services, name: str = "register-client") -> Any:
    body = {"occurred_at": services.now().isoformat(), "data": EXAMPLES[name]}
    return api.post(f"/api/v1/clients/A-1/commands/{name}", json=body)


def is_problem(answer: Any, kind: str, words: str) -> None:
    assert answer.status_code == 503, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["type"] == f"/problems/{kind}"
    assert words in answer.json()["detail"]
    assert "retry-after" in answer.headers


def test_a_locked_database_answers_503_and_reading_goes_on(services: Services, tmp_path: Path) -> None:
    api = client(services)
    assert command(api, services).status_code == 201
    with closing(sqlite3.connect(tmp_path / "log.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        is_problem(command(api, services, "add-note"), "not-ready", "Another process holds the database")
        assert api.get("/api/v1/clients/A-1/timeline").status_code == 200
        assert api.get("/api/v1/reports/status").status_code == 200
        other.execute("ROLLBACK")
    assert command(api, services, "add-note").status_code == 201
    assert api.get("/api/v1/clients/A-1").json()["sequence"] == 2


def test_a_clock_that_steps_back_changes_no_order(services: Services) -> None:
    api = client(services)
    clock: Any = services.clock
    assert command(api, services).status_code == 201
    clock.now -= timedelta(hours=2)
    assert command(api, services, "add-note").status_code == 201
    clock.now += timedelta(hours=3)
    assert command(api, services, "add-note").status_code == 201
    history = api.get("/api/v1/clients/A-1/history").json()["entries"]
    assert [entry["sequence"] for entry in history] == [1, 2, 3]
    assert [entry["position"] for entry in history] == [1, 2, 3]


def test_a_lost_key_answers_503_and_reports_go_on(services: Services, tmp_path: Path) -> None:
    assert command(client(services), services).status_code == 201
    services.catch_up()
    services.close()
    url = f"sqlite:///{tmp_path}/log.db"
    lost = open_services(_settings(url, tmp_path, "cd" * 32), Clock(), keyless=True)
    api = client(lost)
    is_problem(api.get("/api/v1/clients/A-1"), "no-key", "the master key is not the one")
    is_problem(command(api, lost, "add-note"), "no-key", "What needs no key")
    is_problem(api.post("/api/v1/clients/search", json={"text": "abc"}), "no-key", "master key")
    assert api.get("/api/v1/reports/status").status_code == 200
    assert client(lost, "analyst").get("/api/v1/reports/completion").status_code == 200
    lost.close()
    back = open_services(_settings(url, tmp_path), Clock())
    assert client(back).get("/api/v1/clients/A-1").json()["sequence"] == 1
    back.close()


def test_a_read_only_server_is_read(migrated_postgres_url: str, tmp_path: Path) -> None:
    first = open_services(_settings(migrated_postgres_url, tmp_path), Clock())
    assert command(client(first), first).status_code == 201
    first.catch_up()
    first.close()
    name = migrated_postgres_url.rpartition("/")[2]
    with psycopg.connect(migrated_postgres_url, autocommit=True) as admin:
        admin.execute(f'ALTER DATABASE "{name}" SET default_transaction_read_only = on'.encode())
    services = open_services(_settings(migrated_postgres_url, tmp_path), Clock())
    api = client(services)
    is_problem(command(api, services, "add-note"), "not-ready", "The database can only be read")
    assert api.get("/api/v1/reports/status").status_code == 200
    with psycopg.connect(
        migrated_postgres_url, autocommit=True, options="-c default_transaction_read_only=off"
    ) as admin:
        admin.execute(f'ALTER DATABASE "{name}" RESET default_transaction_read_only'.encode())
    services.close()
    again = open_services(_settings(migrated_postgres_url, tmp_path), Clock())
    assert command(client(again), again, "add-note").status_code == 201
    again.close()


def answers(port: int, child: subprocess.Popen[bytes]) -> None:
    """Wait until the server takes connections; a server that ended fails the test."""
    while child.poll() is None:
        with socket.socket() as door:
            door.settimeout(1)
            if door.connect_ex(("127.0.0.1", port)) == 0:
                return
    pytest.fail(f"the server ended with {child.returncode}")


@pytest.fixture
def server(tmp_path: Path) -> Iterator[tuple[httpx2.Client, int]]:
    """A real server of its own, and its process id."""
    port = free_port()
    command_ = [f"{Path(sys.executable).parent}/carejourney", "demo", "--clients", "3", "--port", str(port)]
    with subprocess.Popen([*command_, "--directory", str(tmp_path)], cwd=tmp_path, stderr=subprocess.PIPE) as child:
        headers = {"Authorization": "Bearer demo-clinician"}
        with httpx2.Client(base_url=f"http://127.0.0.1:{port}", headers=headers, timeout=120) as api:
            for line in child.stderr or ():
                if b"Ctrl-C stops it" in line:
                    break
            answers(port, child)
            yield api, child.pid
        child.terminate()


def test_a_server_on_a_full_disk_answers_503_reads_and_recovers(server: tuple[httpx2.Client, int]) -> None:
    api, process = server
    path, body = "/api/v1/clients/FULL-1/commands/", {"occurred_at": "2026-01-05T09:00:00Z"}
    first = api.post(path + "register-client", json={**body, "data": EXAMPLES["register-client"]})
    assert first.status_code == 201, first.text
    note = {**body, "data": {"text": "x" * 19_000}}
    whole = resource.prlimit(process, resource.RLIMIT_FSIZE)
    resource.prlimit(process, resource.RLIMIT_FSIZE, (600_000, whole[1]))
    written, answer = 0, api.post(path + "add-note", json=note)
    while answer.status_code == 201:
        written += 1
        answer = api.post(path + "add-note", json=note)
    is_problem(answer, "not-ready", "The disk is full")
    assert api.get("/api/v1/reports/status").status_code == 200
    assert api.get("/healthz").status_code == 200
    resource.prlimit(process, resource.RLIMIT_FSIZE, whole)
    after = api.post(path + "add-note", json=note)
    assert after.status_code == 201, after.text
    assert after.json()["sequence"] == written + 2
