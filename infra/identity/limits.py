"""Limits in bounded memory: how many requests a minute, and a pause after many bad credentials.

Each process counts for itself. What is counted is kept for the ``_MOST`` most recent callers; who is pushed out
starts anew, so that a flood of made-up callers costs memory no more than it costs anybody else their limit.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable

_MOST = 50_000
_MINUTE = 60.0


class Buckets:
    """Token buckets: ``amount`` at once, refilled evenly over ``seconds``."""

    def __init__(self, amount: int, seconds: float = _MINUTE, ticks: Callable[[], float] = time.monotonic) -> None:
        """Begin with every bucket full."""
        self._amount = float(amount)
        self._rate = amount / seconds
        self._ticks = ticks
        self._levels: OrderedDict[str, tuple[float, float]] = OrderedDict()
        self._lock = threading.Lock()

    def take(self, caller: str) -> float:
        """Take one; the answer is 0, or in how many seconds there is one again."""
        with self._lock:
            level = self._level(caller)
            wait = 0.0 if level >= 1 else (1 - level) / self._rate
            self._keep(caller, level - 1 if level >= 1 else level)
        return wait

    def wait(self, caller: str) -> float:
        """In how many seconds there is one again, without taking it."""
        with self._lock:
            level = self._level(caller)
        return 0.0 if level >= 1 else (1 - level) / self._rate

    def __len__(self) -> int:
        """How many callers are kept."""
        return len(self._levels)

    def _level(self, caller: str) -> float:
        level, at = self._levels.get(caller, (self._amount, self._ticks()))
        return min(self._amount, level + (self._ticks() - at) * self._rate)

    def _keep(self, caller: str, level: float) -> None:
        self._levels[caller] = level, self._ticks()
        self._levels.move_to_end(caller)
        if len(self._levels) > _MOST:
            self._levels.popitem(last=False)
