"""Follower: a thread that keeps read models in step while a server runs."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

import structlog

from infra.eventstore.listener import NotificationListener
from infra.readmodels.context import HasReads
from infra.readmodels.leases import BEAT_SECONDS, LIVE

_IDLE_SECONDS = 0.25  # how late an append of another process to a SQLite file is seen
_HEARING_SECONDS = 5.0  # PostgreSQL tells of every append; this is for a connection that was lost
_STREAM_SECONDS = 0.05
_BACKOFF_SECONDS = 2.0
_LONGEST_REST_SECONDS = 0.02


class Follower:
    """Catches up after each append: of this process at once, of others when PostgreSQL tells or the file is looked at.

    With Kafka the workers do that; then it only notes how far they are, for those who wait here.
    """

    def __init__(self, services: HasReads, spare: Callable[[], object] | None = None) -> None:
        """Prepare; ``start`` begins. ``spare`` is a short piece of work for moments in which nothing is to follow."""
        self._services = services
        self._spare = spare
        self._wake = threading.Event()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="projector", daemon=True)
        self._log = structlog.get_logger("projector")
        settings = services.settings
        self._listener: NotificationListener | None = None
        if not services.projects:
            self._idle = _STREAM_SECONDS
        elif settings.is_embedded:
            self._idle = _IDLE_SECONDS
        else:
            self._idle = _HEARING_SECONDS
            self._listener = NotificationListener(settings.database_url.get_secret_value(), self._wake)

    def start(self) -> None:
        """Begin to follow the log."""
        if self._listener:
            self._listener.start()
        self._thread.start()

    def wake(self) -> None:
        """Something was appended: look now."""
        self._wake.set()

    def stop(self) -> None:
        """Finish the page at hand, then end."""
        self._stop.set()
        self._wake.set()
        self._thread.join()
        if self._listener:
            self._listener.stop()

    def _run(self) -> None:
        reached, beaten = -1, time.monotonic()
        while not self._stop.is_set():
            try:
                self._wake.clear()  # before the look: what is appended from now on wakes again
                if self._services.log.head() != reached:
                    began = time.perf_counter()
                    reached = self._services.catch_up()
                    # requests are answered by this process too: they get every other moment
                    self._stop.wait(min(_LONGEST_REST_SECONDS, time.perf_counter() - began))
                if time.monotonic() - beaten > BEAT_SECONDS:  # who only waits for the next entry is alive as well
                    self._services.reads.leases[LIVE].beat()
                    beaten = time.monotonic()
                if not self._wake.wait(self._idle) and self._spare:
                    self._spare()
            except Exception as error:  # noqa: BLE001 - a database that is away comes back: keep trying
                self._log.warning("projector cannot go on yet", error=type(error).__name__)
                self._stop.wait(_BACKOFF_SECONDS)
