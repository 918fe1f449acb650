"""How fast read models move: from where they were when somebody last looked to where they are now."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from infra.readmodels.projector import ProjectionStatus

LOOKED_BACK = 300.0  # seconds
_SHORTEST = 1.0
_Sample = tuple[float, int, int]  # when, generation, position


@dataclass
class Rates:
    """Samples of one process, taken whenever the status is looked at; nothing is measured while nobody looks."""

    ticks: Callable[[], float] = time.monotonic
    _samples: dict[str, deque[_Sample]] = field(default_factory=dict[str, "deque[_Sample]"])
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def of(self, statuses: Iterable[ProjectionStatus]) -> dict[str, float | None]:
        """Positions a second of each read model since the oldest look of the last five minutes; None at the first."""
        now = self.ticks()
        with self._lock:
            return {status.projection: self._rate(now, status) for status in statuses}

    def _rate(self, now: float, status: ProjectionStatus) -> float | None:
        samples = self._samples.setdefault(status.projection, deque(maxlen=600))
        while samples and (now - samples[0][0] > LOOKED_BACK or samples[0][1] != status.generation):
            samples.popleft()
        oldest = samples[0] if samples else None
        if not samples or now - samples[-1][0] >= _SHORTEST:
            samples.append((now, status.generation, status.position))
        if oldest is None or now - oldest[0] < _SHORTEST:
            return None
        return max(0.0, (status.position - oldest[2]) / (now - oldest[0]))
