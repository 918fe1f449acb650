"""A thread of this process that takes a turn at something now and then, as long as a block runs."""

from __future__ import annotations

import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager


@contextmanager
def taking_turns(name: str, turn: Callable[[], object], seconds: float) -> Generator[None]:
    """Within the block ``turn`` is called at once, then so many seconds after each time; it lets no error out."""
    stop = threading.Event()

    def until_stopped() -> None:
        turn()
        while not stop.wait(seconds):
            turn()

    thread = threading.Thread(target=until_stopped, name=name, daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()
