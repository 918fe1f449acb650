"""Keeps the processes of a stack running until it is told to stop, as a container engine would."""

from __future__ import annotations

import ctypes
import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from plan import SERVERS, Plan, Planned
from servers import Servers

_TICK = 0.1
_LONGEST_PAUSE = 10.0
_STEADY = 10.0  # a process that has run so long is no longer one that fails at its start
_DIE_WITH_PARENT = 1  # PR_SET_PDEATHSIG


@dataclass
class Member:
    """One supervised process."""

    planned: Planned
    process: subprocess.Popen[bytes] | None = None
    restarts: int = -1
    began: float = 0.0
    pause: float = _TICK
    not_before: float = 0.0
    stop_by: float = 0.0

    @property
    def runs(self) -> bool:
        """Whether it is alive."""
        return self.process is not None and self.process.poll() is None

    def start(self, log: Path) -> None:
        """Start it, and begin to count."""
        self.planned.folder.mkdir(parents=True, exist_ok=True)
        with log.open("ab") as out:
            self.process = subprocess.Popen(
                self.planned.command,
                cwd=self.planned.folder,
                env=self.planned.environment,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
                preexec_fn=_die_with_parent,
            )
        self.restarts += 1
        self.began = time.monotonic()
        self.stop_by = 0.0

    def ask_to_stop(self) -> None:
        """Ask once; give it the time it was promised, then end it."""
        now = time.monotonic()
        if self.runs and self.process is not None:
            if not self.stop_by:
                self.process.send_signal(signal.SIGTERM)
                self.stop_by = now + self.planned.grace
            elif now > self.stop_by:
                self.process.kill()


class Supervisor:
    """The loop. Files in ``control`` named after a process ask for its restart; SIGTERM ends everything."""

    def __init__(self, folder: Path, ports: dict[str, int]) -> None:
        """Plan; ``run`` begins."""
        self.folder = folder
        self.servers = Servers(folder, ports)
        planned = Plan(folder, ports).processes()
        self.once = [one for one in planned if one.once]
        self.members = {one.name: Member(one) for one in planned if not one.once}
        self.stopping = False
        self._written = ""

    def run(self) -> None:
        """Start everything in order, keep it running, stop it in the opposite order."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._on_signal)
        try:
            for name in SERVERS:
                self.servers.start(name)
            for planned in self.once:
                self._run_once(planned)
            while not self.stopping:
                self._tick()
                time.sleep(_TICK)
        finally:
            self._stop()

    def _on_signal(self, _number: int, _frame: object) -> None:
        self.stopping = True

    def _run_once(self, planned: Planned) -> None:
        member = Member(planned)
        member.start(self._log(planned.name))
        assert member.process is not None
        if member.process.wait() != 0:
            sys.stderr.write(f"stack-local: {planned.name} failed: see {self._log(planned.name)}\n")
            raise SystemExit(1)

    def _tick(self) -> None:
        for name in SERVERS:
            if not self.servers.answers(name) and not self.stopping:
                self._start_server_again(name)
        for name, member in self.members.items():
            asked = self.folder / "control" / name
            if asked.exists() and member.runs:
                member.ask_to_stop()
            elif not member.runs:
                self._start_again(member, at_once=asked.exists())
                asked.unlink(missing_ok=True)
        self._write()

    def _start_server_again(self, name: str) -> None:
        try:
            self.servers.start(name)
        except subprocess.CalledProcessError as error:  # it may be stopping still: the next tick tries again
            sys.stderr.write(f"stack-local: {name} does not start yet (exit {error.returncode})\n")

    def _start_again(self, member: Member, *, at_once: bool) -> None:
        now = time.monotonic()
        if member.process is not None and not at_once:
            if not member.not_before:
                steady = now - member.began > _STEADY
                member.pause = _TICK if steady else min(member.pause * 2, _LONGEST_PAUSE)
                member.not_before = now + member.pause
            if now < member.not_before:
                return
        member.not_before = 0.0
        member.start(self._log(member.planned.name))

    def _write(self) -> None:
        """What there is now, for those who ask."""
        text = json.dumps(
            {
                name: {
                    "service": member.planned.service,
                    "pid": member.process.pid if member.process and member.runs else 0,
                    "restarts": max(0, member.restarts),
                    "check": member.planned.check,
                }
                for name, member in self.members.items()
            }
        )
        if text != self._written:
            part = self.folder / "state.part"
            part.write_text(text)
            part.replace(self.folder / "state.json")
            self._written = text

    def _stop(self) -> None:
        members = list(self.members.values())
        while any(member.runs for member in members):
            for member in members:
                member.ask_to_stop()
            time.sleep(_TICK)
        (self.folder / "state.json").unlink(missing_ok=True)
        for name in reversed(SERVERS):
            self.servers.stop(name)

    def _log(self, name: str) -> Path:
        return self.folder / "logs" / f"{name}.log"


def _die_with_parent() -> None:
    """A supervisor that is killed leaves nobody behind."""
    os.setpgrp()  # Ctrl-C is the supervisor's to hear
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_DIE_WITH_PARENT, signal.SIGTERM)
