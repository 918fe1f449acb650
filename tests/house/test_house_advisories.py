"""Advisories are never passed over in silence, and the list of what the image holds is that of its locks."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path

import pytest

from tools.advisories.__main__ import ask, main, read
from tools.licences.__main__ import ROOT
from tools.sbom.__main__ import IMAGE, LOCKS, text

OF_OTHER_SYSTEMS = {"colorama", "httpx2-jsfetch"}
CLEAN = {"name": "idna", "version": "3.10", "vulns": []}
KNOWN = {"name": "idna", "version": "3.6", "vulns": [{"id": "PYSEC-2024-60", "fix_versions": ["3.7"]}]}
SKIPPED = {"name": "idna", "skip_reason": "Dependency not found on PyPI and could not be audited: idna (3.6)"}
SAYS = "import json, sys; print(json.dumps({'dependencies': %r})); sys.exit(0)"


@pytest.mark.parametrize(
    ("dependencies", "status", "said"),
    [
        ([CLEAN], 0, "1 locked packages were looked up, 0 known advisories."),
        ([CLEAN, KNOWN], 1, "idna 3.6: PYSEC-2024-60, mended in 3.7"),
        ([CLEAN, SKIPPED], 2, "1 were NOT looked up: nothing is known of these. Is the advisory service reached?"),
        ([KNOWN, SKIPPED], 1, "1 were NOT looked up: nothing is known of these. Is the advisory service reached?"),
        ([{"name": "idna", "version": "3.6"}], 2, "idna: no answer"),
        ([], 2, "some.lock: not looked up at all"),
    ],
)
def test_what_was_not_looked_up_is_an_error(dependencies: list[dict[str, object]], status: int, said: str) -> None:
    found = read([("some.lock", {"dependencies": dependencies})])
    assert found.status == status
    assert said in found.lines()


@pytest.mark.parametrize("code", ["print('no network')", "import sys; sys.exit(1)"])
def test_a_tool_that_says_nothing_is_an_error(code: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert ask(Path("some.lock"), [sys.executable, "-c", code], "pypi") is None
    assert main([], [sys.executable, "-c", code]) == 2
    assert "requirements.lock: not looked up at all" in capsys.readouterr().out


@pytest.mark.parametrize(("dependency", "status"), [(CLEAN, 0), (KNOWN, 1), (SKIPPED, 2)])
def test_every_lock_is_asked(dependency: dict[str, object], status: int) -> None:
    """pip-audit ends with 0 here, whatever it says."""
    assert main([], [sys.executable, "-c", SAYS % [dependency]]) == status


def test_the_list_of_the_image_is_that_of_its_locks() -> None:
    dockerfile = (ROOT / "Dockerfile").read_text()
    assert set(re.findall(r"-r (requirements[\w-]*\.lock)", dockerfile)) == set(LOCKS)
    assert f"python:{IMAGE['python_full_version']}-" in dockerfile
    pinned = {pin for lock in LOCKS for pin in re.findall(r"^([\w.-]+)==([^\s;\\]+)", (ROOT / lock).read_text(), re.M)}
    found = json.loads(text())
    assert (found["bomFormat"], found["specVersion"]) == ("CycloneDX", "1.6")
    held = [(one["name"], one["version"]) for one in found["components"]]
    assert set(held) <= pinned
    assert sorted(name for name, _ in held) == sorted({name for name, _ in pinned} - OF_OTHER_SYSTEMS)
    for one in found["components"]:
        assert one["purl"].startswith("pkg:pypi/")
        assert one["licenses"]
        assert {kind["alg"] for kind in one["externalReferences"][0]["hashes"]} == {"SHA-256"}
    assert text() == text()
