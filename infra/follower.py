"""A thread that keeps the read models in step while a server runs."""

from __future__ import annotations

import threading

import structlog

from infra.services import Services

_IDLE_SECONDS = 0.25
_BACKOFF_SECONDS = 2.0


class Follower:
    """Catches up after each append of this process at once, and after others' within a quarter of a second."""

    def __init__(self, services: Services) -> None:
        """Prepare; ``start`` begins."""
        self._services = services
        self._wake = threading.Event()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="projector", daemon=True)
        self._log = structlog.get_logger("projector")

    def start(self) -> None:
        """Begin to follow the log."""
        self._thread.start()

    def wake(self) -> None:
        """Something was appended: look now."""
        self._wake.set()

    def stop(self) -> None:
        """Finish the page at hand, then end."""
        self._stop.set()
        self._wake.set()
        self._thread.join()

    def _run(self) -> None:
        reached = -1
        while not self._stop.is_set():
            try:
                if self._services.log.head() != reached:
                    reached = self._services.catch_up()
                self._wake.wait(_IDLE_SECONDS)
            except Exception as error:  # noqa: BLE001 - a database that is away comes back: keep trying
                self._log.warning("projector cannot go on yet", error=type(error).__name__)
                self._stop.wait(_BACKOFF_SECONDS)
            self._wake.clear()
