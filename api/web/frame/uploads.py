"""A form with a file: read as it comes, no more of it than may be, and only from who may send one."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from dataclasses import dataclass, field
from typing import IO, cast

from starlette.datastructures import Headers, UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.types import Receive, Scope

from api.http.access import UPLOADS

RECEIVED = "carejourney.received"
_FIELDS = 20
_FILES = 2
_AROUND = 100_000  # bytes of a form beside its files


class _TooLargeError(Exception):
    pass


@dataclass(slots=True)
class Received:
    """What was sent: fields by name, and files. ``fault``: "large" or "unreadable"; nothing of it is here then."""

    fields: dict[str, str] = field(default_factory=dict[str, str])
    files: dict[str, UploadFile] = field(default_factory=dict[str, UploadFile])
    fault: str = ""

    def file(self, name: str) -> IO[bytes] | None:
        """The content of a file; nothing where none was chosen."""
        upload = self.files.get(name)
        return cast("IO[bytes]", upload.file) if upload is not None and upload.size else None

    def close(self) -> None:
        """Give the files' space back."""
        for upload in self.files.values():
            upload.file.close()


def is_upload(scope: Scope) -> bool:
    """Whether a request brings a form with files to an address that takes them."""
    media_type = Headers(scope=scope).get("content-type", "").partition(";")[0].strip().lower()
    return scope["path"] in UPLOADS and media_type == "multipart/form-data"


async def received(scope: Scope, receive: Receive, most: int) -> Received:
    """Read a form; its files may have ``most`` bytes together.

    Raises:
        ProblemError: it came too slowly.
    """
    headers = Headers(scope=scope)
    declared = headers.get("content-length", "0")
    if declared.isdigit() and int(declared) > most + _AROUND:
        return Received(fault="large")
    parser = MultiPartParser(headers, _stream(receive, most + _AROUND), max_files=_FILES, max_fields=_FIELDS)
    try:
        form = await parser.parse()
    except _TooLargeError:
        return Received(fault="large")
    except MultiPartException:
        return Received(fault="unreadable")
    received_form = Received()
    for name, value in form.multi_items():
        if isinstance(value, UploadFile):
            received_form.files[name] = value
        else:
            received_form.fields[name] = value
    if any("\x00" in value for value in received_form.fields.values()):
        received_form.close()
        return Received(fault="unreadable")
    return received_form


async def _stream(receive: Receive, most: int) -> AsyncGenerator[bytes]:
    size, more = 0, True
    while more:
        message = await receive()
        body = cast("bytes", message.get("body", b""))
        size += len(body)
        if size > most:
            raise _TooLargeError
        more = bool(message.get("more_body", False))
        yield body
