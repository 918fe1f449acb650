"""The timeline of a chart with 1,000 entries, over HTTP: as JSON and as a page."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlencode

import orjson

from infra.interop.importers.events.run import import_file
from tests.bench import data
from tests.bench.measure import Row, Setup, percentile, timed
from tests.bench.server import HEADERS, Server, serving

ENTRIES = 1_000
CLIENT = "long-chart"


def run(setup: Setup) -> Iterator[Row]:
    """Median and 99th percentile of each."""
    with data.opened(setup.folder, "served") as services:
        import_file(services.log, str(_chart(setup.folder)))
        services.catch_up()
    with serving(setup.folder / "served.db") as server:
        asked = {
            "JSON": (f"/api/v1/clients/{CLIENT}/timeline", HEADERS, 40),
            "page": (f"/clients/{CLIENT}", {"Cookie": _cookie(server)}, 80),
        }
        for form, (path, headers, most) in asked.items():
            spent = _spent(server, path, headers)
            yield Row(f"timeline of {ENTRIES:,} entries, {form}, p50", "ms", percentile(spent, 0.5))
            late = percentile(spent, 0.99)
            yield Row(f"timeline of {ENTRIES:,} entries, {form}, p99", "ms", late, goal=f"≤ {most}", met=late <= most)


def _spent(server: Server, path: str, headers: dict[str, str]) -> list[float]:
    connection = server.connect()

    def ask() -> None:
        connection.request("GET", path, headers=headers)
        answer = connection.getresponse()
        body = answer.read()
        if answer.status != 200 or len(body) < 10_000:
            msg = f"{path}: {answer.status}, {len(body)} bytes"
            raise RuntimeError(msg)

    spent = [timed(ask) * 1000 for _ in range(105)]
    connection.close()
    return spent[5:]


def _cookie(server: Server) -> str:
    connection = server.connect()
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    connection.request("POST", "/sign-in", urlencode({"role": "clinician"}), form)
    answer = connection.getresponse()
    answer.read()
    connection.close()
    return (answer.getheader("Set-Cookie") or "").partition(";")[0]


def _chart(folder: Path) -> Path:
    """A chart of sessions, screens and notes over two and a half years."""
    start = data.UNTIL - timedelta(days=ENTRIES)
    kinds = (
        ("SessionAttended", {"kind": "group", "minutes": 180, "topic": "relapse_prevention", "slot": "morning"}),
        ("DrugScreenResulted", {"specimen": "urine", "positive": ["opioids"]}),
        ("NoteAdded", {"text": "A simulated note."}),
        ("SessionMissed", {"kind": "individual", "cause": "no_show"}),
    )
    entries = [("LevelOfCareStarted", {"level": "standard_outpatient", "program": "Harbor"})]
    entries += [kinds[number % len(kinds)] for number in range(ENTRIES - 1)]
    path = folder / "long.ndjson"
    with path.open("wb") as file:
        for day, (kind, content) in enumerate(entries):
            moment = (start + timedelta(days=day)).isoformat()
            line = {"client": CLIENT, "type": kind, "occurred_at": moment, "site": "north", "data": content}
            file.write(orjson.dumps(line) + b"\n")
    return path
