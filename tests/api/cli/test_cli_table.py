"""The command line's table of contents: what is listed is what runs, and a start imports nothing else."""

from __future__ import annotations

import inspect
import subprocess
import sys

import pytest
from typer.testing import CliRunner

from api.cli.main import app
from api.cli.table import COMMANDS, load

# What only some commands need; each costs a start more than all of typer.
HEAVY = (
    "structlog",
    "sqlalchemy",
    "eventsourcing",
    "fastapi",
    "psycopg",
    "pydantic_settings",
    "kafka",
    "cryptography",
    "numpy",
)


@pytest.mark.parametrize("name", COMMANDS)
def test_the_help_that_is_listed_is_the_commands_own(name: str) -> None:
    command = load(name)
    assert command.name == name
    assert " ".join(inspect.cleandoc(command.help).split("\n\n")[0].split()) == COMMANDS[name].help


@pytest.mark.parametrize("words", [["version"], ["--help"], ["nosuch"]], ids=lambda words: words[0])
def test_a_start_imports_what_it_runs_only(words: list[str]) -> None:
    code = (
        "import atexit, sys; from api.cli.main import main\n"
        f"atexit.register(lambda: print('HEAVY', [name for name in {HEAVY!r} if name in sys.modules]))\n"
        f"sys.argv[1:] = {words!r}\nmain()"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert ran.stdout.splitlines()[-1] == "HEAVY []", ran.stderr


def test_a_command_that_there_is_not_is_said_with_those_that_there_are() -> None:
    answer = CliRunner().invoke(app, ["reprot"])
    assert answer.exit_code == 2
    assert "report" in answer.output


def test_what_begins_so_is_completed() -> None:
    words = {"_CAREJOURNEY_COMPLETE": "complete_bash", "COMP_WORDS": "carejourney pub", "COMP_CWORD": "1"}
    answer = CliRunner().invoke(app, [], prog_name="carejourney", env=words)
    assert "publication" in answer.output
