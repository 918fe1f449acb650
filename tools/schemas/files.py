"""The files under docs/schemas: one per type and version, never changed so that an older event would not fit."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path

from domain.events import CATALOGUE
from tools.schemas.compatibility import breaking
from tools.schemas.values import Schema

SUFFIX = ".json"
REMEDY = (
    "Events of this version are stored for good. Give the event's class `version = {next}`, add the step from "
    "({name!r}, {version}) to the catalogue's upcasters, and run `python -m tools.schemas`."
)


def text_of(schema: Schema) -> str:
    """A schema as its file holds it."""
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"


def broken(folder: Path, made: Mapping[str, Schema]) -> list[str]:
    """What the files promise and the models no longer keep, with the remedy; nothing when all is well."""
    found: list[str] = []
    for file in sorted(folder.glob(f"*{SUFFIX}")):
        name, _, number = file.name.removesuffix(SUFFIX).rpartition(".")
        version = int(number)
        topic = f"{name}.{version}"
        if topic in made:
            remedy = REMEDY.format(name=name, version=version, next=version + 1)
            lost = breaking(json.loads(file.read_text()), made[topic])
            found += [f"{topic}: {what}. {remedy}" for what in lost]
        elif name not in CATALOGUE.types:
            found.append(f"{topic}: the type is gone. Its events are stored for good: keep the class.")
        else:
            found += _steps_missing(name, version, made)
    return found


def stale(folder: Path, made: Mapping[str, Schema]) -> list[str]:
    """Files that are missing or say something else than the models."""
    return [
        topic
        for topic, schema in made.items()
        if not (folder / f"{topic}{SUFFIX}").exists() or (folder / f"{topic}{SUFFIX}").read_text() != text_of(schema)
    ]


def write(folder: Path, made: Mapping[str, Schema]) -> None:
    """Write what is stale. Files of older versions stay: their events do."""
    folder.mkdir(parents=True, exist_ok=True)
    for topic in stale(folder, made):
        (folder / f"{topic}{SUFFIX}").write_text(text_of(made[topic]))


def _steps_missing(name: str, version: int, made: Mapping[str, Schema]) -> list[str]:
    newest = max((int(topic.rpartition(".")[2]) for topic in made if re.fullmatch(rf"{name}\.\d+", topic)), default=0)
    if version > newest:
        return [f"{name}.{version}: the newest version is {newest}. Versions only go up: keep the class's version."]
    if (name, version) in CATALOGUE.upcasters:
        return []
    return [f"{name}.{version}: no upcaster leads from it to version {version + 1}. Add it to the catalogue."]
