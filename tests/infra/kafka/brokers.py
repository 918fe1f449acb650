"""A broker of a test's own, that may be stopped, killed and brought back."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.conftest import ROOT
from tools.stack.ports import free_port


@dataclass
class Broker:
    """One broker in a folder of its own."""

    folder: Path
    port: int = field(default_factory=lambda: free_port(together=2))

    @property
    def bootstrap(self) -> str:
        return f"127.0.0.1:{self.port}"

    @property
    def pid(self) -> int:
        return int((self.folder / "pid").read_text())

    def start(self) -> None:
        self._tool("start")

    def kill(self) -> None:
        self._tool("stop", "--kill")

    def pause(self) -> None:
        os.kill(self.pid, signal.SIGSTOP)

    def go_on(self) -> None:
        os.kill(self.pid, signal.SIGCONT)

    def _tool(self, *words: str) -> None:
        places = {"CAREJOURNEY_KAFKA_DIR": str(self.folder), "CAREJOURNEY_KAFKA_PORT": str(self.port)}
        subprocess.run(
            [ROOT / "tools" / "kafka-local", *words],
            check=True,
            env={**os.environ, **places},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )


@contextmanager
def broker_at(folder: Path) -> Generator[Broker]:
    """A running broker, killed at the end."""
    broker = Broker(folder)
    broker.start()
    try:
        yield broker
    finally:
        broker.go_on()
        broker.kill()
