"""Where exports go: files and folders that appear whole or not at all, for their owner alone (modes 0600 and 0700).

What is written holds records of clients: nobody else on the machine may read it, not even while it is written.
"""

from __future__ import annotations

import shutil
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from domain.errors import ExpectedError
from infra.runtime.private_files import make_private_folder

PRIVATE_FOLDER = 0o700
PRIVATE_FILE = 0o600


class TargetExistsError(ExpectedError):
    """The target holds something already: nothing is overwritten."""


@contextmanager
def new_folder(folder: Path) -> Generator[Path]:
    """A folder to fill beside its place; it takes its place when the block ends without an error.

    Its mode is 0700 from the start and each file's 0600 at the end, whatever the umask.

    Raises:
        TargetExistsError: the folder exists and is not empty.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        msg = f"{folder.name}: exists already; give a folder that is new or empty"
        raise TargetExistsError(msg)
    part = folder.with_name(f"{folder.name}.part")
    shutil.rmtree(part, ignore_errors=True)
    make_private_folder(part.parent)
    part.mkdir(PRIVATE_FOLDER)
    part.chmod(PRIVATE_FOLDER)  # a umask may have taken bits of the owner's
    try:
        yield part
        for inner in part.rglob("*"):
            inner.chmod(PRIVATE_FOLDER if inner.is_dir() else PRIVATE_FILE)
        part.replace(folder)
    finally:
        shutil.rmtree(part, ignore_errors=True)


@contextmanager
def new_file(path: Path) -> Generator[Path]:
    """A file of mode 0600 to write beside its place; it takes its place when the block ends without an error."""
    part = path.with_name(f"{path.name}.part")
    make_private_folder(part.parent)
    try:
        private(part)
        yield part
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def private(path: Path) -> Path:
    """The path with an empty file at it that only its owner can read; what was there is gone."""
    path.unlink(missing_ok=True)
    path.touch(PRIVATE_FILE, exist_ok=False)
    return path
