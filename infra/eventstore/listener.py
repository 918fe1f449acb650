"""Notification listener: LISTEN for the NOTIFY of each append on PostgreSQL."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

from infra.eventstore.conninfo import connection_parameters

if TYPE_CHECKING:
    import psycopg

CHANNEL = "carejourney_events"


class NotificationListener:
    """A thread that listens for appends of every process and calls back; a lost connection is made anew."""

    _PATIENCE_SECONDS = 1.0

    def __init__(self, url: str, wake: threading.Event) -> None:
        """Prepare to set ``wake`` after each append to the log at ``url``; ``start`` begins."""
        self._url = url
        self._wake = wake
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="listener", daemon=True)

    def start(self) -> None:
        """Begin to listen."""
        self._thread.start()

    def stop(self) -> None:
        """Stop listening, within a second."""
        self._stop.set()
        self._thread.join()

    def _run(self) -> None:
        import psycopg  # an embedded store has no use for it, and it takes a while to load

        while not self._stop.is_set():
            try:
                where = connection_parameters(self._url) | {"application_name": "carejourney ear"}
                with psycopg.connect(autocommit=True, **where) as connection:  # type: ignore[arg-type]
                    connection.execute(f'LISTEN "{CHANNEL}"'.encode())
                    self._listen(connection)
            except (psycopg.OperationalError, psycopg.InterfaceError):
                self._stop.wait(self._PATIENCE_SECONDS)

    def _listen(self, connection: psycopg.Connection[Any]) -> None:
        self._wake.set()  # what was appended before the ear was open
        while not self._stop.is_set():
            for _ in connection.notifies(timeout=self._PATIENCE_SECONDS, stop_after=1):
                self._wake.set()
