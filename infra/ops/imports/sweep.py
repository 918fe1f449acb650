"""Uploads that nobody works on are forgotten while a server runs, whether somebody looks at them or not."""

from __future__ import annotations

import threading
from collections.abc import Generator
from contextlib import contextmanager

import structlog

from infra.ops.imports.uploads import Uploads

EVERY_SECONDS = 60.0


@contextmanager
def swept(uploads: Uploads, every: float = EVERY_SECONDS) -> Generator[None]:
    """Sweep at once, then from time to time until the end."""
    ending = threading.Event()

    def work() -> None:
        while True:
            try:
                uploads.sweep()
            except OSError as error:  # a folder of others, a disk that is away: the next turn tries again
                structlog.get_logger("imports").warning("uploads were not swept", error=type(error).__name__)
            if ending.wait(every):
                return

    thread = threading.Thread(target=work, name="uploads", daemon=True)
    thread.start()
    try:
        yield
    finally:
        ending.set()
        thread.join()
