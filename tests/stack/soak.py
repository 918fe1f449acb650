"""An hour of mixed load on the whole stack, and a fault a minute: ``python -m tests.stack.soak --minutes 60``.

Writers register clients through both API processes; readers ask for reports now and as of yesterday, a chart and the
work list; every five minutes an import of simulated clients comes in, every ten a read model is rebuilt. Each minute one
process, server or connection is killed, paused or cut, as in the series. Meanwhile memory, threads and open files of
every process, connections of the database and the time until each answer are noted: all of them stay as they are after
the first third, or something leaks. At the end every acknowledged request is in the log once, the log verifies, and the
read models equal a fresh replay.

With ``--calm`` nothing is broken, and nothing comes in but registrations: what grows then, leaks.
"""

from __future__ import annotations

import argparse
import json
import random
import signal
import statistics
import sys
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx2
import orjson

from infra.simulator import simulate
from tests.stack.faults import Faults, family
from tests.stack.load import Load
from tests.stack.outcomes import ProductFaultError
from tests.stack.series import Setup, caught_up, check, kind_of, running

EVERY = 10.0  # seconds between two looks at the processes
# What empties a topic or a disk, or ends with a whole backup, erasure or rollback: the series tries these.
LEFT_ALONE = {"topic deleted", "disk full", "disk read-only", "kill backup", "kill erase", "kill rollback"}
SERVICES = ("api", "relay", "projector", "kafka", "postgres")


@dataclass
class Seen:
    """What was noted, each with its minute."""

    answers: dict[str, list[tuple[int, float]]] = field(default_factory=lambda: defaultdict(list))
    held: dict[str, list[tuple[int, float]]] = field(default_factory=lambda: defaultdict(list))
    refused: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    faults: list[str] = field(default_factory=list[str])


