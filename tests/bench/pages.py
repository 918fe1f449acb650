"""Every page and read that a person asks for, over HTTP, at a small and a large number of clients: nothing grows with them.

    python -m tests.bench.pages STORE…

measures stores that exist (their servers are started in turn) and prints Markdown: a row for each address, a column for
each store. Stores hold simulated clients, numbered as the simulator numbers them.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlencode

from infra.interop.importers.events.run import import_file
from tests.bench import data
from tests.bench.measure import Row, Setup, cpu_ms, percentile, timed
from tests.bench.server import Server, serving
from tests.browser.places import CHART, pages_of

GOAL = 80.0
TURNS, MOST = 100, 3.0  # at most so many, and so many seconds, for an address
# What programs ask, beside the pages of each role.
READS = (
    ("clinician", "/api/v1/worklist"),
    ("clinician", f"/api/v1/clients/{CHART}"),
    ("clinician", f"/api/v1/clients/{CHART}/timeline"),
    ("clinician", "/api/v1/clients"),
    ("clinician", "/api/v1/clients?q=0007"),
    ("clinician", "/palette.json?q=rob"),
    ("clinician", "/palette.json?q=0007"),
    ("auditor", "/api/v1/audit/access"),
    ("auditor", f"/api/v1/clients/{CHART}/history"),
    ("analyst", "/api/v1/reports/completion"),
    ("analyst", "/api/v1/reports/retention"),
    ("analyst", "/api/v1/reports/census"),
    ("analyst", "/api/v1/reports/abstinence"),
    ("analyst", "/api/v1/reports/comparison"),
    ("analyst", "/api/v1/definitions"),
    ("admin", "/api/v1/operations"),
    ("admin", "/api/v1/provider/site"),
)
ROLES = ("clinician", "auditor", "analyst", "reporting", "admin")
# Answers of minutes are work with a progress bar, not reads; forms differ by their fields alone: one stands for all.
NOT_READ = ("/audit/checks/", "/record/", "/publications/plan")


class Spent(NamedTuple):
    """Milliseconds of one address: median, 99th percentile, processor time of the server; and the bytes of its answer."""

    median: float
    late: float
    cpu: float
    size: int


Measured = dict[tuple[str, str], Spent]


def run(setup: Setup) -> Iterator[Row]:
    """A row for each address: the 99th percentile at the larger size, beside the smaller one's."""
    small, large = setup.size(150, 1_000), setup.size(900, 6_600)
    spent = [measured(_store(setup.folder, clients)) for clients in (small, large)]
    said = f"the same at {small:,} clients"
    for place, now in spent[1].items():
        before = spent[0].get(place)
        limit = before.late if before else None
        work = f"{' '.join(place)}, {large:,} clients, p99"
        yield Row(work, "ms", now.late, limit, said, goal="≤ 80", met=now.late <= GOAL)


def measured(store: Path) -> Measured:
    """What each (role, address) takes, of a server over a store."""
    with serving(store) as server:
        return measured_at(server)


def measured_at(server: Server) -> Measured:
    """What each (role, address) takes of a server that runs."""
    found: Measured = {}
    seen = Seen(server)
    for role, path in seen.addresses():
        if (answer := seen.spent(role, path)) is not None:
            found[role, path] = answer
            print(f"… {role} {path[:90]}: {answer.late:,.0f} ms, CPU {answer.cpu:,.0f}", file=sys.stderr, flush=True)
    return found


class Seen:
    """A server as people of each role see it."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._cookies = {role: _cookie(server, role) for role in ROLES}

    def addresses(self) -> Iterator[tuple[str, str]]:
        """Pages that the role table names, each by the first role that may open it, then what programs read."""
        event_id = self._an_entry()
        known: set[str] = set()
        for role in ROLES:
            for path in pages_of(role, event_id, lambda path, role=role: self.read(role, path)[1].decode()):
                if path not in known and not any(part in path for part in NOT_READ):
                    known.add(path)
                    yield role, path
        yield "clinician", f"/clients/{CHART}/record/add-note"
        yield from READS

    def read(self, role: str, path: str) -> tuple[int, bytes]:
        """Status and body."""
        connection = self._server.connect()
        connection.timeout = 600
        try:
            connection.request("GET", path, headers={"Cookie": self._cookies[role]} | _token(role, path))
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()

    def spent(self, role: str, path: str) -> Spent | None:
        """The first answer is not counted: it loads what is loaded once. None where the address does not answer 200."""
        status, body = self.read(role, path)
        if status != 200:
            print(f"… {role} {path[:90]}: answered {status}, not measured", file=sys.stderr)
            return None
        spent: list[float] = []
        end = time.monotonic() + MOST
        before = cpu_ms(self._server.pid)
        while len(spent) < TURNS and (not spent or time.monotonic() < end):
            spent.append(timed(lambda: self.read(role, path)) * 1000)
        cpu = (cpu_ms(self._server.pid) - before) / len(spent)
        return Spent(percentile(spent, 0.5), percentile(spent, 0.99), cpu, len(body))

    def _an_entry(self) -> str:
        import orjson

        _, body = self.read("clinician", f"/api/v1/clients/{CHART}/timeline")
        return str(orjson.loads(body)["items"][-1]["event_id"])


def _token(role: str, path: str) -> dict[str, str]:
    return {"Authorization": f"Bearer demo-{role}"} if path.startswith("/api/") else {}


def _cookie(server: Server, role: str) -> str:
    connection = server.connect()
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    connection.request("POST", "/sign-in", urlencode({"role": role}), form)
    answer = connection.getresponse()
    answer.read()
    connection.close()
    return (answer.getheader("Set-Cookie") or "").partition(";")[0]


def _store(folder: Path, clients: int) -> Path:
    name = f"pages-{clients}"
    with data.opened(folder, name) as services:
        import_file(services.log, str(data.charts(folder, clients)))
        services.catch_up()
    return folder / f"{name}.db"


def markdown(names: Sequence[str], found: Sequence[Measured]) -> Iterator[str]:
    """A row for each address, the dearest in the last store first."""
    yield "| role | address | " + " | ".join(f"{name}: CPU ms | p50 | p99" for name in names) + " | KB |"
    yield "|---|---|" + "--:|" * (3 * len(names) + 1)
    none = Spent(0, 0, 0, 0)
    for place in sorted({place for one in found for place in one}, key=lambda place: -found[-1].get(place, none).cpu):
        cells = [f"{at.cpu:,.0f} | {at.median:,.0f} | {at.late:,.0f}" for at in (one.get(place, none) for one in found)]
        size = max(one[place].size for one in found if place in one) / 1024
        yield f"| {place[0]} | `{place[1][:110]}` | " + " | ".join(cells) + f" | {size:,.0f} |"
    for name, one in zip(names, found, strict=True):
        within = sum(at.late <= GOAL for at in one.values())
        yield f"\n{name}: {within} of {len(one)} within {GOAL:.0f} ms at the 99th percentile."


def main() -> None:
    """Measure stores that are there."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.pages", description=__doc__)
    parser.add_argument("stores", nargs="+", type=Path, help="files of embedded stores")
    stores: list[Path] = parser.parse_args().stores
    sys.stdout.write(
        "\n".join(markdown([one.parent.parent.name for one in stores], [measured(one) for one in stores])) + "\n"
    )


if __name__ == "__main__":
    main()
