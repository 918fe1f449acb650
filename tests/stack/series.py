"""A series of faults on the whole stack under load: ``python -m tests.stack.series --count 300``.

Two writers record all the time, through both API processes, each request under its own idempotency key, sent again
until it is answered. Each round does one thing to one process, server, connection or disk, then waits until the stack
serves and its read models are in step, by themselves. After each: every acknowledged request is in the log exactly
once, nobody is quarantined, the log verifies, and the read models equal a fresh replay. Each kind comes once before
any comes again, in an order that the seed decides.

A round is a line of ``--results``. What does not hold is told there, and the series goes on with a new stack: a fault
of the product apart from an error of this harness. Without ``--from`` it goes on after the last round of that file.
Exit 1: something did not hold.
"""

from __future__ import annotations

import argparse
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx2
import orjson

from tests.infra.postgres.cutting import Cutter
from tests.stack.faults import Faults, cluster_of, servers_of
from tests.stack.load import Load
from tests.stack.outcomes import FAULT, HARNESS, HELD, Outcome, ProductFaultError, read, table
from tests.stack.running import Collector, Stack
from tests.stack.volume import Volume

PATIENCE = 240.0  # seconds until everything is in step again
ROUNDS = 40  # of one stack: then its log is long enough to be slow to check


@dataclass
class Setup:
    """A running stack whose API processes reach the database through a proxy."""

    stack: Stack
    cutter: Cutter
    volume: Volume | None


@contextmanager
def running() -> Generator[Setup]:
    """Start one, and leave nothing of it."""
    collector = Collector()
    folder = Path(tempfile.mkdtemp(prefix="carejourney-series-"))
    stack = Stack(folder, collector)
    volume: Volume | None = None
    cutter: Cutter | None = None
    try:
        volume = Volume(cluster_of(folder)) if Volume.can_be() else None
        stack.tool("start")
        servers_of(stack)
        cutter = _through_a_proxy(stack)
        yield Setup(stack, cutter, volume)
    finally:
        try:
            stack.tool("destroy")
        finally:
            if cutter:
                cutter.close()
            if volume:
                volume.remove()
            collector.close()
            shutil.rmtree(folder, ignore_errors=True)


def _through_a_proxy(stack: Stack) -> Cutter:
    port = stack.url("postgres").rpartition(":")[2]
    cutter = Cutter(int(port))
    for name in ("api-1", "api-2"):
        secret = stack.folder / "run" / name / "secrets" / "carejourney_database_url"
        secret.write_text(secret.read_text().replace(f":{port}/", f":{cutter.port}/"))
    stack.tool("restart", "api")
    return cutter


def kind_of(number: int, kinds: list[str], seed: int) -> str:
    """Which fault a round does: the kinds are dealt as cards are, shuffled anew when all are gone."""
    dealt, place = divmod(number - 1, len(kinds))
    cards = sorted(kinds)
    random.Random(f"{seed}:{dealt}").shuffle(cards)
    return cards[place]


def caught_up(stack: Stack) -> float:
    """Seconds until every API process is ready and no read model lags."""
    begun = time.monotonic()
    while time.monotonic() - begun < PATIENCE:
        try:
            ready = [httpx2.get(stack.url(name) + "/readyz", timeout=10).status_code for name in ("api-1", "api-2")]
            if set(ready) == {200} and stack.caught_up():
                return time.monotonic() - begun
        except (httpx2.TransportError, ValueError, KeyError):
            pass
        time.sleep(0.2)
    raise ProductFaultError(f"not in step after {PATIENCE} s")


def check(stack: Stack, load: Load) -> None:
    """Whether everything that was acknowledged is there once, and everything else is as it must be."""
    load.check()
    found: Counter[str] = Counter()
    for line in _said(stack, "export", "events").splitlines():
        found[orjson.loads(line)["client"]] += 1
    if lost := [one.reference for one in load.acknowledged if not found[one.reference]]:
        raise ProductFaultError(f"{len(lost)} acknowledged requests are not in the log")
    if doubled := [name for name, times in found.items() if name.startswith("SERIES-") and times > 1]:
        raise ProductFaultError(f"{len(doubled)} requests are in the log more than once")
    _said(stack, "project", "verify")
    _said(stack, "audit", "verify")
    if orjson.loads(_said(stack, "project", "quarantine", "--format", "json")):
        raise ProductFaultError("a client is quarantined")


