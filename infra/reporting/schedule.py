"""A thread that refreshes the schema `reporting` while a projector runs."""

from __future__ import annotations

import threading
from collections.abc import Generator
from contextlib import contextmanager

import structlog

from infra.services import Services


@contextmanager
def refreshing(services: Services) -> Generator[None]:
    """Within the block the schema is refreshed every so many seconds, when something has moved.

    Nothing is done where the read models are embedded, this login may not write them, or the setting is 0.
    """
    seconds = services.settings.reporting_seconds
    if services.reads.is_sqlite or not services.reads.may_write or not seconds:
        yield
        return
    stop = threading.Event()
    thread = threading.Thread(target=_run, args=(services, seconds, stop), name="reporting", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def _run(services: Services, seconds: float, stop: threading.Event) -> None:
    from infra.reporting.refreshing import refresh  # the driver loads when it is needed

    log = structlog.get_logger("reporting")
    while not stop.is_set():
        try:
            refresh(services)
        except Exception as error:  # noqa: BLE001 - a database that is away comes back: keep trying
            log.warning("the schema reporting cannot be refreshed yet", error=type(error).__name__)
        stop.wait(seconds)
