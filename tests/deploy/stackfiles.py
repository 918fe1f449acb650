"""What is under deploy/ and in docker-compose.yml, as the tests read it."""

from __future__ import annotations

import json
import os
import re
import subprocess
from pathlib import Path
from typing import Any

import compose
import yaml

ROOT = Path(__file__).parent.parent.parent
# The package's own script hides the exit code.
COMPOSE = Path(compose.__file__).parent / "docker-compose"
METRIC = re.compile(r"\bcarejourney_\w+")


def composed(*options: str) -> subprocess.CompletedProcess[str]:
    """Docker Compose itself, on our file, with no setting from outside."""
    environment = {key: value for key, value in os.environ.items() if not key.startswith("CAREJOURNEY_")}
    command = [str(COMPOSE), "-f", str(ROOT / "docker-compose.yml"), "config", *options]
    return subprocess.run(command, capture_output=True, text=True, env=environment, cwd=ROOT)


def stack() -> dict[str, Any]:
    """The file as Compose understands it."""
    done = composed("--format", "json")
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def rules() -> list[dict[str, Any]]:
    """Every alert."""
    found = yaml.safe_load((ROOT / "deploy/prometheus/rules.yml").read_text())
    return [rule for group in found["groups"] for rule in group["rules"]]


def board() -> dict[str, Any]:
    """Grafana's board."""
    return json.loads((ROOT / "deploy/grafana/boards/carejourney.json").read_text())
