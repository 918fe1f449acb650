"""A server of ours in a process of its own, and many clients that talk to it at once."""

from __future__ import annotations

import asyncio
import http.client
import os
import subprocess
import sys
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.bench.data import environment
from tools.stack.ports import free_port

HEADERS = {"Authorization": "Bearer demo-clinician", "Content-Type": "application/json"}


@dataclass(frozen=True)
class Server:
    """A running server: its port, its process, the seconds until it first answered."""

    port: int
    pid: int
    cold_start: float

    def connect(self) -> http.client.HTTPConnection:
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)


@contextmanager
def serving(store: Path) -> Generator[Server]:
    """``carejourney serve`` over a store, until the block ends."""
    port = free_port()
    command = [str(Path(sys.executable).parent / "carejourney"), "serve", "--port", str(port)]
    start = time.perf_counter()
    process = subprocess.Popen(command, env={**os.environ, **environment(store)}, stderr=subprocess.DEVNULL)
    try:
        _until_answered(port, process)
        yield Server(port, process.pid, time.perf_counter() - start)
    finally:
        process.terminate()
        process.wait(30)


def _until_answered(port: int, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and process.poll() is None:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
        try:
            connection.request("GET", "/healthz")
            if connection.getresponse().status == 200:
                return
        except ConnectionError:
            time.sleep(0.01)
        finally:
            connection.close()
    msg = "the server does not answer"
    raise RuntimeError(msg)


def hammer(port: int, clients: int, each: int, request: Callable[[int], bytes]) -> float:
    """Requests answered a second, by so many clients on kept connections; each answer must be a 2xx."""

    async def client(number: int) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        for turn in range(each):
            writer.write(request(number * each + turn))
            head = await reader.readuntil(b"\r\n\r\n")
            if not head.startswith(b"HTTP/1.1 2"):
                raise RuntimeError((head + await reader.read(500)).decode())
            await reader.readexactly(_length(head))
        writer.close()

    async def everybody() -> None:
        await asyncio.gather(*(client(number) for number in range(clients)))

    start = time.perf_counter()
    asyncio.run(everybody())
    return clients * each / (time.perf_counter() - start)


def _length(head: bytes) -> int:
    for line in head.lower().split(b"\r\n"):
        if line.startswith(b"content-length:"):
            return int(line.partition(b":")[2])
    return 0
