"""Files that administrators upload to import: in a private folder, for an hour at the most, one for each person.

They hold records in clear, so that nothing of them is logged, and no name that the browser gave is used on disk.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import stat
import tempfile
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import IO, Any, Literal, get_args
from uuid import uuid4

import orjson

from domain.errors import ExpectedError
from infra.eventstore.log import Clock
from infra.identity.people import Principal
from infra.runtime.private_files import make_private, make_private_folder
from infra.settings import Settings

Kind = Literal["events", "csv", "fhir"]
KINDS: tuple[Kind, ...] = get_args(Kind)
KEPT = timedelta(hours=1)
LONGEST_MAPPING = 100_000
_SUFFIXES: dict[Kind, str] = {"events": ".ndjson", "csv": ".csv", "fhir": ".json"}
_GZIP = b"\x1f\x8b"
_AT_ONCE = 1 << 20
_KEY = re.compile(r"[0-9a-f]{32}")


class UploadsError(ExpectedError):
    """Nothing can be kept here; the message says what the operator does."""


@dataclass(frozen=True, slots=True)
class Upload:
    """One file that was uploaded. ``zone``, ``site``, ``ignores_offsets``, ``number_system`` are what its files do not
    say; ``name`` is what its person called it, for them to read; ``folder`` is its own.
    """

    key: str
    folder: Path
    kind: Kind
    person: str
    name: str
    size: int
    packed: bool
    options: dict[str, str] = field(default_factory=dict[str, str])

    @property
    def file(self) -> Path:
        """Its content."""
        return self.folder / f"upload{_SUFFIXES[self.kind]}{'.gz' if self.packed else ''}"

    @property
    def mapping(self) -> Path:
        """What the columns of a table mean (TOML); missing until it was said."""
        return self.folder / "mapping.toml"

    @property
    def left(self) -> Path:
        """What was left over by the last trial or import (JSON)."""
        return self.folder / "left.json"

    @property
    def findings(self) -> Path:
        """Chart numbers that the last trial found (JSON): not kept with the job, whose row outlives the upload."""
        return self.folder / "found.json"

    @property
    def form(self) -> Path:
        """What somebody typed of it so far (JSON)."""
        return self.folder / "form.json"

    def write_mapping(self, text: str) -> None:
        """Say what its columns mean."""
        _write(self.mapping, text.encode())

    @property
    def meaning(self) -> str:
        """What tells one mapping of it from another; empty where it has none."""
        return hashlib.sha256(self.mapping.read_bytes()).hexdigest() if self.mapping.exists() else ""

    def note(self, path: Path, value: Any) -> None:
        """Keep something beside it, privately; whoever reads it meanwhile reads all or nothing."""
        _write(path, orjson.dumps(value))

    def noted(self, path: Path) -> Any:
        """What was kept so; nothing where nothing was."""
        return orjson.loads(path.read_bytes()) if path.exists() else None


class Uploads:
    """The uploads of a deployment that shares a folder."""

    def __init__(self, settings: Settings, clock: Clock) -> None:
        """In the folder of the settings, or one of this user's temporary files that only this store uses."""
        digest = hashlib.sha256(settings.database_url.get_secret_value().encode()).hexdigest()[:16]
        default = Path(tempfile.gettempdir()) / f"carejourney-imports-{os.geteuid()}-{digest}"
        self.folder = settings.import_folder or default
        self.most = settings.import_upload_mb * 1_000_000
        self._clock = clock

    def keep(self, who: Principal, kind: Kind, file: IO[bytes], name: str, options: dict[str, str]) -> Upload:
        """Keep a file, in place of the one that its person uploaded before.

        Raises:
            UploadsError: the folder cannot be used.
        """
        self._prepare()
        for earlier in self._all():
            if earlier.person == who.person.key:
                self.drop(earlier)
        begin = file.read(2)
        file.seek(0, os.SEEK_END)
        size = file.tell()
        file.seek(0)
        key = uuid4().hex
        given = {key: value for key, value in options.items() if value}
        upload = Upload(key, self.folder / key, kind, who.person.key, name[:200], size, begin == _GZIP, given)
        make_private_folder(upload.folder)
        self._save(upload)  # first: what says nothing of itself is swept, and a large file takes its time
        part = make_private(upload.folder / "part")
        with part.open("wb") as target:
            shutil.copyfileobj(file, target, _AT_ONCE)
        part.replace(upload.file)
        return upload

    def of(self, who: Principal, key: str) -> Upload | None:
        """The upload of a person by its key; nobody else's."""
        self.sweep()
        upload = self._read(self.folder / key) if _KEY.fullmatch(key) and self._is_private() else None
        return upload if upload is not None and upload.person == who.person.key else None

    def touch(self, upload: Upload) -> None:
        """It is worked on: it is kept for another hour."""
        if upload.folder.exists():
            self._save(upload)

    def newest(self, who: Principal) -> Upload | None:
        """The upload that a person has here, if there is one."""
        self.sweep()
        return next((upload for upload in self._all() if upload.person == who.person.key), None)

    def drop(self, upload: Upload) -> None:
        """Forget an upload and all that was found in it."""
        shutil.rmtree(upload.folder, ignore_errors=True)

    def sweep(self) -> None:
        """Forget what nobody has worked on for an hour."""
        before = (self._clock() - KEPT).timestamp()
        for folder in self._folders():
            if _touched(folder) < before:
                shutil.rmtree(folder, ignore_errors=True)

    def _prepare(self) -> None:
        try:
            make_private_folder(self.folder)
        except OSError as error:
            msg = f"uploads cannot be kept: {error.strerror}: name a folder by CAREJOURNEY_IMPORT_FOLDER"
            raise UploadsError(msg) from None
        if not self._is_private():
            raise UploadsError(
                "uploads cannot be kept: their folder is open to others: name another by CAREJOURNEY_IMPORT_FOLDER"
            )

    def _save(self, upload: Upload) -> None:
        about = {**asdict(upload), "folder": ""}
        upload.note(upload.folder / "about.json", about)
        now = self._clock().timestamp()
        os.utime(upload.folder / "about.json", (now, now))

    def _is_own(self, open_to: int = 0o777) -> bool:
        """Whether the folder is there, this user's, and open to no others than these."""
        try:
            status = self.folder.lstat()
        except OSError:
            return False
        is_ours = stat.S_ISDIR(status.st_mode) and status.st_uid == os.geteuid()
        return is_ours and not status.st_mode & 0o777 & ~open_to

    def _is_private(self) -> bool:
        """Whether what lies in the folder was put there by this user: where others may write, it is anybody's."""
        return self._is_own(0o700)

    def _folders(self) -> Sequence[Path]:
        if not self._is_own():
            return []
        return sorted(folder for folder in self.folder.iterdir() if _KEY.fullmatch(folder.name))

    def _all(self) -> list[Upload]:
        folders = self._folders() if self._is_private() else ()
        return [upload for folder in folders if (upload := self._read(folder)) is not None]

    def _read(self, folder: Path) -> Upload | None:
        try:
            content: dict[str, Any] = orjson.loads((folder / "about.json").read_bytes())
        except (OSError, orjson.JSONDecodeError):
            return None
        about: dict[str, Any] = {**content, "folder": folder}
        return Upload(**about)


def _touched(folder: Path) -> float:
    """When an upload was worked on last (seconds since 1970); 0 where it says nothing of itself."""
    try:
        return (folder / "about.json").stat().st_mtime
    except OSError:  # never whole, or another server swept it just now
        return 0.0


def _write(path: Path, content: bytes) -> None:
    part = path.with_name(f"{path.name}.{uuid4().hex}")
    make_private(part).write_bytes(content)
    part.replace(path)
