"""A process that stops itself (SIGSTOP) in the midst of its work, as a paused machine does; it ends when it is told to.

``python -m tests.infra.postgres.pausing WHERE URL``; what its work came to is the last line on stdout.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import orjson
import psycopg

from domain.commands import Draft
from domain.events import NoteAdded
from infra.eventstore.log import Append, Author, EventLog, NewEntry
from infra.eventstore.postgres import PostgresLogRecorder
from infra.eventstore.setup import UNAVAILABLE, open_log
from infra.interop.importers.events import batch
from infra.interop.importers.events.run import import_file
from tests.day import UTC_DAYS
from tests.spec import KEY, NOW

PATIENCE_SECONDS = 90.0  # of the test: then it has failed
CHART = "A-1"


def pause(*_: Any) -> None:
    """As long as whoever started this wants it."""
    os.kill(os.getpid(), signal.SIGSTOP)


def before(name: str, owner: Any) -> None:
    """Pause before a function of ``owner`` does its work for the first time."""
    own: Callable[..., Any] = getattr(owner, name)

    def paused(*args: Any, **named: Any) -> Any:
        setattr(owner, name, own)
        pause()
        return own(*args, **named)

    setattr(owner, name, paused)


def a_note(text: str) -> NewEntry:
    return NewEntry(Draft(NoteAdded(text=text), NOW), Author("a-1", "clinician"))


def after_its_questions(log: EventLog) -> None:
    """The answers are there, nothing is written yet."""
    before("cipher_for_writing", log)
    log.append(Append(CHART, [a_note("late")], expected=1))


def before_its_commit(log: EventLog) -> None:
    """Everything is sent but the commit, and nothing of it is waited for."""
    log.append_all([Append(CHART, [a_note("late")], expected=1)], also=pause)


def within_a_copy(log: EventLog) -> None:
    """Half of the rows are with the server."""

    def half(_: Any, cursor: psycopg.Cursor[Any], rows: Sequence[Any]) -> list[int]:
        with cursor.copy(
            "COPY carejourney_events (originator_id, originator_version, topic, state) FROM STDIN"
        ) as copy:
            for number, row in enumerate(rows):
                copy.write_row(row)
                if number == len(rows) // 2:
                    pause()
        return []

    PostgresLogRecorder.copy_in = half  # type: ignore[method-assign,assignment]
    log.append(Append(CHART, [a_note(f"late {number}") for number in range(120)], expected=1))


def within_an_import(log: EventLog) -> None:
    """A batch of a file, its questions answered."""
    before("_ciphers", batch)
    line = {
        "type": "NoteAdded",
        "client": CHART,
        "occurred_at": NOW.isoformat(),
        "data": {"text": "late"},
        "event_id": "0190a000-0000-7000-8000-000000000001",
    }
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "lines.ndjson"
        file.write_bytes(orjson.dumps(line) + b"\n")
        import_file(log, str(file))


WORK = {work.__name__: work for work in (after_its_questions, before_its_commit, within_a_copy, within_an_import)}


class Sleeper:
    """The process, from outside."""

    def __init__(self, *words: str, day: str = "") -> None:
        """Begin; ``day`` is the moment that its clock shows, where it is another one."""
        clock = [str(Path(__file__).parents[3] / "tools" / "on-day"), day] if day else []
        self._process = subprocess.Popen([*clock, sys.executable, "-m", *words], stdout=subprocess.PIPE, text=True)

    def until_it_stops(self) -> None:
        """Wait until it has stopped itself."""
        _, status = os.waitpid(self._process.pid, os.WUNTRACED)
        assert os.WIFSTOPPED(status), "it ended before it paused"

    def wakes(self) -> None:
        """Wake it, and do not wait for what it comes to."""
        self._process.send_signal(signal.SIGCONT)

    def goes_on(self) -> str:
        """Wake it, and give the last line that it says."""
        self._process.send_signal(signal.SIGCONT)
        said, _ = self._process.communicate(timeout=PATIENCE_SECONDS)
        return said.strip().rpartition("\n")[2]

    def kill(self) -> None:
        if self._process.poll() is None:
            self._process.kill()
            self._process.communicate()


@contextmanager
def asleep(*words: str, day: str = "") -> Generator[Sleeper]:
    """A process that has paused."""
    sleeper = Sleeper(*words, day=day)
    try:
        sleeper.until_it_stops()
        yield sleeper
    finally:
        sleeper.kill()


def main(where: str, url: str) -> None:
    """Pause there, then go on, and say what it came to."""
    log = open_log(url, KEY, UTC_DAYS, lambda: NOW)
    try:
        WORK[where](log)
        print("recorded", flush=True)
    except UNAVAILABLE:
        print("unavailable", flush=True)
    except Exception as error:  # noqa: BLE001 - told to the test
        print(type(error).__name__, flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
