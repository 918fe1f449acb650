"""Run an import: read lines, record batches, keep the rejected lines, say what happened."""

from __future__ import annotations

import sys
from codecs import BOM_UTF8, BOM_UTF16_BE, BOM_UTF16_LE
from collections import Counter
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import IO

import orjson

from domain.errors import ExpectedError
from infra.eventstore.log import EventLog
from infra.interop.importers.events.ahead import DecisionsAhead, twice
from infra.interop.importers.events.batch import write_batch
from infra.interop.importers.events.lines import Prepared, file_fingerprint
from infra.interop.importers.events.log_refusals import refusal_of
from infra.interop.importers.events.origin import Origin
from infra.interop.importers.events.parts import MAX_LINE_BYTES
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


class BrokenOffError(ImportFileError):
    """A file breaks off; what stands before that is recorded, as ``result`` says."""

    def __init__(self, message: str, result: ImportResult) -> None:
        """Say why, and what the import came to until then."""
        super().__init__(message)
        self.result = result


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
    broken_off: str = ""
    fingerprint: bytes = b""


@dataclass(frozen=True, slots=True)
class Given:
    """One of an import's files: its path, and its number among them. ``kept`` holds what can be read only once and was
    read already; ``ahead`` is what all files decide ahead, where the import is strict.
    """

    path: str
    number: int = 0
    kept: IO[bytes] | None = None
    ahead: DecisionsAhead | None = None


@contextmanager
def given_files(
    log: EventLog, paths: Sequence[str], *, strict: bool = False, source: Source | None = None
) -> Generator[list[Given]]:
    """The files of one import (``.gz`` too, ``-`` for standard input), to import one after the other.

    A strict one looks through all of them before the first: to its judge they are one.

    Raises:
        ImportFileError: one is missing or unreadable; nothing is recorded yet.
    """
    if not strict:
        for path in paths:
            if path != "-" and not _is_pipe(path):
                _open(path).close()
        yield [Given(path) for path in paths]
        return
    ahead, latest = DecisionsAhead(), log.clock() + CLOCK_SKEW
    with ExitStack() as stack:
        files: list[Given] = []
        for number, path in enumerate(paths):
            with ExitStack() as meanwhile:
                is_kept = path == "-" or _is_pipe(path)
                file = (stack if is_kept else meanwhile).enter_context(_opened(path, again=True))
                start = file.tell()
                lines = enumerate(_unmarked(_lines(file, path), path), start=1)
                ahead.look_through(log, number, lines, latest, source or Source())
                file.seek(start)
                files.append(Given(path, number, file if is_kept else None, ahead))
        yield files


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
    """Import one NDJSON file by itself: ``import_given`` says how.

    Raises:
        ImportFileError: the file is missing, unreadable or not what its name says.
    """
    with given_files(log, [path], strict=strict, source=source) as [given]:
        return import_given(
            log, given, keep_recorded_at=keep_recorded_at, source=source, progress=progress, origin=origin
        )


def import_given(
    log: EventLog,
    given: Given,
    *,
    keep_recorded_at: bool = False,
    source: Source | None = None,
    progress: Progress | None = None,
    origin: Origin | None = None,
) -> ImportResult:
    """Import one of the files of an import.

    Restartable: a line that is recorded already is counted as known and left alone. Bad lines go to
    ``FILE.rejected.ndjson`` with their number and reason; where the import is strict so do lines that a live command
    would refuse. ``source`` is what is known of where it comes from. ``progress`` is called with the bytes read so far.
    ``origin`` says who imports, and whether it is a trial, which records nothing.

    Raises:
        ImportFileError: the file is unreadable or not what its name says.
    """
    result = ImportResult(since=log.head())
    origin = origin or Origin()
    try:
        _import(log, given, result, origin, source or Source(), progress, keep_recorded_at=keep_recorded_at)
    except ImportFileError as error:
        raise BrokenOffError(str(error), result) from None
    finally:
        log.recorder.keep(_AFTERWARDS)
        is_real = result.recorded and origin.trial is None
        result.clients = log.recorder.clients_since(result.since) if is_real else 0
    return result


