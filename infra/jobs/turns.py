"""Thread of this process that does something every so often while a block runs."""

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


class Tried:
    """A turn that lets no error out: what stands in its way is told once, not every time."""

    def __init__(self, tell: Callable[[str], object]) -> None:
        """``tell`` takes the name of the error's class."""
        self._tell = tell
        self._told = ""

    def turn(self, work: Callable[[], bool]) -> bool:
        """What the work answers; False where it failed."""
        try:
            done = work()
        except Exception as error:  # noqa: BLE001 - a database that is away comes back, a login without rights stays
            if type(error).__name__ != self._told:
                self._tell(type(error).__name__)
            self._told = type(error).__name__
            return False
        self._told = ""
        return done
