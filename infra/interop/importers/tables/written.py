"""A mapping written as the TOML file that ``read_mapping`` reads."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, cast

import orjson

_BARE = re.compile(r"[A-Za-z0-9_-]+")
_HEAD = "# How the columns of a table become entries: carejourney import csv TABLE.csv --map THIS.toml"


def mapping_text(mapping: Mapping[str, Any]) -> str:
    """The keys of a mapping file as its text: those of the whole first, then each ``[[entry]]`` with its data."""
    lines = [_HEAD, *(_line(key, value) for key, value in mapping.items() if key != "entry")]
    for entry in cast("Sequence[Mapping[str, Any]]", mapping.get("entry", ())):
        lines += [
            "",
            "[[entry]]",
            *(_line(key, value) for key, value in entry.items() if key != "data"),
            "[entry.data]",
        ]
        lines += [_line(key, value) for key, value in cast("Mapping[str, Any]", entry.get("data", {})).items()]
    return "\n".join(lines) + "\n"


def _line(key: str, value: Any) -> str:
    return f"{_key(key)} = {_value(value)}"


def _key(key: str) -> str:
    return key if _BARE.fullmatch(key) else _text(key)


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return str(value)
    if isinstance(value, Mapping):
        table = cast("Mapping[str, Any]", value)
        return "{ " + ", ".join(_line(key, member) for key, member in table.items()) + " }"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(_value, cast("Sequence[Any]", value))) + "]"
    return _text(str(value))


def _text(text: str) -> str:
    """A basic string: what JSON writes is one, but for the sign that TOML does not take as it is."""
    return orjson.dumps(text).decode().replace("\x7f", "\\u007F")
