"""What is to run: read from docker-compose.yml, with this machine's addresses, ports and folders put in."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from ports import free_port

ROOT = Path(__file__).parent.parent.parent
USUAL_FOLDER = ROOT / "var/stack"  # a stack elsewhere is one of several and keeps off the usual ports
SERVERS = ("postgres", "kafka")  # started by tools of their own
_LEFT_OUT = (*SERVERS, "prometheus", "grafana")
_WANTED_PORTS = {"api-1": 8000, "api-2": 8001, "oidc": 9400}
_VARIABLE = re.compile(r"\$\{(\w+):-([^}]*)\}")
_SECONDS = re.compile(r"(\d+)s")
# What a process has of the machine that it runs on; the last two are of tools/on-day.
_KEPT = ("PATH", "HOME", "LANG", "TZ", "LD_PRELOAD", "CALENDAR_SHIFT")


@dataclass(frozen=True)
class Planned:
    """One process. ``check`` is an address that answers 200 when it is ready; ``once``: it ends by itself."""

    name: str
    service: str
    command: list[str]
    environment: dict[str, str]
    folder: Path
    check: str
    grace: float
    once: bool


class Plan:
    """The processes of a stack that lives in ``folder``."""

    def __init__(self, folder: Path, ports: dict[str, int]) -> None:
        """Use these ports; those that are missing are chosen and added."""
        self.folder = folder
        self.ports = ports
        found: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
        self._services: dict[str, Any] = found["services"]
        names = [name for service in self._ours() for name in self._names(service)]
        for name in ("postgres", *names):
            if name not in ports:
                ports[name] = free_port(_WANTED_PORTS.get(name, 0) if folder == USUAL_FOLDER else 0)
        for name in (name for service in self._ours() if self._has_two(service) for name in self._names(service)):
            ports.setdefault(f"{name}-metrics", free_port())
        if "kafka" not in ports:
            ports["kafka"] = free_port(together=2)

    def processes(self) -> list[Planned]:
        """Every process, in the order in which they can be started."""
        return [self._planned(service, name) for service in self._ours() for name in self._names(service)]

    def secrets_of(self, service: str) -> dict[str, str]:
        """The files that a service is given: name there → name among all secrets."""
        return dict(_secret(given) for given in self._services[service].get("secrets", ()))

    def _ours(self) -> list[str]:
        rest = [name for name in self._services if name not in _LEFT_OUT]
        placed: list[str] = []
        while rest:
            ready = [name for name in rest if self._needs(name) <= {*placed, *_LEFT_OUT}]
            placed += ready
            rest = [name for name in rest if name not in ready]
        return placed

    def _needs(self, service: str) -> set[str]:
        return set(self._services[service].get("depends_on", ()))

    def _names(self, service: str) -> list[str]:
        count = self._services[service].get("deploy", {}).get("replicas", 1)
        return [service] if count == 1 else [f"{service}-{number}" for number in range(1, count + 1)]

    def _has_two(self, service: str) -> bool:
        """Whether it listens for people, and shows its metrics on a port of their own."""
        found = self._services[service]
        return "8000" in found.get("command", ()) and "CAREJOURNEY_METRICS_PORT" in found["environment"]

    def _planned(self, service: str, name: str) -> Planned:
        found = self._services[service]
        home = self.folder / "run" / name
        swaps = {
            "kafka:9092": f"127.0.0.1:{self.ports['kafka']}",
            "oidc.localhost:9400": f"127.0.0.1:{self.ports['oidc']}",
            "http://127.0.0.1:8000": f"http://127.0.0.1:{self.ports['api-1']}",
            "/run/secrets": str(home / "secrets"),
            "/var/lib/carejourney": str(self.folder / "ledger"),
            "0.0.0.0": "127.0.0.1",  # noqa: S104 - what is put out of the way
        }
        environment = {key: _swapped(value, swaps) for key, value in (found.get("environment") or {}).items()}
        for key in environment.keys() & {"CAREJOURNEY_METRICS_PORT", "OIDC_PROVIDER_PORT"}:
            environment[key] = str(self.ports[f"{name}-metrics" if self._has_two(service) else name])
        kept = {key: os.environ[key] for key in _KEPT if key in os.environ}
        once = found.get("restart") == "no"
        return Planned(
            name,
            service,
            self._command(service, name, swaps),
            {**kept, "PYTHONUNBUFFERED": "1", **environment},
            home if service != "oidc" else ROOT / "tools" / "oidc-provider",
            "" if once else self._check(service, name),
            float((_SECONDS.match(found.get("stop_grace_period", "10s")) or ["", "10"])[1]),
            once,
        )

    def _command(self, service: str, name: str, swaps: dict[str, str]) -> list[str]:
        if service == "oidc":
            return ["node", "server.mjs"]
        words = [_swapped(word, swaps) for word in self._services[service]["command"]]
        return [
            str(ROOT / ".venv/bin/carejourney"),
            *(str(self.ports[name]) if word == "8000" else word for word in words),
        ]

    def _check(self, service: str, name: str) -> str:
        """The address that the service's health check asks, on the port that the process has here."""
        test = " ".join(self._services[service]["healthcheck"]["test"])
        path = re.search(r"http://127\.0\.0\.1:\d+(/[\w./-]+)", test)
        assert path, f"{service} has no address in its health check"
        return f"http://127.0.0.1:{self.ports[name]}{path[1]}"


def _secret(given: str | dict[str, str]) -> tuple[str, str]:
    return (given, given) if isinstance(given, str) else (given["target"], given["source"])


def _swapped(value: object, swaps: dict[str, str]) -> str:
    text = _VARIABLE.sub(lambda found: os.environ.get(found[1]) or found[2], str(value))
    for old, new in swaps.items():
        text = text.replace(old, new)
    return text
