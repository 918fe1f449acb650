"""tools/postgres-local: a server that somebody starts again at once is stopped all the same."""

from __future__ import annotations

import subprocess
import threading
from collections.abc import Iterator
from contextlib import suppress

import psycopg
import pytest

from tests.infra.postgres.servers import Server

TIMES = 8


@pytest.fixture
def own() -> Iterator[Server]:
    server = Server()
    server.start()
    yield server
    server.remove()


def postmaster(server: Server) -> int:
    return int((server.folder / "data" / "postmaster.pid").read_text().splitlines()[0])


def test_it_is_stopped_though_it_is_started_again_at_once(own: Server) -> None:
    over = threading.Event()

    def watch() -> None:  # as who watches over the stack does
        while not over.is_set():
            with suppress(subprocess.CalledProcessError):
                own.start()

    watching = threading.Thread(target=watch)
    watching.start()
    try:
        for kill in (True, False) * (TIMES // 2):
            own.stop(kill=kill)
    finally:
        over.set()
        watching.join()


def test_a_kill_leaves_nothing_behind_that_keeps_it_from_starting(own: Server) -> None:
    for _ in range(3):
        before = postmaster(own)
        own.stop(kill=True)
        assert postmaster(own) == before, "a server that ended in order takes its file away"
        own.start()
        with psycopg.connect(own.admin()) as connection:
            connection.execute("CREATE TABLE IF NOT EXISTS kept (number int)")
            connection.execute("INSERT INTO kept VALUES (1)")
    with psycopg.connect(own.admin()) as connection:
        assert connection.execute("SELECT count(*) FROM kept").fetchone() == (3,)
