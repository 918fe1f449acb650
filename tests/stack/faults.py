"""The faults of the series: what is done to a process, a server, a connection or the disk of the stack."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any

from kafka.admin import KafkaAdminClient

from tests.infra.postgres.cutting import Cutter
from tests.stack.killed import KilledCommands
from tests.stack.running import ROOT, Stack
from tests.stack.volume import Volume

TOPIC = "carejourney.events.v1"
PAUSES = (3, 15, 50)  # seconds: within every limit, past a lease's, past the group's session timeout
DISK_SECONDS = 5
STATEMENTS = 24  # more than an append has


class Faults:
    """Each by its name; each does what it does, mends what no process can mend by itself, and says to what."""

    def __init__(self, stack: Stack, cutter: Cutter, volume: Volume | None, rng: random.Random) -> None:
        """Over a stack that runs."""
        self._stack = stack
        self._cutter = cutter
        self._rng = rng
        self.all: dict[str, Callable[[], str]] = {
            "kill api": lambda: self._kill("api"),
            "kill relay": lambda: self._kill("relay"),
            "kill projector": lambda: self._kill("projector"),
            "kill broker": lambda: self._server("kafka", "stop", "--kill"),
            "kill database": lambda: self._server("postgres", "stop", "--kill"),
            "restart database": lambda: self._server("postgres", "stop"),
            "pause api": lambda: self._pause("api"),
            "pause relay": lambda: self._pause("relay"),
            "pause projector": lambda: self._pause("projector"),
            "pause broker": self._pause_broker,
            "pause database": self._pause_database,
            "rebalance storm": self._storm,
            "topic deleted": self._topic,
            "lost connection": self._lost,
            "held connections": self._held,
            "database read-only": self._read_only_server,
            **KilledCommands(stack, rng).faults,
        }
        if volume:
            self.all |= {"disk full": lambda: self._full(volume), "disk read-only": lambda: self._read_only(volume)}

    def _pids(self, service: str) -> dict[str, int]:
        processes: dict[str, Any] = self._stack.status()["processes"]
        return {name: found["pid"] for name, found in processes.items() if name.startswith(service) and found["pid"]}

    def _one(self, service: str) -> tuple[str, int]:
        return self._rng.choice(sorted(self._pids(service).items()))

    def _kill(self, service: str) -> str:
        name, pid = self._one(service)
        os.kill(pid, signal.SIGKILL)
        return name

    def _pause(self, service: str) -> str:
        name, pid = self._one(service)
        return f"{name} for {self._asleep([pid])} s"

    def _asleep(self, pids: Iterable[int]) -> int:
        seconds = self._rng.choice(PAUSES)
        _signalled(pids, signal.SIGSTOP)
        try:
            time.sleep(seconds)
        finally:
            _signalled(pids, signal.SIGCONT)
        return seconds

    def _pause_broker(self) -> str:
        pid = int((self._stack.folder / "kafka" / "pid").read_text())
        return f"for {self._asleep([pid])} s"

    def _pause_database(self) -> str:
        return f"for {self._asleep(family(_postmaster(self._environment('postgres'))))} s"

    def _storm(self) -> str:
        for _ in range(3):
            for pid in self._pids("projector").values():
                _signalled([pid], signal.SIGKILL)
                time.sleep(self._rng.uniform(0.5, 3))
        return "every projector, three times"

    def _topic(self) -> str:
        admin = KafkaAdminClient(
            bootstrap_servers=self._stack.url("kafka").removeprefix("http://"),
            security_protocol="SASL_PLAINTEXT",
            sasl_mechanism="PLAIN",
            sasl_plain_username="carejourney",
            sasl_plain_password=self._stack.secret("carejourney_kafka_sasl_password"),
        )
        admin.delete_topics([TOPIC])
        admin.close()
        return TOPIC

    def _lost(self) -> str:
        number, heard = self._rng.randint(1, STATEMENTS), self._rng.random() < 0.5
        before = self._cutter.cuts
        self._cutter.cut_statement(number, heard=heard)
        deadline = time.monotonic() + 30
        while self._cutter.cuts == before:
            if time.monotonic() > deadline:
                raise TimeoutError("no connection came to that statement")
            time.sleep(0.05)
        return f"at statement {number}, {'heard' if heard else 'not heard'}"

    def _held(self) -> str:
        seconds = self._rng.choice(PAUSES)
        self._cutter.hold()
        try:
            time.sleep(seconds)
        finally:
            self._cutter.flow()
        return f"between API and database, for {seconds} s"

    def _read_only_server(self) -> str:
        for word in ("on", "off"):
            self._sql(f"ALTER SYSTEM SET default_transaction_read_only = {word}", "SELECT pg_reload_conf()")
            if word == "on":
                time.sleep(DISK_SECONDS)
        return f"for {DISK_SECONDS} s"

    def _full(self, volume: Volume) -> str:
        try:
            volume.fill()
            time.sleep(DISK_SECONDS)
        finally:
            volume.free()
        return f"for {DISK_SECONDS} s"

    def _read_only(self, volume: Volume) -> str:
        """Whoever mends a disk keeps the database from being started on it meanwhile."""
        volume.fail()
        time.sleep(DISK_SECONDS)
        supervisor = int((self._stack.folder / "pid").read_text())
        os.kill(supervisor, signal.SIGSTOP)
        try:
            self._server("postgres", "stop", "--kill")
            volume.repair()
        finally:
            os.kill(supervisor, signal.SIGCONT)
        return f"for {DISK_SECONDS} s, then mended"

    def _environment(self, name: str) -> dict[str, str]:
        return json.loads((self._stack.folder / f"{name}.env.json").read_text())

    def _server(self, name: str, *words: str) -> str:
        """Who watches over the stack starts it again."""
        subprocess.run(
            [ROOT / "tools" / f"{name}-local", *words],
            env={**os.environ, **self._environment(name)},
            check=True,
            capture_output=True,
        )
        return name

    def _sql(self, *statements: str) -> None:
        environment = self._environment("postgres")
        where = ["-h", environment["CAREJOURNEY_PG_DIR"], "-p", environment["CAREJOURNEY_PG_PORT"], "-U", "postgres"]
        words = [word for statement in statements for word in ("-c", statement)]
        subprocess.run(["psql", "-X", "-q", *where, "-d", "postgres", *words], check=True, capture_output=True)


def servers_of(stack: Stack) -> None:
    """Write down how the stack's own servers are reached, as tools/stack does."""
    code = (
        "import json,sys;from pathlib import Path;sys.path.insert(0,'tools/stack');from servers import Servers;"
        "f=Path(sys.argv[1]);s=Servers(f,json.loads((f/'ports.json').read_text()));e=s._environment();"
        "d={k:v for k,v in e.items() if k.startswith(('CAREJOURNEY_PG','CAREJOURNEY_KAFKA'))};"
        "[(f/(n+'.env.json')).write_text(json.dumps(d)) for n in ('postgres','kafka')]"
    )
    python = ROOT / ".venv" / "bin" / "python"
    subprocess.run([python, "-c", code, str(stack.folder)], cwd=ROOT, check=True, capture_output=True)


def cluster_of(folder: Path) -> Path:
    """Where a stack in a folder has its database."""
    code = (
        "import sys;from pathlib import Path;sys.path.insert(0,'tools/stack');from servers import Servers;"
        "print(Servers(Path(sys.argv[1]),{}).cluster)"
    )
    python = ROOT / ".venv" / "bin" / "python"
    done = subprocess.run([python, "-c", code, str(folder)], cwd=ROOT, check=True, capture_output=True, text=True)
    return Path(done.stdout.strip())


def _signalled(pids: Iterable[int], number: int) -> None:
    for pid in pids:
        with suppress(ProcessLookupError):  # it has ended meanwhile, or was replaced
            os.kill(pid, number)


def _postmaster(environment: dict[str, str]) -> int:
    return int((Path(environment["CAREJOURNEY_PG_DIR"]) / "data" / "postmaster.pid").read_text().splitlines()[0])


def family(pid: int) -> list[int]:
    """A process and its children, the parent first."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [pid, *map(int, children)]
