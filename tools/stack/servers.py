"""PostgreSQL and Kafka of the stack: started by the tools that the tests use, in folders of its own."""

from __future__ import annotations

import hashlib
import os
import socket
import subprocess
from pathlib import Path

from plan import ROOT

TOOLS = ROOT / "tools"


class Servers:
    """The two servers of a stack in ``folder``."""

    def __init__(self, folder: Path, ports: dict[str, int]) -> None:
        """Know where they are; ``start`` starts them."""
        self._folder = folder
        self._ports = ports
        # as root the server runs as the user postgres, who cannot enter every folder
        mark = hashlib.sha256(str(folder.resolve()).encode()).hexdigest()[:12]
        self.cluster = (
            Path(f"/var/tmp/carejourney-stack-{mark}") if os.geteuid() == 0 else folder.resolve() / "postgres"
        )

    def start(self, name: str) -> None:
        """Start one, unless it runs."""
        self._run(name, "start")
        if name == "postgres":
            self._logins()

    def stop(self, name: str) -> None:
        """Stop one, if it runs."""
        self._run(name, "stop")

    def answers(self, name: str) -> bool:
        """Whether its port is open."""
        with socket.socket() as probe:
            probe.settimeout(1)
            return probe.connect_ex(("127.0.0.1", self._ports[name])) == 0

    def _run(self, name: str, word: str) -> None:
        with (self._folder / "logs" / f"{name}.log").open("ab") as log:
            subprocess.run(
                [TOOLS / f"{name}-local", word],
                env=self._environment(),
                stdout=log,
                stderr=log,
                check=True,
                close_fds=True,
            )

    def _environment(self) -> dict[str, str]:
        word = (self._folder / "secrets" / "carejourney_kafka_sasl_password").read_text()
        return {
            **os.environ,
            "CAREJOURNEY_PG_DIR": str(self.cluster),
            "CAREJOURNEY_PG_PORT": str(self._ports["postgres"]),
            "CAREJOURNEY_KAFKA_DIR": str(self._folder.resolve() / "kafka"),
            "CAREJOURNEY_KAFKA_PORT": str(self._ports["kafka"]),
            "CAREJOURNEY_KAFKA_SASL": f"carejourney:{word}",
        }

    def _logins(self) -> None:
        """What the container of PostgreSQL does on its first start."""
        where = {"PGHOST": str(self.cluster), "PGPORT": str(self._ports["postgres"])}
        environment = {**os.environ, **where, "SECRETS": str(self._folder / "secrets")}
        subprocess.run([ROOT / "deploy/postgres/init.sh"], env=environment, check=True)
