"""A programme's own measures in a TOML file: reading it, and errors that name the line and the remedy.

The file holds ``[[measure]]`` tables (abstinence) and ``[[completion]]`` tables (which reasons are a completion).
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar, cast

from pydantic import BaseModel, ValidationError

from domain.errors import ExpectedError

TABLES = ("measure", "completion")
M = TypeVar("M", bound=BaseModel)


class MeasureFileError(ExpectedError, ValueError):
    """A file of measures was refused; the message has a line for each problem: place, what and the remedy."""


def read_file(path: str | Path) -> tuple[Mapping[str, Any], str]:
    """The content of a TOML file, and its text.

    Raises:
        MeasureFileError: it cannot be read or is not TOML.
    """
    try:
        text = Path(path).read_text(encoding="utf-8")
        return tomllib.loads(text), text
    except OSError as error:
        raise MeasureFileError(f"{path}: cannot be read ({error.strerror}); give the path of a TOML file") from error
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise MeasureFileError(f"{path}: not TOML: {error}; correct it there") from error


def check_tables(content: Mapping[str, Any], name: str, shape: str) -> None:
    """Refuse a file with anything but known tables, or with none of them.

    Raises:
        MeasureFileError: an unknown key, or nothing to read.
    """
    extra = sorted(set(content) - set(TABLES))
    wrong = [key for key in TABLES if not _is_list(content.get(key, []))]
    if extra or wrong or not content:
        what = f"unknown key {extra[0]!r}" if extra else "no measures"
        raise MeasureFileError(f"{name}: {what}; {shape}")


def _is_list(entries: object) -> bool:
    return isinstance(entries, Sequence) and not isinstance(entries, str)


def parsed(
    model: type[M], content: Mapping[str, Any], table: str, name: str, text: str, shape: str, taken: set[str]
) -> Iterator[M]:
    """The entries of one table as models with an ``id``; all problems of the table are said together.

    Raises:
        MeasureFileError: a wrong entry, or an id that is taken.
    """
    lines = text.splitlines()
    header = re.compile(rf"^\s*\[\[\s*{table}\s*\]\]")
    other = re.compile(r"^\s*\[\[")
    headers = [number for number, line in enumerate(lines) if header.match(line)]
    problems: list[str] = []
    models: list[M] = []
    known = set(taken)
    for index, entry in enumerate(cast("Sequence[object]", content.get(table, ()))):
        start = headers[index] if index < len(headers) else len(lines)
        end = next((number for number in range(start + 1, len(lines)) if other.match(lines[number])), len(lines))
        place = _Place(name, table, index, entry, lines[start:end], start + 1)
        model_entry = _validated(model, entry, place, problems, shape)
        if model_entry is None:
            continue
        model_id = str(getattr(model_entry, "id", ""))
        if model_id in known:
            problems.append(place.says("id", f"{model_id!r} is taken; choose another id"))
        known.add(model_id)
        models.append(model_entry)
    if problems:
        raise MeasureFileError("\n".join(problems))
    return iter(models)


class _Place:
    """Where an entry stands, for messages."""

    def __init__(self, name: str, table: str, index: int, entry: object, lines: Sequence[str], first: int) -> None:
        known = cast("Mapping[str, object]", entry).get("id") if isinstance(entry, Mapping) else None
        self._entry = f"{table} {index + 1}" + (f" ({known})" if isinstance(known, str) else "")
        self._name, self._lines, self._first = name, lines, first

    def says(self, key: str, problem: str) -> str:
        """One line: file, line if known, entry, key, problem and remedy."""
        line = f":{self._line(key)}" if self._lines else ""
        return f"{self._name}{line}: {self._entry}: {key + ': ' if key else ''}{problem}"

    def _line(self, key: str) -> int:
        """The line of the key, else of the table that lacks it, else the entry's first."""
        for step in reversed(key.split(".") if key else []):
            named = re.compile(rf"(^|[\s{{,.\[])[\"']?{re.escape(step)}[\"']?\s*[=.\]]")
            for number, line in enumerate(self._lines, start=self._first):
                if named.search(line.split("#")[0]):
                    return number
        return self._first


def _validated(model: type[M], entry: object, place: _Place, problems: list[str], shape: str) -> M | None:
    try:
        return model.model_validate(entry)
    except ValidationError as error:
        for detail in error.errors(include_url=False):
            steps = [str(step) for step in detail["loc"]]
            path = [step for number, step in enumerate(steps) if not (number == 1 and steps[0] == "rule")]
            key = ".".join(step for step in path if not step.isdigit())
            problems.append(place.says(key, _remedy(detail["type"], detail["msg"], shape)))
        return None


def _remedy(kind: str, message: str, shape: str) -> str:
    plain = message.removeprefix("Value error, ")
    match kind:
        case "missing":
            return "is missing; add it"
        case "extra_forbidden":
            return "is not known here; remove it or check its spelling"
        case "model_type" | "model_attributes_type":
            return f"is not a table; {shape}"
        case "value_error":
            return plain
        case _:
            return f"{plain[:1].lower()}{plain[1:]}; correct it"
