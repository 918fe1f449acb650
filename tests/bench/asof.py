"""Reports and charts as of a moment, beside a rebuild up to it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import islice
from pathlib import Path

import orjson

from domain.entries import microseconds
from infra.bootstrap import Services
from infra.history.as_of.clients import rows_at, status_at
from infra.history.as_of.dependencies import models_of
from infra.history.as_of.recorder import log_as_of
from infra.history.as_of.store import store_as_of
from infra.interop.importers.events.run import import_file
from infra.readmodels.projector import Projector
from infra.readmodels.readstore import ReadStore
from infra.reporting.reports import ReportParams, run_report
from infra.simulator import simulate
from projections.catalogue import READ_MODELS
from tests.bench import data
from tests.bench.measure import Row, Setup, interleaved, percentile, timed_cpu
from tests.day import UTC_DAYS

LIMIT = "a rebuild of all read models up to that moment, into a file"
GOAL = "≤ 1.2 × limit"
SHARES = (0.1, 0.5, 1.0)


def run(setup: Setup) -> Iterator[Row]:
    """All read models, and one report with those it needs, at moments at which a tenth, half and all of the log was known."""
    file = _recorded(setup.folder, setup.size(400, 4_000))
    with data.opened(setup.folder) as services:
        import_file(services.log, str(file), keep_recorded_at=True)
        services.catch_up()
        first = timed_cpu(services.knowledge.blocks)
        yield Row("looking through the log once, for all moments", "entries/CPU s", services.log.head() / first)
        for share in SHARES:
            yield from _moment(setup, services, share)
        yield from _client(services)


def _moment(setup: Setup, services: Services, share: float) -> Iterator[Row]:
    at = _known(services, share)
    until = setup.folder / "until.ndjson"
    log = log_as_of(services.log, services.knowledge, microseconds(at))
    known = log.head()
    with data.opened(setup.folder) as other:
        _copy(services, at, until)
        import_file(other.log, str(until), keep_recorded_at=True)
        spent = interleaved(
            {
                "limit": lambda: timed_cpu(lambda: _rebuilt(setup.folder, other)),
                "all": lambda: timed_cpu(lambda: _everything(services, at)),
                "one": lambda: timed_cpu(lambda: _report(services, at)),
            }
        )
    what = f"{share:.0%} of the log known ({known:,} entries)"
    for name, work in (("all", "all read models as of a moment"), ("one", "completion as of a moment")):
        met = spent[name] <= 1.2 * spent["limit"]
        yield Row(f"{work}, {what}", "CPU s", spent[name], spent["limit"], LIMIT, goal=GOAL, met=met)


def _client(services: Services) -> Iterator[Row]:
    """One client as of half of the log's knowledge."""
    at = _known(services, 0.5)
    ids = list(islice(dict.fromkeys(row[1] for row in services.log.recorder.touched(0, 5_000)), 40))
    for name, ask in (("status", status_at), ("every derived row", rows_at)):
        ask(services, ids[0], at)  # the first one loads what is needed
        spent = [timed_cpu(lambda ask=ask, one=one: ask(services, one, at)) * 1000 for one in ids]
        late = percentile(spent, 0.99)
        yield Row(f"{name} of a client as of a moment, p99", "CPU ms", late, goal="≤ 50", met=late <= 50)


def _recorded(folder: Path, clients: int) -> Path:
    """Simulated charts in the order of recording, as they are written in real life."""
    path = folder / f"recorded-{clients}.ndjson"
    lines = [line for one in simulate(clients, 7, until=data.UNTIL) for line in one]
    lines.sort(key=lambda line: datetime.fromisoformat(str(line["recorded_at"])))
    with path.open("wb") as file:
        file.writelines(orjson.dumps(line) + b"\n" for line in lines)
    return path


def _known(services: Services, share: float) -> datetime:
    """When so much of the log was known."""
    if share == 1:
        return services.now()
    place = int(share * services.log.head())
    [row] = services.log.recorder.page(place, 1)
    recorded = int(orjson.loads(row.state)["r"])
    return datetime.fromtimestamp(recorded / 1e6, tz=data.UNTIL.tzinfo) + timedelta(microseconds=1)


def _copy(services: Services, at: datetime, target: Path) -> None:
    from infra.interop.exporters.events import export_lines

    with target.open("wb") as file:
        file.writelines(export_lines(log_as_of(services.log, services.knowledge, microseconds(at))))


def _rebuilt(folder: Path, services: Services) -> None:
    path = folder / "rebuilt.db"
    reads = ReadStore(f"sqlite:///{path}", READ_MODELS, UTC_DAYS)
    Projector(services.log, reads).catch_up()
    reads.close()
    for file in folder.glob("rebuilt.db*"):
        file.unlink()


def _everything(services: Services, at: datetime) -> None:
    with store_as_of(services, at) as then:
        assert len(then.projector.status()) == len(READ_MODELS)


def _report(services: Services, at: datetime) -> None:
    services.past.close()
    with services.past.at(at, models_of("completion")) as then:
        run_report("completion", then, ReportParams())
