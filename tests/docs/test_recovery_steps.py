"""Every command of docs/recovery.md, run as it stands there."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT

LINES = """\
{"client": "A-1", "type": "ClientRegistered", "occurred_at": "2026-01-05T09:00:00Z", "data": {"name": "Zebulon Quillfeather", "birth_date": "1931-02-03"}}
{"client": "A-2", "type": "ClientRegistered", "occurred_at": "2026-01-05T09:00:00Z", "data": {"name": "Una Kept", "birth_date": "1931-02-03"}}
"""
# The command line under another user of the operating system: nobody confirms an erasure that they asked for themselves.
ANOTHER = "python -c 'import os; os.getuid = lambda: 2**31 - 7; from api.cli.main import main; main()'"


def steps() -> list[str]:
    """The page's blocks, in order."""
    page = (ROOT / "docs" / "recovery.md").read_text()
    return [
        block.replace("\n   ", "\n") for block in re.findall(r"^ *```sh\n(.*?)^ *```", page, re.MULTILINE | re.DOTALL)
    ]


def sh(folder: Path, *blocks: str) -> str:
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    env = {name: value for name, value in os.environ.items() if not name.startswith("CAREJOURNEY_")} | {"PATH": path}
    script = "\n".join(("set -eu", *blocks))
    done = subprocess.run(["bash", "-c", script], cwd=folder, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr + done.stdout
    return done.stdout


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "in.ndjson").write_text(LINES)
    sh(tmp_path, "carejourney import events in.ndjson")
    return tmp_path


def test_the_steps_bring_the_log_back(folder: Path) -> None:
    make, take_away, *after = steps()
    before = sh(folder, "carejourney export events")
    sh(folder, make)
    sh(folder, "carejourney client erase A-1 --ground client_request --by a.meyer")
    sh(folder, f"{ANOTHER} client erase A-1 --confirm --by b.okafor")
    sh(folder, take_away)
    shutil.rmtree(folder / "var")
    said = sh(folder, *after)
    assert "The backup is whole" in said
    assert len(re.findall("(?:are as they were|is as it was) recorded", said)) == 2
    assert "The live tables equal a fresh replay" in said
    assert "0 still wrapped by another master key" in said
    exported = sh(folder, "export CAREJOURNEY_MASTER_KEY_FILE=var/second.key", "carejourney export events")
    assert "Una Kept" in exported
    assert "Quillfeather" in before
    assert "Quillfeather" not in exported
    assert "ClientErased" in exported


def test_there_is_no_other_language_in_the_blocks() -> None:
    assert len(steps()) >= 8
    assert all(line.strip() for block in steps() for line in block.strip().splitlines())