def _said(stack: Stack, *words: str) -> bytes:
    try:
        return stack.command(*words)
    except (AssertionError, subprocess.TimeoutExpired) as error:
        raise ProductFaultError(f"{' '.join(words)}: {error}") from error


def one_round(setup: Setup, outcome: Outcome, rng: random.Random) -> None:
    """Do the round's fault, and see that everything comes back; what it came to is in ``outcome``."""
    stack = setup.stack
    faults = Faults(stack, setup.cutter, setup.volume, rng).all
    stack.tokens.clear()  # a series outlasts a token
    stack.token("admin")
    load = Load(stack)
    try:
        load.back(time.monotonic(), PATIENCE)
        time.sleep(rng.uniform(0.2, 1.5))
        outcome.to = faults[outcome.kind]()
        outcome.back_s = round(load.back(time.monotonic(), PATIENCE), 1)
        time.sleep(rng.uniform(0.2, 1.5))
    finally:
        load.stop()
        outcome.acknowledged, outcome.errors_met = len(load.acknowledged), dict(load.errors)
    outcome.caught_up_s = round(caught_up(stack), 1)
    check(stack, load)


def told(outcome: Outcome, setup: Setup, rng: random.Random, logs: Path) -> bool:
    """Run a round; whether the stack is fit for the next one. The logs of one that is not are kept."""
    try:
        one_round(setup, outcome, rng)
        return True
    except ProductFaultError as error:
        outcome.outcome, outcome.said = FAULT, str(error)
    except Exception:  # noqa: BLE001 - the series goes on, and says so
        outcome.outcome, outcome.said = HARNESS, traceback.format_exc()[-2000:]
    shutil.copytree(setup.stack.folder / "logs", logs / str(outcome.number), dirs_exist_ok=True)
    return False


def run(given: argparse.Namespace) -> list[Outcome]:
    """Rounds from the first that is asked for until there were enough, or the time is over."""
    file: Path = given.results
    before = read(file)
    number = given.first or (before[-1].number + 1 if before else 1)
    last, until = number + given.count, time.monotonic() + given.minutes * 60
    while number < last and time.monotonic() < until:
        try:
            with running() as setup:
                number = _rounds(setup, given, number, min(last, number + ROUNDS), until)
        except Exception:  # noqa: BLE001 - of this round's stack; one that never starts ends the series
            Outcome(number, "start or end of a stack", outcome=HARNESS, said=traceback.format_exc()[-2000:]).kept(file)
            number += 1
            if _last_three_failed(file):
                break
    return read(file)


def _last_three_failed(file: Path) -> bool:
    last = read(file)[-3:]
    return len(last) == 3 and all(one.kind == "start or end of a stack" for one in last)


def _rounds(setup: Setup, given: argparse.Namespace, number: int, last: int, until: float) -> int:
    """Rounds on one stack, as long as it is fit; gives the next one's number."""
    kinds = list(Faults(setup.stack, setup.cutter, setup.volume, random.Random(0)).all)
    if given.kinds:
        kinds = [kind for kind in kinds if kind in given.kinds.split(",")]
    while number < last and time.monotonic() < until:
        outcome = Outcome(number, kind_of(number, kinds, given.seed))
        fit = told(outcome, setup, random.Random(f"{given.seed}:{number}"), given.results.with_suffix(".logs"))
        outcome.kept(given.results)
        print(
            f"{number} {outcome.kind} {outcome.to}: {outcome.outcome} {outcome.back_s} {outcome.caught_up_s}",
            flush=True,
        )
        number += 1
        if not fit:
            break
    return number


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--results", type=Path, default=Path("var/series.ndjson"), help="a line a round; kept")
    parser.add_argument("--from", dest="first", type=int, default=0, help="number of the first round")
    parser.add_argument("--count", type=int, default=20)
    parser.add_argument("--minutes", type=float, default=600, help="no round begins later")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--kinds", default="", help="these kinds alone, between commas")
    given = parser.parse_args()
    given.results.parent.mkdir(parents=True, exist_ok=True)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # whoever ends it gets the table, and no stack stays behind
    try:
        found = run(given)
    finally:
        print(table(read(given.results)), flush=True)
    sys.exit(any(one.outcome != HELD for one in found))


if __name__ == "__main__":
    main()
