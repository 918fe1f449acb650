"""Run an import: read lines, record batches, keep the rejected lines, say what happened."""

from __future__ import annotations

import sys
from codecs import BOM_UTF8, BOM_UTF16_BE, BOM_UTF16_LE
from collections import Counter
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import IO

import orjson

from domain.errors import ExpectedError
from infra.eventstore.log import EventLog
from infra.interop.importers.events.ahead import decisions_ahead, twice
from infra.interop.importers.events.batch import write_batch
from infra.interop.importers.events.lines import MAX_LINE_BYTES, Prepared, file_fingerprint
from infra.interop.importers.events.log_refusals import refusal_of
from infra.interop.importers.events.origin import Origin
from infra.interop.importers.events.preparation import Chunk, prepared_chunks
from infra.interop.importers.events.strict import StrictJudge
from infra.interop.importers.packed_files import NOT_WHOLE, PackedTooWellError, lines, unpacked
from infra.interop.importers.source import Source
from infra.runtime.private_files import make_private

BATCH = 5_000
_LONGEST = MAX_LINE_BYTES + 1_000  # with blanks around it
_MEANWHILE, _AFTERWARDS = 64, 2  # MB of the log: ids stand anywhere in its indexes; what is read later is read once
CLOCK_SKEW = timedelta(minutes=5)
SO_FAR = "; what was read before is recorded"  # unless it is a trial

Progress = Callable[[int], None]


class ImportFileError(ExpectedError):
    """A file cannot be read; the message says which and what to do."""


@dataclass
class ImportResult:
    """What an import came to. ``lines`` = ``recorded`` + ``known`` + ``rejected`` + ``blank``.

    ``followed`` are recorded
    ones that came under merged charts. ``since`` is the log's head before it; ``clients`` have entries after.
    """

    lines: int = 0
    recorded: int = 0
    known: int = 0
    rejected: int = 0
    blank: int = 0
    derived: int = 0
    followed: int = 0
    by_type: Counter[str] = field(default_factory=Counter[str])
    reasons: Counter[str] = field(default_factory=Counter[str])
    clients: int = 0
    since: int = 0
    rejects_file: Path | None = None
    fingerprint: bytes = b""


def import_file(
    log: EventLog,
    path: str,
    *,
    keep_recorded_at: bool = False,
    strict: bool = False,
    source: Source | None = None,
    progress: Progress | None = None,
    origin: Origin | None = None,
) -> ImportResult:
    """Import one NDJSON file (``.gz`` too, ``-`` for standard input).

    Restartable: a line that is recorded already is counted as known and left alone. Bad lines go to
    ``FILE.rejected.ndjson`` with their number and reason; with ``strict`` so do lines that a live command would
    refuse. ``source`` is what is known of where it comes from. ``progress`` is called with the bytes read so far.
    ``origin`` says who imports, and whether it is a trial, which records nothing.

    Raises:
        ImportFileError: the file is missing, unreadable or not what its name says.
    """
    result = ImportResult(since=log.head())
    origin = origin or Origin()
    erased = log.all_erased()
    latest = log.clock() + CLOCK_SKEW
    log.recorder.keep(_MEANWHILE)
    with _rejects(path, result) as reject, _opened(path, again=strict) as file:
        judge = _judge(log, file, path, latest, source or Source()) if strict else None
        chunks = _chunks(file, path, result)
        for chunk, outcomes in prepared_chunks(
            chunks, latest, keep_recorded_at=keep_recorded_at, source=source or Source()
        ):
            batch: list[Prepared] = []
            refused: dict[int, str] = {}
            for (number, _), outcome in zip(chunk.lines, outcomes, strict=True):
                refusal = outcome if isinstance(outcome, str) else refusal_of(log, outcome, erased)
                if refusal is None and judge is not None and isinstance(outcome, Prepared):
                    refusal = judge.refusal(outcome)
                if refusal is not None:
                    refused[number] = refusal
                elif isinstance(outcome, Prepared):
                    batch.append(outcome)
            if batch:
                refused |= _write(log, batch, result, origin)
            for number, raw in chunk.lines:
                if number in refused:
                    reject(number, raw, refused[number])
            if progress:
                progress(chunk.read)
    log.recorder.keep(_AFTERWARDS)
    result.clients = log.recorder.clients_since(result.since) if result.recorded and origin.trial is None else 0
    return result


