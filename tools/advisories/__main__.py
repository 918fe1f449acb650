"""Look up the known advisories of every locked Python package: `python -m tools.advisories`, or `make advisories`.

pip-audit asks the advisory service for each package of `requirements*.lock`. Exit 1: a package has a known advisory.
Exit 2: something was not looked up, as on a machine that does not reach the service; then nothing is said of it.
pip-audit alone ends with 0 there.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
SERVICES = ("pypi", "osv")
_SECONDS = 900


@dataclass
class Found:
    """What was found out: advisories and what could not be asked, a line each."""

    asked: set[str] = field(default_factory=set[str])
    advisories: set[str] = field(default_factory=set[str])
    skipped: set[str] = field(default_factory=set[str])

    @property
    def status(self) -> int:
        """The exit status: what is known of is worse than what is not."""
        return 1 if self.advisories else 2 if self.skipped or not self.asked else 0

    def lines(self) -> list[str]:
        """For people."""
        told = [f"{len(self.asked)} locked packages were looked up, {len(self.advisories)} known advisories."]
        if self.skipped:
            told += [
                f"{len(self.skipped)} were NOT looked up: nothing is known of these. Is the advisory service reached?"
            ]
        return [*sorted(self.advisories), *sorted(self.skipped), *told]


def read(answers: Iterable[tuple[str, dict[str, Any] | None]]) -> Found:
    """What pip-audit said of each lock; None: it said nothing that can be read."""
    found = Found()
    for lock, answer in answers:
        if answer is None or not answer.get("dependencies"):
            found.skipped.add(f"{lock}: not looked up at all")
            continue
        for one in answer["dependencies"]:
            _read_one(one, found)
    return found


def _read_one(one: dict[str, Any], found: Found) -> None:
    if "skip_reason" in one or "vulns" not in one:
        found.skipped.add(f"{one['name']}: {one.get('skip_reason', 'no answer')}")
        return
    found.asked.add(one["name"])
    for each in one["vulns"]:
        fixed = ", ".join(each.get("fix_versions", ())) or "no version yet"
        found.advisories.add(f"{one['name']} {one['version']}: {each['id']}, mended in {fixed}")


def ask(lock: Path, command: Sequence[str], service: str) -> dict[str, Any] | None:
    """What pip-audit says of a lock, from its JSON; None where it says nothing."""
    words = ["-r", str(lock), "--require-hashes", "--disable-pip", "-f", "json", "--progress-spinner", "off"]
    try:
        done = subprocess.run([*command, *words, "-s", service], capture_output=True, text=True, timeout=_SECONDS)
        return json.loads(done.stdout)
    except (subprocess.TimeoutExpired, OSError, ValueError):
        return None


def main(arguments: Sequence[str] = (), command: Sequence[str] = (sys.executable, "-m", "pip_audit")) -> int:
    """Print what is known. The one argument is the service: pypi, or osv."""
    service = arguments[0] if arguments else SERVICES[0]
    if service not in SERVICES:
        sys.stderr.write(f"advisories: no service {service}: there are {', '.join(SERVICES)}\n")
        return 2
    found = read((lock.name, ask(lock, command, service)) for lock in sorted(ROOT.glob("requirements*.lock")))
    sys.stdout.write("\n".join([*found.lines(), ""]))
    return found.status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
