"""How many backups are kept: the newest ones of a folder, told by what their headers say."""

from __future__ import annotations

import fcntl
from datetime import datetime
from pathlib import Path

from infra.ops.backup.container import read_header
from infra.ops.backup.encryption import BackupError

SUFFIX = ".cjbackup"
PART = ".part"  # what a backup is called until it is whole


def name_for(folder: Path, now: datetime) -> Path:
    """A file in a folder, named after the moment."""
    return folder / f"carejourney-{now.strftime('%Y%m%dT%H%M%SZ')}{SUFFIX}"


def prune(folder: Path, keep: int) -> list[Path]:
    """Remove all but the ``keep`` newest backups of a folder; 0 keeps all. Gives what was removed.

    Only files with our suffix and header are touched.
    """
    if keep < 1:
        return []
    backups = sorted(_backups(folder), reverse=True)
    old = [path for _, path in backups[keep:]]
    for path in old:
        path.unlink()
    return old


def clear_leftovers(folder: Path) -> None:
    """Remove what backups left that were cut off; one that is being written is locked by who writes it."""
    for path in folder.glob(f"*{SUFFIX}{PART}"):
        with path.open("rb") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                continue
            path.unlink(missing_ok=True)


def _backups(folder: Path) -> list[tuple[str, Path]]:
    backups: list[tuple[str, Path]] = []
    for path in folder.glob(f"*{SUFFIX}"):
        try:
            backups.append((str(read_header(path)["created_at"]), path))
        except (BackupError, KeyError):
            continue
    return backups
