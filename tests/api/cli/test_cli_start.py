"""What starts with each command, and what waits until a command needs it."""

from __future__ import annotations

import subprocess
import sys

LATE = ("api.web", "babel", "jinja2", "kafka", "starlette", "typst")


def test_a_command_does_not_load_what_only_others_need() -> None:
    code = f"import sys, api.cli.main; print(*(name for name in {LATE} if name in sys.modules))"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.split() == []