class Soak:
    """One run over a stack: threads that ask, look and break, until they are told that it is over."""

    def __init__(self, setup: Setup, seed: int, *, calm: bool) -> None:
        """Nothing runs yet."""
        self.seen = Seen()
        self._calm = calm
        self._setup = setup
        self._stack = setup.stack
        self._rng = random.Random(seed)
        self._seed = seed
        self._begun = time.monotonic()
        self._over = threading.Event()
        self._wrong: list[str] = []

    @property
    def _minute(self) -> int:
        return int((time.monotonic() - self._begun) // 60)

    def run(self, minutes: float) -> Load:
        """Everything at once; the writers' acknowledgements are checked afterwards."""
        self._import()
        load = Load(self._stack, pause=0.4)
        doing: list[Callable[[], None]] = [self._read, self._look, *([] if self._calm else [self._bulk])]
        threads = [threading.Thread(target=self._guarded, args=(work,)) for work in doing]
        for thread in threads:
            thread.start()
        try:
            if self._calm:
                self._over.wait(minutes * 60)
            else:
                self._break(minutes)
        finally:
            self._over.set()
            for thread in threads:
                thread.join()
            load.stop()
        if self._wrong:
            raise ProductFaultError(self._wrong[0])
        return load

    def _guarded(self, work: Callable[[], None]) -> None:
        try:
            work()
        except Exception as error:  # noqa: BLE001 - told at the end
            self._wrong.append(f"{work.__name__}: {error!r}")

    def _break(self, minutes: float) -> None:
        faults = Faults(self._stack, self._setup.cutter, self._setup.volume, self._rng).all
        kinds = [kind for kind in faults if kind not in LEFT_ALONE]
        number = 0
        while (left := self._begun + minutes * 60 - time.monotonic()) > 0:
            number += 1
            next_at = self._begun + number * 60
            kind = kind_of(number, kinds, self._seed)
            if left > 90:  # the last of them has time to be overcome
                self.seen.faults.append(kind)
                print(f"{number} {kind} {faults[kind]()}", flush=True)
            self._over.wait(max(0.0, min(next_at - time.monotonic(), left)))

    def _read(self) -> None:
        asked = self._questions()
        with httpx2.Client(timeout=30) as client:
            while not self._over.is_set():
                for name, (role, path) in asked.items():
                    self._ask(client, name, role, path())
                    if self._over.wait(0.5):
                        return

    def _questions(self) -> dict[str, tuple[str, Callable[[], str]]]:
        def yesterday() -> str:
            return (datetime.now(UTC) - timedelta(days=1)).strftime("%Y-%m-%dT%H:%M:%SZ")

        return {
            "completion": ("analyst", lambda: "/reports/completion"),
            "retention": ("analyst", lambda: "/reports/retention"),
            "as of yesterday": ("analyst", lambda: f"/reports/completion?as_of={yesterday()}"),
            "a chart": ("clinician", lambda: "/clients/SOAK0-000007/timeline"),
            "work list": ("clinician", lambda: "/worklist?limit=50"),
            "clients": ("clinician", lambda: "/clients?limit=50"),
        }

    def _ask(self, client: httpx2.Client, name: str, role: str, path: str) -> None:
        url = self._stack.url(self._rng.choice(("api-1", "api-2")))
        begun = time.monotonic()
        try:
            token = self._stack.token(role)
            answer = client.get(f"{url}/api/v1{path}", headers={"Authorization": f"Bearer {token}"})
        except httpx2.TransportError:
            self.seen.refused["no answer"] += 1
            return
        if answer.status_code == 200:
            self.seen.answers[name].append((self._minute, 1000 * (time.monotonic() - begun)))
            return
        self.seen.refused[str(answer.status_code)] += 1
        if answer.status_code == 401:
            self._stack.tokens.pop(role, None)
        elif answer.status_code not in {429, 503}:
            self._wrong.append(f"{path}: {answer.status_code} {answer.text[:300]}")

    def _bulk(self) -> None:
        minute = 0
        while not self._over.wait(1):
            if self._minute == minute or self._minute % 5:
                continue
            minute = self._minute
            try:
                self._import()
                if not minute % 10:
                    self._stack.command("project", "rebuild", "status")
            except AssertionError as error:  # the database was away: given again five minutes later
                self.seen.refused["import or rebuild"] += 1
                print(f"bulk: {str(error)[:200]}", flush=True)

    def _import(self) -> None:
        """Each time other people, whose numbers are nobody else's."""
        clients, seed = 60, 7 + self._minute
        lines = (orjson.dumps(line) + b"\n" for own in simulate(clients, seed, until=datetime.now(UTC)) for line in own)
        given = b"".join(lines).replace(b'"SIM-', b'"SOAK%d-' % self._minute)
        self._stack.command("import", "events", "-", given=given)

    def _look(self) -> None:
        while not self._over.wait(EVERY):
            found: dict[str, list[tuple[int, int, int]]] = defaultdict(list)
            for name, pid in self._processes():
                service = next((service for service in SERVICES if name.startswith(service)), "")
                if service and pid and (state := footprint(pid)):
                    found[service].append(state)
            for service, states in found.items():
                for what, values in zip(("MB", "threads", "files"), zip(*states, strict=True), strict=True):
                    self.seen.held[f"{service} {what}"].append((self._minute, sum(values)))
            if backends := len(found["postgres"]):
                self.seen.held["database processes"].append((self._minute, backends))

    def _processes(self) -> list[tuple[str, int]]:
        folder = self._stack.folder
        state: dict[str, dict[str, int]] = json.loads((folder / "state.json").read_text() or "{}")
        found = [(name, held["pid"]) for name, held in state.items()]
        environment = json.loads((folder / "postgres.env.json").read_text())
        files = {
            "kafka": folder / "kafka" / "pid",
            "postgres": Path(environment["CAREJOURNEY_PG_DIR"]) / "data/postmaster.pid",
        }
        for name, file in files.items():
            with suppress(OSError, IndexError):  # a server that was killed is not there for a while
                found += [(name, pid) for pid in family(int(file.read_text().split()[0]))]
        return found


def footprint(pid: int) -> tuple[int, int, int] | None:
    """Memory of its own in MB, threads and open files of a process; None where it has ended."""
    try:
        status = Path(f"/proc/{pid}/status").read_text()
        files = len(list(Path(f"/proc/{pid}/fd").iterdir()))
    except OSError:
        return None
    values = {line.partition(":")[0]: line.split()[1] for line in status.splitlines() if len(line.split()) > 1}
    return int(values.get("RssAnon", "0")) // 1024, int(values.get("Threads", "0")), files


def thirds(noted: Sequence[tuple[int, float]], minutes: int) -> list[list[float]]:
    """The values of the first, second and last third of so many minutes."""
    return [[value for minute, value in noted if minute * 3 // minutes == third] for third in range(3)]


def table(seen: Seen, minutes: int) -> str:
    """What was noted, by thirds: answers in ms at the median and the 99th percentile, what was held at the median and at most."""
    rows: list[tuple[str, ...]] = [("what", "first third", "second", "last", "unit")]
    for name, noted in sorted(seen.answers.items()):
        rows.append((name, *(_of(part, 0.99) for part in thirds(noted, minutes)), "ms: median, 99th percentile"))
    for name, noted in sorted(seen.held.items()):
        rows.append((name, *(_of(part, 1.0) for part in thirds(noted, minutes)), "median, most"))
    return "\n".join("| " + " | ".join(row) + " |" for row in rows)


def _of(values: list[float], share: float) -> str:
    if not values:
        return "–"
    most = sorted(values)[min(len(values) - 1, int(share * len(values)))]
    return f"{statistics.median(values):,.0f}, {most:,.0f}"


def main() -> None:
    """Command line; exit 1: something did not hold."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=int, default=60)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--calm", action="store_true", help="no fault, import or rebuild")
    parser.add_argument("--results", type=Path, default=Path("var/soak.txt"))
    given = parser.parse_args()
    given.results.parent.mkdir(parents=True, exist_ok=True)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # no stack stays behind
    with running() as setup:
        soak = Soak(setup, given.seed, calm=given.calm)
        try:
            load = soak.run(given.minutes)
            print(f"in step after {caught_up(setup.stack):.1f} s", flush=True)
            check(setup.stack, load)
            verdict = f"held; {len(load.acknowledged)} requests acknowledged, errors met {dict(load.errors)}"
        except ProductFaultError as error:
            verdict = f"product fault: {error}"
        text = "\n".join(
            (
                table(soak.seen, given.minutes),
                verdict,
                f"refused to readers: {dict(soak.seen.refused)}",
                f"faults: {len(soak.seen.faults)}",
            )
        )
    given.results.write_text(text + "\n")
    print(text, flush=True)
    sys.exit(not verdict.startswith("held"))


if __name__ == "__main__":
    main()
