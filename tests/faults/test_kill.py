"""kill -9 at random points: what was acknowledged is there once, a restart completes, verify is clean."""

from __future__ import annotations

import signal
from collections import Counter
from collections.abc import Generator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from random import Random

import orjson
import pytest

from infra.eventstore.log import EventLog
from infra.eventstore.setup import open_log
from infra.interop.importers.events.run import import_file
from infra.readmodels.projector import Projector
from infra.readmodels.readstore import ReadStore
from infra.readmodels.verify import verify
from infra.simulator import simulate
from projections.catalogue import READ_MODELS
from tests.day import UTC_DAYS
from tests.depth import cases
from tests.faults.forked import Child
from tests.infra.readmodels.worlds import World
from tests.spec import KEY

ROUNDS = cases(1, 10)  # kills that each kind of work takes on each store
SEED = 20260302
UNTIL = datetime(2026, 3, 31, 20, tzinfo=UTC)


@pytest.fixture
def random(request: pytest.FixtureRequest) -> Random:
    """Another course of kills for each test, the same in each run."""
    return Random(f"{SEED}:{request.node.name}")


@pytest.fixture(params=["sqlite", "postgres"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A log of each kind."""
    return f"sqlite:///{tmp_path}/log.db" if request.param == "sqlite" else request.getfixturevalue("postgres_url")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Simulated charts, each line with an id of its own."""
    path = tmp_path / "simulated.ndjson"
    lines = [line for client in simulate(14, 11, until=UNTIL, months=9) for line in client]
    path.write_bytes(b"\n".join(map(orjson.dumps, lines)))
    return path


def ids(file: Path) -> list[str]:
    return [orjson.loads(line)["event_id"].replace("-", "") for line in file.read_bytes().splitlines()]


def killed(work: str, url: str, file: Path, after: int) -> list[str]:
    """What a child acknowledged until it was killed, at the latest after so many lines."""
    acknowledged: list[str] = []
    with Child("tests.faults.child", work, url, str(file)) as child:
        for line in child.stdout:
            acknowledged.append(line.strip())
            if len(acknowledged) >= after:
                child.kill()
                break
        # the end of the pipe: whatever the child had started is gone too
        acknowledged += child.lines()
        assert child.wait() in (0, -signal.SIGKILL)
    return acknowledged


def finished(work: str, url: str, file: Path) -> None:
    """The same work, left alone."""
    with Child("tests.faults.child", work, url, str(file)) as child:
        assert child.lines()[-1] == "done"


@contextmanager
def opened(url: str) -> Generator[EventLog]:
    log = open_log(url, KEY, UTC_DAYS)
    yield log
    log.close()


def recorded(log: EventLog) -> Counter[str]:
    """How often each event id is in the log; every place in it is sound."""
    found: Counter[str] = Counter()
    last: Counter[str] = Counter()
    for row in log.recorder.page(0, 10**6):
        found[orjson.loads(row.state)["i"]] += 1
        last[row.client_id] += 1
        assert row.sequence == last[row.client_id]
    index = {bytes(event_id).hex() for (event_id,) in log.recorder.query("SELECT event_id FROM event_index")}
    assert index == set(found)
    return found


def test_an_append_that_was_acknowledged_is_there_once(url: str, file: Path, random: Random) -> None:
    file.write_bytes(b"\n".join(file.read_bytes().splitlines()[:400]))
    acknowledged: set[str] = set()
    for _ in range(ROUNDS):
        acknowledged |= set(killed("append", url, file, random.randint(1, 400)))
        with opened(url) as log:
            found = recorded(log)
        assert acknowledged - {"done"} <= set(found)
    finished("append", url, file)
    with opened(url) as log:
        assert recorded(log) == Counter(ids(file))


def test_an_import_that_was_cut_off_goes_on_where_it_was(url: str, file: Path, random: Random) -> None:
    batches = len(ids(file)) // 40
    for _ in range(ROUNDS):
        acknowledged = killed("import", url, file, random.randint(1, batches))
        reached = [int(line) for line in acknowledged if line != "done"]
        with opened(url) as log:
            assert log.head() >= max(reached)
            assert max(recorded(log).values()) == 1
    finished("import", url, file)
    with opened(url) as log:
        assert set(ids(file)) <= set(recorded(log))
        again = import_file(log, str(file))
        assert (again.recorded, again.rejected, again.known) == (0, 0, len(ids(file)))


def test_read_models_that_were_cut_off_are_whole_and_catch_up(url: str, file: Path, random: Random) -> None:
    with opened(url) as log:
        import_file(log, str(file))
        pages = 2 * log.head() // 60
        for _ in range(ROUNDS):
            killed("project", url, file, random.randint(1, pages))
            sound(log, file)
        finished("project", url, file)
        sound(log, file, whole=True)


def sound(log: EventLog, file: Path, *, whole: bool = False) -> None:
    """What is projected is what a replay comes to; ``whole``: and that is everything."""
    reads = ReadStore(f"sqlite:///{file.with_suffix('.read.db')}", READ_MODELS, UTC_DAYS)
    try:
        projector = Projector(log, reads)
        assert verify(projector) == []
        if whole:
            assert {row.lag for row in projector.status()} == {0}
            here = World(file.parent, log, reads, projector)
            assert here.tables() == here.fresh()
    finally:
        reads.close()
