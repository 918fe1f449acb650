"""Serve until told to stop, then go out of the way: not ready, connections ended one by one, open requests finished."""

from __future__ import annotations

import socket
import threading
from types import FrameType

import uvicorn
from fastapi import FastAPI


class DrainingServer(uvicorn.Server):
    """A server that, told to stop, first lets balancers find somebody else. Told twice, it stops at once."""

    def __init__(self, config: uvicorn.Config, draining: threading.Event, seconds: float) -> None:
        """Set ``draining`` on the first signal, and stop ``seconds`` later."""
        super().__init__(config)
        self._draining = draining
        self._seconds = seconds

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Take a signal."""
        if self._draining.is_set():
            super().handle_exit(sig, frame)
            return
        self._draining.set()
        timer = threading.Timer(self._seconds, self._stop)
        timer.daemon = True
        timer.start()

    def _stop(self) -> None:
        self.should_exit = True


def serve_until_stopped(app: FastAPI, at: socket.socket, drain_seconds: float, shutdown_seconds: int) -> None:
    """Serve an app on a socket until SIGTERM or SIGINT; it ends within both times together."""
    config = uvicorn.Config(
        app,
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=shutdown_seconds,
    )
    DrainingServer(config, app.state.draining, drain_seconds).run([at])
