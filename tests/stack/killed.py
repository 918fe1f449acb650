"""Commands beside a running stack that are killed (kill -9) in the midst of their work, then given again."""

from __future__ import annotations

import random
import subprocess
import uuid
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import httpx2

from api.http.examples import EXAMPLES
from tests.stack.outcomes import ProductFaultError
from tests.stack.running import COMMAND, Stack

_LONGEST = 4.0  # seconds until the kill, of which the first is the start of Python
_CLIENTS = "12"
_PATIENCE = 300.0


class KilledCommands:
    """What is killed, each with what it needs before and what must hold once it was given again."""

    def __init__(self, stack: Stack, rng: random.Random) -> None:
        """Over one stack."""
        self._stack = stack
        self._rng = rng
        self.faults: dict[str, Callable[[], str]] = {
            "kill backup": self._backup,
            "kill seal": lambda: self._twice("audit", "seal"),
            "kill erase": self._erase,
            "kill rebuild": lambda: self._twice("project", "rebuild", "status"),
            "kill rollback": self._rollback,
            "kill import": self._import,
        }

    def _twice(self, *words: str) -> str:
        """Kill it, then let it come to its end; gives when it was killed."""
        after = self._rng.uniform(0.5, _LONGEST)
        with subprocess.Popen(
            [COMMAND, *words],
            env=self._stack.environment(),
            cwd=self._stack.folder,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        ) as child:
            try:
                child.wait(after)
                said = "ended before"
            except subprocess.TimeoutExpired:
                child.kill()
                said = f"after {after:.1f} s"
        self._whole(*words)
        return said

    def _whole(self, *words: str) -> str:
        done = subprocess.run(
            [COMMAND, *words],
            env=self._stack.environment(),
            cwd=self._stack.folder,
            capture_output=True,
            text=True,
            timeout=_PATIENCE,
        )
        if done.returncode:
            raise ProductFaultError(f"{' '.join(words)} given again: {done.stderr[-1500:]}")
        return done.stdout

    def _backup(self) -> str:
        folder = self._stack.folder / "backups"
        folder.mkdir(exist_ok=True)
        said = self._twice("backup", str(folder))
        for file in folder.glob("*.cjbackup"):
            self._whole("restore", "--check", str(file))
            file.unlink()
        if left := list(folder.iterdir()):
            raise ProductFaultError(f"the backup that was killed left {[path.name for path in left]}")
        return said

    def _erase(self) -> str:
        reference = f"ERASE-{uuid.uuid4().hex}"
        path = f"{self._stack.url('api-1')}/api/v1/clients/{reference}"
        body = {"occurred_at": datetime.now(UTC).isoformat(), "data": EXAMPLES["register-client"]}
        self._post("intake", f"{path}/commands/register-client", body)
        self._post("admin", f"{path}/erasure", {"ground": "court_order"})
        words = ("client", "erase", reference, "--confirm", "--by", "a.meyer")
        try:
            said = self._twice(*words)
        except ProductFaultError:  # nobody is left to be erased
            said = "it was erased when it was killed"
        if reference in self._whole("client", "erasures"):
            raise ProductFaultError("what was confirmed still waits to be erased")
        if reference in self._whole("export", "events"):
            raise ProductFaultError("what was erased can be read")
        return said

    def _post(self, user: str, address: str, body: dict[str, Any]) -> None:
        headers = {"Authorization": f"Bearer {self._stack.token(user)}", "Idempotency-Key": str(uuid.uuid4())}
        answer = httpx2.post(address, json=body, headers=headers, timeout=30)
        if answer.status_code != 201:
            raise ProductFaultError(f"{answer.status_code}: {answer.text[:500]}")

    def _rollback(self) -> str:
        self._whole("project", "rebuild", "status")
        return self._twice("project", "rollback", "status")

    def _import(self) -> str:
        file = self._stack.folder / "simulated.ndjson"
        seed = str(self._rng.randint(1, 10**6))
        self._whole("simulate", "--clients", _CLIENTS, "--seed", seed, "--out", str(file))
        # Other people than those of the round before.
        file.write_text(file.read_text().replace('"SIM-', f'"SIM{seed}-'))
        said = self._twice("import", "events", str(file))
        again = self._whole("import", "events", str(file))
        lines = len(file.read_text().splitlines())
        if f"{lines:,}" not in again and str(lines) not in again:
            raise ProductFaultError(f"of {lines} lines not all are known after the second import: {again[-500:]}")
        return said