def _import(
    log: EventLog,
    given: Given,
    result: ImportResult,
    origin: Origin,
    source: Source,
    progress: Progress | None,
    *,
    keep_recorded_at: bool,
) -> None:
    """Record what the lines say, batch by batch; ``result`` says what it came to until then."""
    erased = log.all_erased()
    latest = log.clock() + CLOCK_SKEW
    log.recorder.keep(_MEANWHILE)
    judge = None if given.ahead is None else StrictJudge(log, given.ahead, given.number)
    with _rejects(given.path, result) as reject, _read(given) as file:
        chunks = _chunks(file, given.path, result)
        for chunk, outcomes in prepared_chunks(chunks, latest, keep_recorded_at=keep_recorded_at, source=source):
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
    if result.broken_off:
        raise ImportFileError(result.broken_off)


def _chunks(file: IO[bytes], path: str, result: ImportResult) -> Iterator[Chunk]:
    """The file's lines in chunks, with their numbers; blank lines are counted and left out.

    Where it breaks off ``result`` says why, and what stands before that is given.
    """
    lines: list[tuple[int, bytes]] = []
    try:
        for number, raw in enumerate(_unmarked(_told(_lines(file, path), path), path), start=1):
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
    except ImportFileError as error:
        result.broken_off = str(error)
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
        with _told_of(target):
            target.unlink(missing_ok=True)

    def reject(number: int, line: bytes, reason: str) -> None:
        if not files:
            with _told_of(target):
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


def _is_pipe(path: str) -> bool:
    """Whether what is read from it is gone."""
    try:
        return Path(path).is_fifo()
    except OSError:
        return False  # whoever opens it says why


def _open(path: str) -> IO[bytes]:
    try:
        return Path(path).open("rb")
    except OSError as error:
        msg = f"{path}: {error.strerror}: give the path of an NDJSON file, or - for standard input"
        raise ImportFileError(msg) from None


@contextmanager
def _opened(path: str, *, again: bool = False) -> Generator[IO[bytes]]:
    """The file, to be read once, or twice (``again``)."""
    with ExitStack() as stack:
        file = sys.stdin.buffer if path == "-" else stack.enter_context(_open(path))
        yield stack.enter_context(twice(file)) if again else file


def _read(given: Given) -> AbstractContextManager[IO[bytes]]:
    """The file, to be read to its end."""
    return nullcontext(given.kept) if given.kept is not None else _opened(given.path)


@contextmanager
def _told_of(target: Path) -> Generator[None]:
    """The same; where rejected lines cannot be kept, the error is in words."""
    try:
        yield
    except OSError as error:
        msg = f"{target}: {error.strerror}: rejected lines go there: put the file where they can be written"
        raise ImportFileError(msg) from None


def _lines(file: IO[bytes], path: str) -> Iterator[bytes]:
    return lines(unpacked(file) if path.endswith(".gz") else file, _LONGEST)


def _told(lines: Iterator[bytes], path: str) -> Generator[bytes]:
    """The same lines; where a packed file breaks off, the error is in words.

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


def _unmarked(lines: Iterator[bytes], path: str) -> Iterator[bytes]:
    """The lines without the mark that some programs put before UTF-8.

    Raises:
        ImportFileError: the file is not UTF-8 but UTF-16.
    """
    first = next(lines, b"")
    if first.startswith((BOM_UTF16_LE, BOM_UTF16_BE)) or b"\0" in first[:2]:
        msg = f"{path}: is UTF-16: save it as UTF-8, as by iconv -f UTF-16 -t UTF-8 FILE"
        raise ImportFileError(msg)
    if first:
        yield first.removeprefix(BOM_UTF8)
    yield from lines


def _bytes_read(file: IO[bytes]) -> int:
    try:
        return file.tell()
    except OSError:
        return 0
