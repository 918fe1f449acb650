"""One entry, durable, through HTTP: 16 clients at once on one server process, its follower projecting meanwhile."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from uuid import uuid4

import orjson

from tests.bench import append, data
from tests.bench.measure import Row, Setup, interleaved, timed
from tests.bench.peers import Chart, library_at
from tests.bench.server import hammer, serving

CLIENTS, EACH = 16, 25


def run(setup: Setup) -> Iterator[Row]:
    """One row: requests answered a second, beside the library called in its own process."""
    with data.opened(setup.folder, "served") as services:
        append.register(services)
    app = library_at(setup.folder / "library.db")
    charts = [Chart(f"bench-{number}") for number in range(CLIENTS * EACH)]
    app.save(*charts)
    with ExitStack() as stack:
        stack.callback(app.close)
        server = stack.enter_context(serving(setup.folder / "served.db"))

        def peer() -> float:
            def save() -> None:
                for chart in charts:
                    chart.record("NoteAdded", data.UNTIL.isoformat(), {"text": append.NOTE.text})
                    app.save(chart)

            return len(charts) / timed(save)

        works = {"peer": peer, "ours": lambda: hammer(server.port, CLIENTS, EACH, request)}
        rates = interleaved(works, rounds=5)
    met = rates["ours"] >= 0.8 * rates["peer"]
    work = f"append one entry, HTTP, {CLIENTS} clients"
    yield Row(work, "events/s", rates["ours"], None, "", rates["peer"], append.PEER, "≥ 0.8 × peer", met)


def request(number: int) -> bytes:
    """A note for one of the charts, as bytes on the wire."""
    body = orjson.dumps({"occurred_at": data.UNTIL.isoformat(), "data": {"text": append.NOTE.text}})
    path = f"/api/v1/clients/bench-{number % append.CHARTS}/commands/add-note"
    head = (
        f"POST {path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer demo-clinician\r\n"
        f"Content-Type: application/json\r\nIdempotency-Key: {uuid4()}\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body
