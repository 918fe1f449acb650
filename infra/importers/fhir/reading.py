"""Read FHIR files: a Bundle, a resource, NDJSON of either, a folder of them; ``.gz`` too."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import orjson

from infra.importers.converted import LeftOver
from infra.importers.events.run import ImportFileError
from infra.importers.fhir.parts import Resource, as_list

_NAMES = ("*.ndjson", "*.ndjson.gz", "*.json", "*.json.gz")


def read_resources(paths: list[Path]) -> Iterator[tuple[str, Resource] | LeftOver]:
    """(place, resource) of everything in these files and folders; what is no resource is left over.

    Raises:
        ImportFileError: a path is missing or unreadable.
    """
    for path in paths:
        for file in _files(path):
            yield from _of_file(file)


def _files(path: Path) -> list[Path]:
    if not path.is_dir():
        return [path]
    found = sorted(file for pattern in _NAMES for file in path.glob(pattern) if file.name != "disclosures.ndjson")
    if not found:
        msg = f"{path.name}: holds no .ndjson or .json file: give a folder of a FHIR bulk export, or files"
        raise ImportFileError(msg)
    return found


def _of_file(path: Path) -> Iterator[tuple[str, Resource] | LeftOver]:
    try:
        packed = path.read_bytes()
        content = gzip.decompress(packed) if path.suffix == ".gz" else packed
    except (OSError, EOFError) as error:
        msg = f"{path.name}: {error}: give the path of a FHIR file"
        raise ImportFileError(msg) from None
    whole = _loaded(content)
    if whole is not None:
        yield from _of_value(path.name, whole)
        return
    for number, line in enumerate(content.splitlines(), start=1):
        if line.strip():
            value = _loaded(line)
            place = f"{path.name}, line {number}"
            yield from _of_value(place, value) if value is not None else [LeftOver(place, "line", "is not JSON")]


def _loaded(content: bytes) -> Any:
    try:
        return orjson.loads(content)
    except orjson.JSONDecodeError:
        return None


def _of_value(place: str, value: Any) -> Iterator[tuple[str, Resource] | LeftOver]:
    kind = cast("Resource", value).get("resourceType") if isinstance(value, dict) else None
    if not isinstance(kind, str):
        yield LeftOver(place, "file", "is no FHIR resource: it has no resourceType")
    elif kind == "Bundle":
        for entry in as_list(cast("Resource", value).get("entry")):
            if isinstance(entry, dict) and "resource" in entry:
                yield from _of_value(place, cast("Resource", entry)["resource"])
    else:
        yield f"{kind}/{value.get('id', place)}", value
