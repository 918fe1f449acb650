"""Files and folders for their owner alone, from the moment they are there: modes 0600 and 0700, whatever the umask.

What the product writes holds records of clients, keys or their traces. What is there already keeps its mode: an
operator may have given a group the right to read it.
"""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

FOLDER = 0o700
FILE = 0o600


def make_private(path: Path) -> Path:
    """The path of a file that is there, empty and private if it is new.

    A database that is opened there afterwards gives its mode to the files beside it (write-ahead log, shared memory).

    Raises:
        OSError: it cannot be made, as where its folder is missing.
    """
    with suppress(FileExistsError):
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, FILE))
        path.chmod(FILE)  # a umask may have taken bits of the owner's
    return path


def make_private_folder(folder: Path) -> None:
    """Make a folder, and those on the way to it that are missing.

    Raises:
        OSError: one cannot be made.
    """
    if folder.exists():
        return
    make_private_folder(folder.parent)
    with suppress(FileExistsError):  # another process was quicker
        folder.mkdir(FOLDER)
