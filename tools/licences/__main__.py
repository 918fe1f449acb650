"""Check the licence of every locked package: `python -m tools.licences`, or `make licences`.

Licences of Python packages are those of the installed metadata (License-Expression, else the classifiers, else the
License field), those of npm packages stand in tools/*/package-lock.json. `allowed.toml` has those that may be here, and
why each odd one may. Exit 1: another one came, or an odd one has another licence than was looked at.
"""

from __future__ import annotations

import json
import re
import sys
import tomllib
from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, metadata
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
RULES: dict[str, Any] = tomllib.loads((Path(__file__).parent / "allowed.toml").read_text())
_PIN = re.compile(r"^([A-Za-z0-9._-]+)(?:\[[^\]]*\])?==", re.MULTILINE)
_WORDS = re.compile(r"\s+(?:AND|OR)\s+|\s*/\s*")


def locked(root: Path = ROOT) -> dict[str, str]:
    """The licence of each package of the lock files, by name; empty where none is named or it is not installed."""
    python = {name for lock in root.glob("requirements*.lock") for name in _PIN.findall(lock.read_text())}
    found = {name: installed_licence(name) for name in python}
    for lock in root.glob("tools/*/package-lock.json"):
        packages: dict[str, dict[str, Any]] = json.loads(lock.read_text())["packages"]
        named = {path.rpartition("node_modules/")[2]: str(one.get("license", "")) for path, one in packages.items()}
        found |= {name: licence for name, licence in named.items() if name}
    return found


def installed_licence(name: str) -> str:
    """What the metadata of an installed package says."""
    try:
        said: Any = metadata(name)
    except PackageNotFoundError:
        return ""
    classifiers = [one.rpartition("::")[2].strip() for one in said.get_all("Classifier", []) if "License ::" in one]
    written = (said.get("License") or "").strip().splitlines()
    return said.get("License-Expression") or " / ".join(classifiers) or (written[0] if written else "")


def complaints(found: Mapping[str, str], rules: Mapping[str, Any] = RULES) -> list[str]:
    """What is wrong with the licences of these packages, and which reasons nobody needs any more."""
    allowed, odd = frozenset(rules["allowed"]), rules["odd"]
    wrong = [
        f"{name}: {licence or 'names no licence'}"
        for name, licence in sorted(found.items())
        if (odd[name][0] not in ("", licence) if name in odd else not _is_allowed(licence, allowed))
    ]
    return wrong + [
        f"{name}: is locked no more, and allowed.toml gives a reason for it" for name in sorted(set(odd) - set(found))
    ]


def _is_allowed(licence: str, allowed: frozenset[str]) -> bool:
    """Every licence of an expression, since who reads it must keep all of them or may choose any."""
    return bool(licence) and all(word in allowed or word.strip("()") in allowed for word in _WORDS.split(licence))


def main() -> int:
    """Print what is wrong."""
    found = locked()
    wrong = complaints(found)
    told = f"{len(found)} locked packages, {len(RULES['odd'])} with a reason of their own."
    sys.stdout.write("\n".join([*wrong, told, ""]))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
