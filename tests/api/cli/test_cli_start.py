"""What starts with each command, and what waits until a command needs it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

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
