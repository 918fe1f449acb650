"""Prepare chunks of lines: here, or for a long file in a second process while this one writes.

Preparing takes longer than writing: when the second process is busy, this one prepares a chunk too.
"""

from __future__ import annotations

import multiprocessing
import os
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from itertools import chain, islice
from typing import ParamSpec, TypeVar

from infra.interop.importers.events.lines import Prepared, prepare
from infra.interop.importers.events.parts import RejectedLineError
from infra.interop.importers.source import Source
from infra.runtime.collector import collect_seldom

AHEAD = 3  # chunks that may wait for the writer: bounds memory, keeps both processes busy
_BUSY = 2  # chunks that the second process has before it: one at work, one at hand
_WORTH_A_PROCESS = 4  # chunks from which a second process pays for its start

Outcome = Prepared | str
P = ParamSpec("P")
R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class Chunk:
    """Lines with their numbers, the file's fingerprint, and the bytes read from the file so far."""

    fingerprint: bytes
    lines: list[tuple[int, bytes]]
    read: int


def prepared_chunks(
    chunks: Iterable[Chunk], latest: datetime, *, keep_recorded_at: bool, source: Source
) -> Iterator[tuple[Chunk, list[Outcome]]]:
    """Each chunk with what its lines came to, in order: a prepared line, or the reason why not."""
    chunks = iter(chunks)
    first = list(islice(chunks, _WORTH_A_PROCESS))
    if len(first) < _WORTH_A_PROCESS:
        for chunk in first:
            yield chunk, prepare_chunk(chunk, latest, keep_recorded_at, source)
        return
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn"), _begin) as pool:
        waiting: deque[tuple[Chunk, Future[list[Outcome]]]] = deque()
        for chunk in chain(first, chunks):
            busy = sum(not future.done() for _, future in waiting) >= _BUSY
            start = _here if busy else pool.submit
            waiting.append((chunk, start(prepare_chunk, chunk, latest, keep_recorded_at, source)))
            if len(waiting) > AHEAD:
                done, future = waiting.popleft()
                yield done, future.result()
        for done, future in waiting:
            yield done, future.result()


def _here(work: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> Future[R]:
    """The work done at once, as the pool would hand it over."""
    future: Future[R] = Future()
    future.set_result(work(*args, **kwargs))
    return future


def _begin() -> None:
    """Let no worker outlive an import that was killed: it would wait for chunks for ever."""
    collect_seldom()
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=lambda: (parent.join(), os._exit(1)), daemon=True).start()


def prepare_chunk(
    chunk: Chunk,
    latest: datetime,
    keep_recorded_at: bool,  # noqa: FBT001 - pickled
    source: Source,
) -> list[Outcome]:
    """What each line of a chunk comes to."""
    outcomes: list[Outcome] = []
    for number, raw in chunk.lines:
        try:
            fingerprint = chunk.fingerprint
            outcomes.append(prepare(number, raw, fingerprint, latest, keep_recorded_at=keep_recorded_at, source=source))
        except RejectedLineError as error:
            outcomes.append(str(error))
    return outcomes
