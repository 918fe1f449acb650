"""A file system of its own for the database of a stack: it can be filled, and turn read-only as after an error."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

BYTES = 1_200_000_000  # not filled with anything until the database writes
_BALLAST = "ballast"


class Volume:
    """An ext4 image that is mounted in a folder; root alone can do that, on Linux."""

    def __init__(self, folder: Path) -> None:
        """Make and mount it."""
        self.folder = folder
        self._image = folder.with_name(f"{folder.name}.img")
        with self._image.open("wb") as image:
            image.truncate(BYTES)
        _run("mkfs.ext4", "-q", "-F", "-m", "0", str(self._image))
        folder.mkdir(parents=True, exist_ok=True)
        self._mount()

    @staticmethod
    def can_be() -> bool:
        """Whether this machine and user can have one."""
        return os.geteuid() == 0 and bool(shutil.which("mkfs.ext4")) and Path("/dev/loop-control").exists()

    def fill(self) -> None:
        """Leave no byte free."""
        free = os.statvfs(self.folder)
        subprocess.run(["fallocate", "-l", str(free.f_bavail * free.f_frsize), self.folder / _BALLAST], check=False)
        with (self.folder / _BALLAST).open("ab", buffering=0) as rest:
            try:
                while True:
                    rest.write(bytes(4096))
            except OSError:
                return

    def free(self) -> None:
        """Give back what was filled."""
        (self.folder / _BALLAST).unlink(missing_ok=True)

    def fail(self) -> None:
        """Turn read-only, as the kernel does after an error of the disk: open files cannot be written any more either."""
        device = Path(_run("findmnt", "-no", "SOURCE", str(self.folder)).strip()).name
        Path(f"/sys/fs/ext4/{device}/trigger_fs_error").write_text("1")

    def repair(self) -> None:
        """Check it and mount it anew; nobody may have a file of it open."""
        _run("umount", str(self.folder))
        subprocess.run(["e2fsck", "-p", "-f", str(self._image)], check=False, capture_output=True)  # 1: mended
        self._mount()

    def remove(self) -> None:
        """Unmount it, and leave nothing."""
        subprocess.run(["umount", "-l", str(self.folder)], check=False, capture_output=True)
        self._image.unlink(missing_ok=True)
        shutil.rmtree(self.folder, ignore_errors=True)

    def _mount(self) -> None:
        _run("mount", "-o", "loop,errors=remount-ro", str(self._image), str(self.folder))


def _run(*words: str) -> str:
    return subprocess.run(words, check=True, capture_output=True, text=True).stdout
