"""What starts with each command, and what waits until a command needs it."""

from __future__ import annotations

import socket
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from api.cli.address import AddressError, taken_address
from api.cli.main import app

NOT_SERVED = ("fhir", "kafka", "lxml", "psycopg")
LATE = ("api.web", "babel", "jinja2", "kafka", "starlette", "typst")


def test_a_command_does_not_load_what_only_others_need() -> None:
    code = f"import sys, api.cli.main; print(*(name for name in {LATE} if name in sys.modules))"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.split() == []


def test_a_server_of_an_embedded_store_loads_no_driver_of_another(tmp_path: Path) -> None:
    code = (
        "import sys, api.cli.server, api.app; from infra.bootstrap import open_services; "
        "from infra.settings import Settings; api.app.create_app(open_services(Settings(demo=True))); "
        f"print(*(name for name in {NOT_SERVED} if name in sys.modules))"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=tmp_path)
    assert found.stdout.split() == []


@pytest.mark.parametrize("command", ["serve", "demo"])
def test_a_port_in_use_is_told_before_anything_is_made(command: str, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        settings = {"CAREJOURNEY_DEMO": "1", "CAREJOURNEY_DATABASE_URL": f"sqlite:///{tmp_path}/log.db"}
        answer = CliRunner().invoke(app, [command, "--port", str(port)], env=settings)
    assert answer.exit_code == 2
    assert answer.stderr.splitlines() == [f"carejourney: port {port} is in use: give another one with --port"]
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(("host", "port"), [("127.0.0.1", 70_000), ("192.0.2.1", 8000), ("no.such.host.invalid", 8000)])
def test_an_address_of_nobody_here_is_told(host: str, port: int) -> None:
    with pytest.raises(AddressError, match=f"cannot listen on {host}, port {port}: "):
        taken_address(host, port)
