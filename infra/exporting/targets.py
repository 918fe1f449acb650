"""Where exports go: files and folders that appear whole or not at all."""

from __future__ import annotations

import shutil
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path


class TargetExistsError(Exception):
    """The target holds something already: nothing is overwritten."""


@contextmanager
def new_folder(folder: Path) -> Generator[Path]:
    """A folder to fill beside its place; it takes its place when the block ends without an error.

    Raises:
        TargetExistsError: the folder exists and is not empty.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        msg = f"{folder.name}: exists already; give a folder that is new or empty"
        raise TargetExistsError(msg)
    part = folder.with_name(f"{folder.name}.part")
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir(parents=True)
    try:
        yield part
        part.replace(folder)
    finally:
        shutil.rmtree(part, ignore_errors=True)


@contextmanager
def new_file(path: Path) -> Generator[Path]:
    """A file to write beside its place; it takes its place when the block ends without an error."""
    part = path.with_name(f"{path.name}.part")
    part.parent.mkdir(parents=True, exist_ok=True)
    try:
        yield part
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
