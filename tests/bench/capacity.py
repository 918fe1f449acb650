"""What a client costs on the whole stack, and what breaks first when there are ten million of them.

    python -m tests.bench.capacity --clients 2000

starts a PostgreSQL and a broker of its own, so that processor time can be told apart from everybody else's, imports
simulated clients, relays and folds them, and weighs every table. Figures are per event and per client; the
extrapolation multiplies them. Linux only: processor time is read from /proc.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import threading
import time
import uuid
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson
import psycopg

from domain.commands import Draft
from domain.events import SessionAttended
from infra.bootstrap import Services, open_services
from infra.eventstore.log import Append, Author, NewEntry
from infra.interop.importers.events.run import import_file
from infra.settings import Settings
from infra.simulator import simulate
from tests.bench.capacity_report import Costs, Step, report

ROOT = Path(__file__).parent.parent.parent
UNTIL = datetime(2026, 6, 30, tzinfo=UTC)
MONTHS = 18
WRITERS, EACH = 4, 100
TICK = os.sysconf("SC_CLK_TCK")
SIZES = """SELECT c.relname, pg_relation_size(c.oid), pg_indexes_size(c.oid), pg_total_relation_size(c.oid)
FROM pg_class c WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace"""


@dataclass
class Servers:
    """PostgreSQL and Kafka of this measurement alone."""

    folder: Path
    pg_port: int
    kafka_port: int

    @property
    def environment(self) -> dict[str, str]:
        """Where the tools keep them."""
        return {
            **os.environ,
            "CAREJOURNEY_PG_DIR": f"/var/tmp/carejourney-capacity-{self.folder.name}",
            "CAREJOURNEY_PG_PORT": str(self.pg_port),
            "CAREJOURNEY_KAFKA_DIR": str(self.folder / "kafka"),
            "CAREJOURNEY_KAFKA_PORT": str(self.kafka_port),
        }

    def tool(self, name: str, word: str) -> str:
        """Run one of the tools."""
        command = [ROOT / "tools" / f"{name}-local", word]
        with tempfile.TemporaryFile() as out:  # the broker keeps what it was given open
            subprocess.run(command, env=self.environment, check=True, stdout=out)
            out.seek(0)
            return out.read().decode().strip()

    def cpu(self) -> tuple[float, float]:
        """Seconds of processor that PostgreSQL and the broker have used so far."""
        postmaster = int((Path(self.environment["CAREJOURNEY_PG_DIR"]) / "data/postmaster.pid").read_text().split()[0])
        broker = int((self.folder / "kafka/pid").read_text())
        living = [pid for pid, parent in _parents() if parent == postmaster]
        own, ended = _times(postmaster)
        return own + ended + sum(_times(pid)[0] for pid in living), _times(broker)[0]


def _parents() -> Iterator[tuple[int, int]]:
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            try:
                fields = (folder / "stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue
            yield int(folder.name), int(fields[1])


def _times(pid: int) -> tuple[float, float]:
    """Seconds of a process and of its children that have ended."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0, 0.0
    return (int(fields[11]) + int(fields[12])) / TICK, (int(fields[13]) + int(fields[14])) / TICK


def measured(name: str, events: int, servers: Servers, work: Callable[[], object]) -> Step:
    """Do it once; wall time, and processor time of us, PostgreSQL and the broker."""
    pg, kafka = servers.cpu()
    own, began = time.process_time(), time.perf_counter()
    work()
    wall, own = time.perf_counter() - began, time.process_time() - own
    pg_after, kafka_after = servers.cpu()
    return Step(name, events, wall, own, pg_after - pg, kafka_after - kafka)


@contextmanager
def stack(folder: Path) -> Generator[tuple[Servers, Settings]]:
    """Fresh servers, and settings that name them."""
    from tools.stack.ports import free_port

    servers = Servers(folder, free_port(), free_port())
    try:
        url = servers.tool("postgres", "start")
        bootstrap = servers.tool("kafka", "start")
        given: dict[str, Any] = {"database_url": url, "master_key": "ab" * 32, "kafka_bootstrap": bootstrap}
        yield servers, Settings.model_validate(given)
    finally:
        servers.tool("kafka", "stop")
        servers.tool("postgres", "stop")
        subprocess.run(["rm", "-rf", servers.environment["CAREJOURNEY_PG_DIR"]], check=True)


def costs(clients: int, folder: Path) -> Costs:
    """Measure everything at a number of clients."""
    from infra.kafka.setup import relay_of, worker_of

    file = folder / "simulated.ndjson"
    with file.open("wb") as out:
        for lines in simulate(clients, 7, until=UNTIL, months=MONTHS):
            out.writelines(orjson.dumps(line) + b"\n" for line in lines)
    with stack(folder) as (servers, settings):
        services = open_services(settings)
        steps = [measured("import", 0, servers, lambda: import_file(services.log, str(file)))]
        events = services.log.head()
        relay, worker = relay_of(services)[0], worker_of(services)[0]
        steps.append(measured("relay", events, servers, lambda: relay.run(until_caught_up=True)))
        steps.append(measured("project", events, servers, lambda: worker.run(until_caught_up=True)))
        services.names.catch_up()
        sizes = _sizes(settings)  # a rebuild keeps the generation before it
        steps.append(measured("rebuild", events, servers, services.projector.rebuild))
        kafka = sum(found.stat().st_size for found in (folder / "kafka/data").glob("carejourney.*/*.log"))
        steps.append(measured("command", WRITERS * EACH, servers, lambda: _commands(services)))
        services.close()
    steps[0].events = events
    return Costs(clients, events, steps, sizes, kafka)


def _sizes(settings: Settings) -> dict[str, tuple[int, int, int]]:
    """Bytes of each table: rows, indexes, everything."""
    with psycopg.connect(settings.database_url.get_secret_value(), autocommit=True) as connection:
        connection.execute("VACUUM (FULL, ANALYZE)")
        return {row[0]: (row[1], row[2], row[3]) for row in connection.execute(SIZES)}


def _commands(services: Services) -> None:
    """Single appends, each its own transaction, by several writers at once."""

    def write(number: int) -> None:
        for _ in range(EACH):
            event = SessionAttended(kind="group", minutes=60)
            entry = NewEntry(Draft(event, UNTIL), Author("capacity"), uuid.uuid4().hex)
            services.log.append(Append(f"CAPACITY-{number}", [entry]))

    threads = [threading.Thread(target=write, args=(number,)) for number in range(WRITERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--clients", type=int, default=2_000)
    clients = parser.parse_args().clients
    with tempfile.TemporaryDirectory(prefix="capacity-") as folder:
        sys.stdout.write(report(costs(clients, Path(folder))))


if __name__ == "__main__":
    main()
