"""tools/stack-local starts what docker-compose.yml says, on this machine's addresses."""

from __future__ import annotations

import re
import runpy
import subprocess
import sys
from collections import Counter
from pathlib import Path
from subprocess import PIPE
from typing import Any

import pytest

from tests.deploy.stackfiles import ROOT, stack
from tools.stack.ports import free_port

SERVICES = stack()["services"]
HERE = {"postgres", "kafka", "prometheus", "grafana"}


@pytest.fixture
def plan(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The plan of a stack in a folder of its own."""
    monkeypatch.syspath_prepend(ROOT / "tools/stack")
    return runpy.run_path(str(ROOT / "tools/stack/plan.py"))["Plan"](tmp_path, {})


def test_the_processes_are_those_of_the_containers(plan: Any) -> None:
    wanted = {name: found.get("deploy", {}).get("replicas", 1) for name, found in SERVICES.items() if name not in HERE}
    assert Counter(one.service for one in plan.processes()) == wanted


def test_a_process_has_the_settings_and_secrets_of_its_container(plan: Any) -> None:
    for one in plan.processes():
        found = SERVICES[one.service]
        assert found["environment"].keys() <= one.environment.keys() <= {*found["environment"], *KEPT}
        targets = {secret.get("target", secret["source"]).rpartition("/")[2] for secret in found["secrets"]}
        assert plan.secrets_of(one.service).keys() == targets
        assert one.once == (found["restart"] == "no")


KEPT = {"PATH", "HOME", "LANG", "TZ", "LD_PRELOAD", "CALENDAR_SHIFT", "PYTHONUNBUFFERED"}


def test_nothing_of_a_container_is_left_in_a_setting(plan: Any) -> None:
    for one in plan.processes():
        for text in [*one.command, *(value for key, value in one.environment.items() if key not in KEPT)]:
            assert not re.search(r"kafka:|oidc\.localhost|^/run/|^/var/lib|0\.0\.0\.0|\$\{", text), text


def test_what_a_process_needs_is_started_before_it(plan: Any) -> None:
    order = [one.service for one in plan.processes()]
    for service in set(order):
        for needed in SERVICES[service].get("depends_on", {}):
            if needed not in HERE:
                assert order.index(needed) < order.index(service)


def test_every_process_has_a_port_of_its_own(plan: Any) -> None:
    ports = list(plan.ports.values())
    assert len(set(ports)) == len(ports)
    checks = [one.check for one in plan.processes() if not one.once]
    assert len(set(checks)) == len(checks)
    assert all(re.fullmatch(r"http://127\.0\.0\.1:\d+/[\w./-]+", check) for check in checks)


def test_the_tool_says_how_it_is_used() -> None:
    done = subprocess.run([ROOT / "tools/stack-local"], capture_output=True, text=True)
    assert done.returncode == 2
    assert "restart NAME" in done.stdout


def test_a_port_is_given_once_until_its_process_ends() -> None:
    """Whoever asks elsewhere meanwhile gets another one, though nobody listens on it yet."""
    asking = "import sys; from tools.stack.ports import free_port; print(free_port(int(sys.argv[1]), 2), flush=True)"
    command = [sys.executable, "-c", f"{asking}; sys.stdin.read()"]
    mine = free_port()
    pair = free_port(together=2)
    assert len({mine, pair, pair + 1}) == 3
    with subprocess.Popen([*command, str(mine)], cwd=ROOT, stdin=PIPE, stdout=PIPE, text=True) as other:
        assert other.stdout
        theirs = int(other.stdout.readline())
        assert not {theirs, theirs + 1} & {mine, pair, pair + 1}
        assert not {free_port(theirs), free_port(theirs + 1)} & {theirs, theirs + 1}
        other.communicate("")
    assert free_port(theirs) == theirs
