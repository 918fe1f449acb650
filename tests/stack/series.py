"""A series of random faults on the whole stack under load: ``python -m tests.stack.series --rounds 300``.

Two writers record all the time, through both API processes, each request under its own idempotency key, sent again
until it is answered. Each round does one thing to one process, then waits until the stack has caught up by itself.
After each: every acknowledged request is in the log exactly once, and the chart can be read. Every tenth, and at the
end: the read models equal a fresh replay. Prints one line a round, as JSON.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import signal
import subprocess
import tempfile
import threading
import time
import uuid
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx2
from kafka.admin import KafkaAdminClient

from api.http.examples import EXAMPLES
from tests.stack.running import ROOT, Collector, Stack

TOPIC = "carejourney.events.v1"
PAUSE_SECONDS = 50  # past the group's session timeout


class Load:
    """Writers that never give up on a request; ``acknowledged`` holds what they were told is recorded."""

    def __init__(self, stack: Stack, writers: int = 2) -> None:
        self._stack = stack
        self._over = threading.Event()
        self.acknowledged: list[str] = []
        self.errors: Counter[str] = Counter()
        stack.tokens.clear()  # a series outlasts a token
        token = stack.token("intake")
        self._threads = [threading.Thread(target=self._write, args=(n, token)) for n in range(writers)]
        for thread in self._threads:
            thread.start()

    def _write(self, number: int, token: str) -> None:
        urls = [self._stack.url("api-1"), self._stack.url("api-2")]
        client = httpx2.Client(headers={"Authorization": f"Bearer {token}"}, timeout=20)
        while not self._over.is_set():
            reference = f"SERIES-{number}-{uuid.uuid4().hex}"
            key = str(uuid.uuid4())
            body = {"occurred_at": datetime.now(UTC).isoformat(), "data": EXAMPLES["register-client"]}
            while not self._over.is_set():
                urls.append(urls.pop(0))
                path = f"{urls[0]}/api/v1/clients/{reference}/commands/register-client"
                try:
                    answer = client.post(path, json=body, headers={"Idempotency-Key": key})
                except httpx2.TransportError as error:
                    self.errors[type(error).__name__] += 1
                    self._over.wait(0.05)
                    continue
                if answer.status_code == 201:
                    self.acknowledged.append(reference)
                    break
                self.errors[str(answer.status_code)] += 1
                assert answer.status_code in {429, 503}, answer.text
                self._over.wait(0.2)
            self._over.wait(0.02)
        client.close()

    def stop(self) -> None:
        self._over.set()
        for thread in self._threads:
            thread.join()


class Series:
    """The faults, each with the process that it is done to."""

    def __init__(self, stack: Stack, rng: random.Random) -> None:
        self._stack = stack
        self._rng = rng
        self.faults: dict[str, Callable[[], str]] = {
            "kill api": lambda: self._kill("api"),
            "kill relay": lambda: self._kill("relay"),
            "kill projector": lambda: self._kill("projector"),
            "kill broker": self._broker,
            "kill postgres": lambda: self._postgres("--kill"),
            "restart postgres": lambda: self._postgres(),
            "pause projector": lambda: self._pause("projector"),
            "pause relay": lambda: self._pause("relay"),
            "rebalance storm": self._storm,
            "topic deleted": self._topic,
        }
        self.weights = [4, 4, 6, 2, 2, 2, 1, 1, 2, 1]

    def one(self) -> tuple[str, str]:
        """Do one of them; gives its name and to what."""
        name = self._rng.choices(list(self.faults), self.weights)[0]
        return name, self.faults[name]()

    def _pids(self, service: str) -> dict[str, int]:
        processes: dict[str, Any] = self._stack.status()["processes"]
        return {name: found["pid"] for name, found in processes.items() if name.startswith(service) and found["pid"]}

    def _kill(self, service: str) -> str:
        name, pid = self._rng.choice(sorted(self._pids(service).items()))
        os.kill(pid, signal.SIGKILL)
        return name

    def _pause(self, service: str) -> str:
        name, pid = self._rng.choice(sorted(self._pids(service).items()))
        os.kill(pid, signal.SIGSTOP)
        threading.Event().wait(PAUSE_SECONDS)
        try:
            os.kill(pid, signal.SIGCONT)
        except ProcessLookupError:
            return f"{name}, replaced meanwhile"
        return name

    def _storm(self) -> str:
        for _ in range(3):
            for pid in self._pids("projector").values():
                os.kill(pid, signal.SIGKILL)
                threading.Event().wait(self._rng.uniform(0.5, 3))
        return "every projector, three times"

    def _broker(self) -> str:
        self._server("kafka", "stop", "--kill")
        return "kafka"

    def _postgres(self, how: str = "") -> str:
        self._server("postgres", "stop", *([how] if how else []))  # who watches over the stack starts it again
        return "postgres"

    def _topic(self) -> str:
        word = self._stack.secret("carejourney_kafka_sasl_password")
        admin = KafkaAdminClient(
            bootstrap_servers=self._stack.url("kafka").removeprefix("http://"),
            security_protocol="SASL_PLAINTEXT",
            sasl_mechanism="PLAIN",
            sasl_plain_username="carejourney",
            sasl_plain_password=word,
        )
        admin.delete_topics([TOPIC])
        admin.close()
        return TOPIC

    def _server(self, name: str, *words: str) -> None:
        environment = json.loads((self._stack.folder / f"{name}.env.json").read_text())
        subprocess.run(
            [ROOT / "tools" / f"{name}-local", *words],
            env={**os.environ, **environment},
            check=True,
            capture_output=True,
        )


def servers_of(stack: Stack) -> None:
    """Write down how the stack's own servers are reached, as tools/stack does."""
    code = (
        "import json,sys;from pathlib import Path;sys.path.insert(0,'tools/stack');from servers import Servers;"
        "f=Path(sys.argv[1]);s=Servers(f,json.loads((f/'ports.json').read_text()));e=s._environment();"
        "d={k:v for k,v in e.items() if k.startswith(('CAREJOURNEY_PG','CAREJOURNEY_KAFKA'))};"
        "[(f/(n+'.env.json')).write_text(json.dumps(d)) for n in ('postgres','kafka')]"
    )
    python = ROOT / ".venv" / "bin" / "python"
    subprocess.run([python, "-c", code, str(stack.folder)], cwd=ROOT, check=True)


