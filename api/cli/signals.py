"""Commands that run until they are stopped: SIGTERM and SIGINT end the work at hand, then the command."""

from __future__ import annotations

import logging
import signal
import threading
from collections.abc import Generator
from contextlib import contextmanager

from infra.observability import telemetry
from infra.observability.logs import log_to_stderr
from infra.settings import Settings


@contextmanager
def observed(settings: Settings, service: str) -> Generator[None]:
    """Within the block logs and traces go where the settings say, as those of ``service``.

    Raises:
        TelemetryMissingError: traces are wanted and OpenTelemetry is not installed.
    """
    log_to_stderr(settings.log_format, logging.INFO)
    telemetry.start(settings.otlp_endpoint, service)
    try:
        yield
    finally:
        telemetry.stop()


@contextmanager
def stopped_by_signals(stop: threading.Event) -> Generator[None]:
    """Within the block a signal to end sets ``stop``; a second one ends the process at once."""

    def on_signal(number: int, _frame: object) -> None:
        stop.set()
        signal.signal(number, signal.SIG_DFL)

    before = {number: signal.signal(number, on_signal) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
