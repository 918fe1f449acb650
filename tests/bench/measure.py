"""How things are measured: interleaved rounds, medians, percentiles, peak memory; and the row that says it."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median
from typing import Any


@dataclass(frozen=True)
class Row:
    """One line of the table.

    ``limit`` is what this machine can do without us, ``peer`` what a comparable library does; ``met`` is None
    where no goal is set.
    """

    work: str
    unit: str
    ours: float
    limit: float | None = None
    limit_is: str = ""
    peer: float | None = None
    peer_is: str = ""
    goal: str = ""
    met: bool | None = None

    def as_dict(self) -> dict[str, Any]:
        """For ``--json``."""
        ratios = {"to_limit": ratio(self.ours, self.limit), "to_peer": ratio(self.ours, self.peer)}
        return {**asdict(self), **ratios}


@dataclass(frozen=True)
class Setup:
    """Where a benchmark may write, and how big it should be."""

    folder: Path
    full: bool

    def size(self, usual: int, full: int) -> int:
        """The usual size, or the one of ``--full``."""
        return full if self.full else usual


def ratio(ours: float, other: float | None) -> float | None:
    """Ours divided by the other, where there is one."""
    return ours / other if other else None


def timed(work: Callable[[], object]) -> float:
    """Seconds that the work takes."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def timed_cpu(work: Callable[[], object]) -> float:
    """Seconds of processor time that the work takes in this process: what others do meanwhile does not count."""
    start = time.process_time()
    work()
    return time.process_time() - start


def interleaved(works: Mapping[str, Callable[[], float]], rounds: int = 3) -> dict[str, float]:
    """The median rate of each work; one round runs every work once, so that all meet the same weather."""
    rates: dict[str, list[float]] = {name: [] for name in works}
    for _ in range(rounds):
        for name, work in works.items():
            rates[name].append(work())
    return {name: median(found) for name, found in rates.items()}


def percentile(values: list[float], share: float) -> float:
    """The smallest value that at least that share does not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def peak_memory(pid: int | str = "self") -> float:
    """The most resident memory a process ever had, in MB (Linux)."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) / 1024
    return 0.0


def cpu_ms(pid: int) -> float:
    """Milliseconds of processor that the threads of a process have had so far (Linux): what others do does not count."""
    tasks = Path(f"/proc/{pid}/task").glob("*/schedstat")
    return sum(int(task.read_text().split()[0]) for task in tasks) / 1e6