def recorded(stack: Stack) -> Counter[str]:
    """How often each chart of the series was registered in the log."""
    found: Counter[str] = Counter()
    for line in stack.command("export", "events").splitlines():
        entry = json.loads(line)
        if entry["client"].startswith("SERIES-"):
            found[entry["client"]] += 1
    return found


def caught_up(stack: Stack, patience: float) -> float:
    """Seconds until every API process is ready without lag; fails when it takes too long."""
    begun = time.monotonic()
    while time.monotonic() - begun < patience:
        try:
            if stack.caught_up():
                return time.monotonic() - begun
        except (httpx2.TransportError, ValueError, KeyError):
            pass
        threading.Event().wait(0.2)
    raise AssertionError(f"not caught up after {patience} s\n{stack.tail()}")


def run(rounds: int, seed: int, minutes: float) -> dict[str, object]:
    """Run the series; gives its sums."""
    collector = Collector()
    until = time.monotonic() + minutes * 60
    with tempfile.TemporaryDirectory() as folder:
        stack = Stack(Path(folder), collector)
        try:
            stack.tool("start")
            servers_of(stack)
            return _rounds(stack, rounds, random.Random(seed), until)
        finally:
            stack.tool("destroy")
            collector.close()


def _rounds(stack: Stack, rounds: int, rng: random.Random, until: float) -> dict[str, object]:
    series = Series(stack, rng)
    done: Counter[str] = Counter()
    slowest: dict[str, float] = {}
    for number in range(1, rounds + 1):
        if time.monotonic() > until:
            break
        load = Load(stack)
        try:
            threading.Event().wait(rng.uniform(0.5, 2))
            name, target = series.one()
            threading.Event().wait(rng.uniform(0.5, 2))
        finally:
            load.stop()
        waited = caught_up(stack, 180)
        done[name] += 1
        slowest[name] = max(slowest.get(name, 0.0), waited)
        found = recorded(stack)
        lost = [reference for reference in load.acknowledged if found[reference] != 1]
        assert not lost, f"{len(lost)} acknowledged requests are not in the log exactly once"
        assert not [reference for reference, times in found.items() if times > 1]
        verified = number % 10 == 0
        if verified:
            stack.command("project", "verify")
        said = {
            "round": number,
            "fault": name,
            "to": target,
            "acknowledged": len(load.acknowledged),
            "errors_met": dict(load.errors),
            "caught_up_after_s": round(waited, 1),
            "verified": verified,
        }
        print(json.dumps(said), flush=True)
    stack.command("project", "verify")
    return {
        "rounds": sum(done.values()),
        "by_fault": dict(done),
        "slowest_s": {k: round(v, 1) for k, v in slowest.items()},
    }


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--minutes", type=float, default=600)
    given = parser.parse_args()
    print(json.dumps(run(given.rounds, given.seed, given.minutes)))


if __name__ == "__main__":
    main()
