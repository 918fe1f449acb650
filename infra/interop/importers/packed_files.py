"""Read files that may be packed: a small file must not become one that fills memory or disk.

``.gz`` unpacks to at most so many times its size, and a line to so many bytes. Text packs about ten times; what packs
a thousand times was made to harm.
"""

from __future__ import annotations

import gzip
import io
import zlib
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, BinaryIO, cast

from infra.settings import Settings

_FREE = 10_000_000  # bytes that any file may unpack to
_AT_ONCE = 1 << 20
NOT_WHOLE = (gzip.BadGzipFile, EOFError, zlib.error)
"""What a packed file raises that is cut off or damaged."""


class PackedTooWellError(Exception):
    """A packed file holds more than is taken; the message says what to do."""


UNREADABLE = (OSError, PackedTooWellError, *NOT_WHOLE)
"""What a file raises, packed or not, that cannot be read."""


def why_unreadable(error: Exception, remedy: str) -> str:
    """Why a file raised one of these, without its path, and what to do: ``remedy``, if it is no packed one's matter."""
    if isinstance(error, NOT_WHOLE):
        return f"not a whole gzip file ({error}): pack it again"
    return f"{error.strerror or error}: {remedy}" if isinstance(error, OSError) else str(error)


class Unpacked(io.RawIOBase):
    """What a gzip file holds, as far as it may go."""

    def __init__(self, packed: IO[bytes], most: int | None = None) -> None:
        """Unpack to at most ``most`` times the bytes that were read; by default as the settings say."""
        super().__init__()
        self._packed = packed
        self._gzip = gzip.GzipFile(fileobj=cast("BinaryIO", packed), mode="rb")
        self._most = most if most is not None else Settings().import_unpacks_to
        self._size = _size_of(packed)
        self._given = 0

    def readable(self) -> bool:
        """It is."""
        return True

    def readinto(self, buffer: memoryview, /) -> int:  # type: ignore[override] - narrower than any buffer
        """The next bytes.

        Raises:
            PackedTooWellError: there are more of them than the file may unpack to.
        """
        chunk = self._gzip.read1(min(len(buffer), _AT_ONCE))  # what comes before a cut is given
        self._given += len(chunk)
        if self._given > max(_FREE, self._most * (self._size or self._packed.tell())):
            msg = (
                f"unpacks to more than {self._most} times its size: if that is right, unpack it first, "
                "or set CAREJOURNEY_IMPORT_UNPACKS_TO"
            )
            raise PackedTooWellError(msg)
        buffer[: len(chunk)] = chunk
        return len(chunk)


def _size_of(packed: IO[bytes]) -> int:
    """The size of a file; 0 where it has none, as a pipe."""
    try:
        here = packed.tell()
        size = packed.seek(0, io.SEEK_END)
        packed.seek(here)
    except OSError:
        return 0
    return size


@contextmanager
def opened(path: Path) -> Generator[IO[bytes]]:
    """A file's bytes, unpacked if it is ``.gz``.

    Raises:
        OSError: it cannot be read.
    """
    with path.open("rb") as file:
        yield unpacked(file) if path.suffix == ".gz" else file


def unpacked(file: IO[bytes]) -> IO[bytes]:
    """What a packed file holds."""
    return cast("IO[bytes]", io.BufferedReader(Unpacked(file), _AT_ONCE))


def lines(file: IO[bytes], longest: int) -> Iterator[bytes]:
    """The lines of a file, with their ends. Of one that is longer, what tells that it is, and no more: ``longest``
    bytes and one. The rest of it is passed over.
    """
    while line := file.readline(longest + 1):
        is_cut = len(line) > longest and not line.endswith(b"\n")
        yield line[:-1] + b"." if is_cut else line  # so that no blanks at its end make it short
        while is_cut:
            line = file.readline(longest + 1)
            is_cut = len(line) > longest and not line.endswith(b"\n")
