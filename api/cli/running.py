"""Commands that run until they are stopped: SIGTERM and SIGINT end the work at hand, then the command."""

from __future__ import annotations

import signal
import threading
from collections.abc import Generator
from contextlib import contextmanager


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
