"""Read FHIR files: a Bundle, a resource, NDJSON of either, a folder of them; ``.gz`` too."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import orjson

from infra.interop.importers.events.run import ImportFileError
from infra.interop.importers.fhir.parts import Resource, as_list, at
from infra.interop.importers.items import LeftOver
from infra.interop.importers.json_text import unreadable
from infra.interop.importers.packed_files import UNREADABLE, opened, why_unreadable

_NAMES = ("*.ndjson", "*.ndjson.gz", "*.json", "*.json.gz")
_BOM = b"\xef\xbb\xbf"
_UTF_16 = (b"\xff\xfe", b"\xfe\xff")


@dataclass(frozen=True, slots=True)
class Read:
    """One resource as it was read: ``place`` is where people find it, ``url`` its ``fullUrl``, or nothing."""

    place: str
    url: str
    resource: Resource

    @property
    def kind(self) -> str:
        """The resource type."""
        return str(self.resource["resourceType"])


@dataclass(frozen=True, slots=True)
class Deleted:
    """A resource that its source has deleted: the ``names`` that it had, and when (``at``), where that is known."""

    place: str
    names: tuple[str, ...]
    at: str
    reason: str = "deletes a resource: retract here what was recorded of it"


FileItem = Read | Deleted | LeftOver


def read_resources(paths: list[Path]) -> Iterator[FileItem]:
    """Everything that is in these files and folders; what is no resource is left over.

    Raises:
        ImportFileError: a path is missing or unreadable.
    """
    for path in paths:
        for file in _files(path):
            yield from _of_file(file)


def _files(path: Path) -> list[Path]:
    if not path.is_dir():
        return [path]
    files = sorted(file for pattern in _NAMES for file in path.glob(pattern) if file.name != "disclosures.ndjson")
    if not files:
        msg = f"{path.name}: holds no .ndjson or .json file: give a folder of a FHIR bulk export, or files"
        raise ImportFileError(msg)
    return files


def _of_file(path: Path) -> Iterator[FileItem]:
    try:
        with opened(path) as file:
            content = file.read()
    except UNREADABLE as error:
        msg = f"{path.name}: {why_unreadable(error, 'give the path of a FHIR file')}"
        raise ImportFileError(msg) from None
    if content.startswith(_UTF_16):
        msg = f"{path.name}: is UTF-16: save it as UTF-8"
        raise ImportFileError(msg)
    content = content.removeprefix(_BOM)
    whole = _loaded(content)
    if whole is not None:
        yield from _of_text(path.name, content, whole)
        return
    for number, line in enumerate(content.splitlines(), start=1):
        if line.strip():
            value = _loaded(line.removeprefix(_BOM))
            place = f"{path.name}, line {number}"
            yield from _of_text(place, line, value) if value is not None else [LeftOver(place, "line", "is not JSON")]


def _of_text(place: str, text: bytes, value: Any) -> Iterator[FileItem]:
    wrong = unreadable(text, value)
    if wrong is not None:
        yield LeftOver(place, "file", wrong)
    else:
        yield from _of_value(place, "", value)


def _loaded(content: bytes) -> Any:
    try:
        return orjson.loads(content)
    except orjson.JSONDecodeError:
        return None


def _of_value(place: str, url: str, value: Any) -> Iterator[FileItem]:
    given: Resource = cast("Resource", value) if isinstance(value, dict) else {}
    kind = given.get("resourceType")
    if not isinstance(kind, str):
        yield LeftOver(place, "file", "is no FHIR resource: it has no resourceType")
    elif kind == "Bundle":
        for number, entry in enumerate(as_list(given.get("entry")), start=1):
            yield from _of_entry(f"{place}, entry {number}", entry)
    else:
        key = given.get("id")
        yield Read(f"{kind}/{key}" if isinstance(key, str) and key else place, url, given)


def _of_entry(place: str, entry: Any) -> Iterator[FileItem]:
    resource, url = at(entry, "resource"), at(entry, "fullUrl")
    if at(entry, "request", "method") == "DELETE":
        names = [str(name).strip("/") for name in (url, at(entry, "request", "url")) if name]
        yield Deleted(place, tuple(names), str(at(entry, "response", "lastModified") or ""))
    elif resource is None:
        yield LeftOver(place, "Bundle entry", "holds no resource")
    else:
        yield from _of_value(place, url if isinstance(url, str) else "", resource)
