"""Fixtures that every room shares: a real PostgreSQL database and a real browser."""

from __future__ import annotations

import os
import shutil
import sys
import uuid
from collections import Counter
from collections.abc import Generator, Iterator
from contextlib import ExitStack, contextmanager
from functools import cache, partial
from pathlib import Path
from typing import Any

import httpcore2
import psycopg
import pytest
import starlette.testclient
import structlog
import typer.testing
from anyio.from_thread import BlockingPortal, start_blocking_portal
from hypothesis import HealthCheck, settings
from jinja2 import BytecodeCache, Environment
from jinja2.bccache import Bucket
from psycopg.sql import SQL, Identifier
from pydantic import SecretStr

from tests.depth import LONG, cases
from tests.scheduling import RoomByRoom, turn

HERE = Path(__file__).parent
ROOT = HERE.parent

# A busy machine is no defect: nothing fails for being slow, neither an example nor the drawing of it. Nor does anybody's
# change fail for a case that chance found in another's: new cases are looked for at night.
settings.register_profile(
    "house",
    deadline=None,
    derandomize=not LONG,
    max_examples=cases(30, 500),
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("house")


# What tests write is thrown away: it need not wait for a disk where there is room for it in memory.
_MEMORY = Path("/dev/shm")
if os.access(_MEMORY, os.W_OK) and shutil.disk_usage(_MEMORY).free > 6 << 30:
    os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(_MEMORY))

# As the product's do: on stdout a line of a server's thread would stand in the midst of a command's answer.
structlog.configure(logger_factory=lambda *_: structlog.PrintLogger(sys.stderr))

# Clients of loopback servers have the certificates of the world read once, and not each anew: 34 ms.
httpcore2.default_ssl_context = cache(httpcore2.default_ssl_context)

# Commands are put together once, as a process does, and not anew for each that a test calls.
typer.testing._get_command = cache(typer.testing._get_command)  # pyright: ignore[reportPrivateImportUsage]


# Requests run in one event loop of the process, as a server's do, and not in a new thread and loop each.
@pytest.fixture(scope="session", autouse=True)
def one_loop() -> Iterator[None]:
    """Every test client's requests share a loop; one that is entered has its own, with its app's lifespan."""
    loops: list[BlockingPortal] = []

    @contextmanager
    def shared(client: starlette.testclient.TestClient) -> Generator[BlockingPortal]:
        if not client.portal and not loops:
            loops.append(stack.enter_context(start_blocking_portal()))
        yield client.portal or loops[0]

    with ExitStack() as stack, pytest.MonkeyPatch.context() as patch:
        patch.setattr(starlette.testclient.TestClient, "_portal_factory", shared)
        yield


# By day the charts of the same numbers stand in the same order in every run: what a test meets is no matter of chance.
@pytest.fixture(scope="session", autouse=not LONG)
def one_index_key() -> Iterator[None]:
    """Stores of this process name the same chart number by the same client id."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("infra.eventstore.log.uuid4", lambda: uuid.UUID(int=94))
        yield


class Compiled(BytecodeCache):
    """The compiled templates of a process, by name and text."""

    def __init__(self) -> None:
        """None yet."""
        self.code: dict[tuple[str, str], Any] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        bucket.code = self.code.get((bucket.key, bucket.checksum))

    def dump_bytecode(self, bucket: Bucket) -> None:
        self.code[bucket.key, bucket.checksum] = bucket.code


# A server compiles each template once in its life; a test process has hundreds of apps, and compiling was a tenth of it.
@pytest.fixture(scope="session", autouse=True)
def compiled_once() -> Iterator[None]:
    """Every app of this process finds the templates that another compiled."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("api.web.frame.pages.Environment", partial(Environment, bytecode_cache=Compiled()))
        yield


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> RoomByRoom:
    """How two processes divide the tests: `-n 2`, whatever `--dist` says."""
    return RoomByRoom(config, log)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What takes longest begins first."""
    turns = {path: turn(path.relative_to(HERE)) for path in {item.path for item in items}}
    items.sort(key=lambda item: turns[item.path])


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say how many tests were left out, for want of what, and how to get it."""
    skipped = terminalreporter.getreports("skipped")
    reasons = Counter(str(report.longrepr[2]).removeprefix("Skipped: ") for report in skipped)
    for reason, number in sorted(reasons.items()):
        terminalreporter.write_line(f"left out, tests: {number}: {reason}")


@pytest.fixture
def postgres_url() -> Iterator[str]:
    """A fresh PostgreSQL database, dropped afterwards."""
    yield from fresh_database()


@pytest.fixture
def second_postgres_url() -> Iterator[str]:
    """Another one, for what goes from one database to the next."""
    yield from fresh_database()


@pytest.fixture(scope="session")
def migrated() -> Iterator[str]:
    """The name of a database with every table and no row: made once for a process, and copied."""
    from infra.ops.database import migrate
    from infra.settings import Settings

    for url in fresh_database():
        migrate(Settings(database_url=SecretStr(url)))
        yield url.rpartition("/")[2]


@pytest.fixture
def migrated_postgres_url(migrated: str) -> Iterator[str]:
    """A fresh PostgreSQL database as `carejourney database migrate` leaves it, dropped afterwards."""
    yield from fresh_database(migrated)


def fresh_database(template: str = "template1") -> Iterator[str]:
    server = os.environ.get("CAREJOURNEY_TEST_DATABASE_URL")
    if not server:
        pytest.fail("no PostgreSQL: run the tests through `make test` or tools/with-postgres")
    name = f"test_{uuid.uuid4().hex[:16]}"
    with psycopg.connect(server, autocommit=True) as admin:
        # copied as files: page by page, through the log of changes, takes five times the processor
        copied = SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY FILE_COPY")
        admin.execute(copied.format(Identifier(name), Identifier(template)))
    yield server.rpartition("/")[0] + "/" + name
    with psycopg.connect(server, autocommit=True) as admin:
        # not WITH (FORCE): that may not end an autovacuum worker; a plain drop does so by itself, and waits
        admin.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s AND usename = current_user",
            (name,),
        )
        admin.execute(SQL("DROP DATABASE {}").format(Identifier(name)))