def _judge(log: EventLog, file: IO[bytes], path: str, latest: datetime, source: Source) -> StrictJudge:
    """A judge who has looked through the file, which stands where it stood."""
    start = file.tell()
    ahead = decisions_ahead(log, enumerate(_unmarked(_lines(file, path)), start=1), latest, source)
    file.seek(start)
    return StrictJudge(log, ahead)


def _chunks(file: IO[bytes], path: str, result: ImportResult) -> Iterator[Chunk]:
    """The file's lines in chunks, with their numbers; blank lines are counted and left out."""
    lines: list[tuple[int, bytes]] = []
    for number, raw in enumerate(_unmarked(_told(_lines(file, path), path)), start=1):
        result.lines += 1
        result.fingerprint = result.fingerprint or file_fingerprint(raw)
        line = raw.strip()
        if not line:
            result.blank += 1
            continue
        lines.append((number, line))
        if len(lines) >= BATCH:
            yield Chunk(result.fingerprint, lines, _bytes_read(file))
            lines = []
    if lines:
        yield Chunk(result.fingerprint, lines, _bytes_read(file))


def _write(log: EventLog, batch: list[Prepared], result: ImportResult, origin: Origin) -> dict[int, str]:
    """Record a batch; answers the lines that were refused, by number, with the reason."""
    written = write_batch(log, batch, origin)
    result.derived += written.derived
    result.followed += written.followed
    result.recorded += written.by_type.total() - written.derived
    result.known += written.known
    result.by_type += written.by_type
    return {line.line: reason for line, reason in written.refused}


@contextmanager
def _rejects(path: str, result: ImportResult) -> Generator[Callable[[int, bytes, str], None]]:
    """Where rejected lines go: the file is made with the first one, and a stale one is removed."""
    target = Path("stdin.rejected.ndjson" if path == "-" else f"{path}.rejected.ndjson")
    files: list[IO[bytes]] = []
    if path != "-":
        target.unlink(missing_ok=True)

    def reject(number: int, line: bytes, reason: str) -> None:
        if not files:
            files.append(make_private(target).open("wb"))
            result.rejects_file = target
        entry = {"line": number, "reason": reason, "text": line.decode("utf-8", "replace")[:10_000]}
        files[0].write(orjson.dumps(entry) + b"\n")
        result.rejected += 1
        result.reasons[reason.partition(":")[0]] += 1

    try:
        yield reject
    finally:
        for file in files:
            file.close()


@contextmanager
def _opened(path: str, *, again: bool) -> Generator[IO[bytes]]:
    """The file, to be read once, or twice."""
    try:
        with (
            nullcontext(sys.stdin.buffer) if path == "-" else Path(path).open("rb") as file,
            twice(file) if again else nullcontext(file) as kept,
        ):
            yield kept
    except (FileNotFoundError, IsADirectoryError, PermissionError) as error:
        msg = f"{path}: {error.strerror}: give the path of an NDJSON file, or - for standard input"
        raise ImportFileError(msg) from None


def _lines(file: IO[bytes], path: str) -> Iterator[bytes]:
    return lines(unpacked(file) if path.endswith(".gz") else file, _LONGEST)


def _told(lines: Iterator[bytes], path: str) -> Generator[bytes]:
    """The same lines; where a packed file breaks off, told in words.

    Raises:
        ImportFileError: it is no whole file, or unpacks to too much.
    """
    try:
        yield from lines
    except NOT_WHOLE as error:
        msg = f"{path}: not a whole gzip file ({error}): pack it again{SO_FAR}"
        raise ImportFileError(msg) from None
    except PackedTooWellError as error:
        msg = f"{path}: {error}{SO_FAR}"
        raise ImportFileError(msg) from None


def _unmarked(lines: Iterator[bytes]) -> Iterator[bytes]:
    """The lines without the mark that some programs put before UTF-8.

    Raises:
        ImportFileError: the file is not UTF-8 but UTF-16.
    """
    first = next(lines, b"")
    if first.startswith((BOM_UTF16_LE, BOM_UTF16_BE)) or b"\0" in first[:2]:
        msg = "the file is UTF-16: save it as UTF-8, as by iconv -f UTF-16 -t UTF-8 FILE"
        raise ImportFileError(msg)
    if first:
        yield first.removeprefix(BOM_UTF8)
    yield from lines


def _bytes_read(file: IO[bytes]) -> int:
    try:
        return file.tell()
    except OSError:
        return 0
