"""Logs: one JSON object a line, and never a value that an error or a library complains about."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[3]
SECRET = "Xanthippe Example"


def lines_of(body: str, form: str = "json") -> list[str]:
    """What a process logs: what it sets up holds for a whole process."""
    start = f"import logging, threading; import structlog; from infra.observability.logs import _LOG, tell_recorded, log_to_stderr; log_to_stderr({form!r}, logging.INFO)\n"
    done = subprocess.run([sys.executable, "-c", start + body], cwd=ROOT, capture_output=True, text=True)
    assert SECRET not in done.stderr
    assert done.stdout == ""
    return done.stderr.splitlines()


def only(body: str) -> dict[str, Any]:
    lines = lines_of(body)
    assert len(lines) == 1, lines
    return json.loads(lines[0])


def test_an_error_that_nobody_catches_is_its_type_and_its_place() -> None:
    seen = only(f"raise KeyError({SECRET!r})")
    assert (seen["event"], seen["error"], seen["level"]) == ("stopped by an error", "KeyError", "critical")
    assert seen["at"].endswith(":2")


def test_so_is_one_in_a_thread() -> None:
    body = f"def fail(): raise KeyError({SECRET!r})\nt = threading.Thread(target=fail); t.start(); t.join()"
    assert only(body)["error"] == "KeyError"


def test_what_a_library_logs_has_the_same_form_and_no_values() -> None:
    body = f"""
try:
    raise ValueError({SECRET!r})
except ValueError:
    logging.getLogger("some.library").exception("cannot read %s", {SECRET!r})
"""
    seen = only(body)
    assert (seen["logger"], seen["error"], seen["level"]) == ("some.library", "ValueError", "error")
    assert seen["timestamp"].endswith("Z")


def test_what_a_broker_says_is_kept() -> None:
    assert only("logging.getLogger('kafka.conn').warning('%s is away', 'broker-1')")["message"] == "broker-1 is away"


def test_a_step_is_logged_under_its_request_only() -> None:
    bound = "structlog.contextvars.bind_contextvars(correlation_id='c-1')"
    assert lines_of("tell_recorded(7)") == []
    seen = only(f"{bound}; tell_recorded(7)")
    assert (seen["event"], seen["correlation_id"], seen["position"]) == ("recorded", "c-1", 7)


def test_text_is_for_people() -> None:
    lines = lines_of("_LOG.info('started', port=8000)", "text")
    assert len(lines) == 1
    assert "started" in lines[0]
    assert "port=8000" in lines[0]
    assert "\x1b" not in lines[0]
