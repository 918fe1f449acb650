"""Processes to be killed that have everything imported when they begin: a server of their own forks them.

It holds no store and no connection; what a child has open is its own, as in a process that was started by itself. To
import the house anew for each takes most of a second of CPU, more than most of what is done until the kill.
"""

from __future__ import annotations

import os
import sys
from importlib import import_module
from multiprocessing import get_context
from multiprocessing.connection import Connection
from typing import Self

_CONTEXT = get_context("forkserver")
_CONTEXT.set_forkserver_preload(
    [
        f"tests.faults.{name}"
        for name in ("child", "child_keys", "child_publishing", "child_releases", "child_seals", "child_upgrade")
    ]
)


class Child:
    """``main(*words)`` of a module in a process: its lines are read from ``stdout``, and told to it in ``stdin``."""

    def __init__(self, module: str, *words: str) -> None:
        """Begin."""
        read, says = _CONTEXT.Pipe(duplex=False)
        hears, write = _CONTEXT.Pipe(duplex=False)
        self._process = _CONTEXT.Process(target=_begin, args=(module, words, says, hears))
        self._process.start()
        self.stdout, self.stdin = os.fdopen(os.dup(read.fileno())), os.fdopen(os.dup(write.fileno()), "w")
        for end in (read, says, hears, write):
            end.close()

    def lines(self) -> list[str]:
        """What it goes on to say until it ends, without a line that was cut off."""
        return [line.strip() for line in self.stdout if line.endswith("\n")]

    def kill(self) -> None:
        """End it at once (SIGKILL)."""
        self._process.kill()

    def wait(self, seconds: float | None = None) -> int | None:
        """Its exit status, negative for a signal; None if it goes on after so many seconds."""
        self._process.join(seconds)
        return self._process.exitcode

    def __enter__(self) -> Self:
        """A context at whose end the process has ended."""
        return self

    def __exit__(self, *_: object) -> None:
        """Say nothing more to it and wait for its end."""
        self.stdin.close()
        self.wait()
        self.stdout.close()
        self._process.close()


def _begin(module: str, words: tuple[str, ...], says: Connection, hears: Connection) -> None:
    os.dup2(says.fileno(), sys.stdout.fileno())
    says.close()
    sys.stdin = os.fdopen(hears.fileno(), closefd=False)
    import_module(module).main(*words)
