"""A clone without the real tables passes and says what it left out; where they were promised, their absence fails."""

from __future__ import annotations

import os
import subprocess
import sys

from tests.conftest import ROOT
from tests.real_tables import LEFT_OUT, VARIABLE

ON_REAL_TABLES = "tests/infra/interop/importers/test_ctn0094.py"


def run(shared: str | None) -> subprocess.CompletedProcess[str]:
    """A run of the tests of one file as a stranger would start it."""
    there = {name: value for name, value in os.environ.items() if name != VARIABLE and not name.startswith("PYTEST")}
    words = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", ON_REAL_TABLES]
    given = {} if shared is None else {VARIABLE: shared}
    return subprocess.run(words, cwd=ROOT, env={**there, **given}, capture_output=True, text=True, check=False)


def test_without_the_tables_the_last_lines_say_how_many_tests_were_left_out_and_how_to_get_them() -> None:
    answer = run(None)
    assert answer.returncode == 0, answer.stdout
    told, closing = answer.stdout.splitlines()[-2:]
    assert LEFT_OUT in told
    number = int(told.split(": ")[1])
    assert number > 1
    assert f"{number} skipped" in closing


def test_tables_that_were_promised_and_are_not_there_fail_the_run() -> None:
    answer = run("/no/such/folder")
    assert answer.returncode == 1
    assert f"{VARIABLE} is set, but /no/such/folder/data/ctn0094 does not exist" in answer.stdout
