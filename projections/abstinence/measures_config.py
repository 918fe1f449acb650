"""Measures of a programme's own, from a TOML file: no code, and errors that say what to do."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, cast

from pydantic import ValidationError

from projections.abstinence.measures_builtin import BUILT_IN
from projections.abstinence.measures_model import Measure

_HEADER = re.compile(r"^\s*\[\[\s*measure\s*\]\]")
_SHAPE = "write each measure as a [[measure]] table with id, title, definition, source and rule"


class MeasureFileError(ValueError):
    """A file of measures was refused; the message has a line for each problem: place, what and the remedy."""


def load_measures(path: str | Path) -> tuple[Measure, ...]:
    """The measures of a TOML file with one ``[[measure]]`` table each.

    Raises ``MeasureFileError`` for a file that cannot be read, is not TOML, or has a wrong entry.
    """
    name = str(path)
    try:
        text = Path(path).read_text(encoding="utf-8")
        content = tomllib.loads(text)
    except OSError as error:
        raise MeasureFileError(f"{name}: cannot be read ({error.strerror}); give the path of a TOML file") from error
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise MeasureFileError(f"{name}: not TOML: {error}; correct it there") from error
    return parse_measures(content, name, text)


def parse_measures(content: Mapping[str, Any], name: str = "measures", text: str = "") -> tuple[Measure, ...]:
    """The same from a parsed mapping ``{"measure": [...]}``; ``text`` lets errors give line numbers."""
    entries = content.get("measure")
    extra = sorted(set(content) - {"measure"})
    if extra or not isinstance(entries, Sequence) or isinstance(entries, str):
        what = f"unknown key {extra[0]!r}" if extra else "no measures"
        raise MeasureFileError(f"{name}: {what}; {_SHAPE}")
    lines = text.splitlines()
    headers = [number for number, line in enumerate(lines) if _HEADER.match(line)]
    problems: list[str] = []
    measures: list[Measure] = []
    taken = {measure.id for measure in BUILT_IN}
    for index, entry in enumerate(cast("Sequence[object]", entries)):
        start = headers[index] if index < len(headers) else len(lines)
        end = headers[index + 1] if index + 1 < len(headers) else len(lines)
        place = _Place(name, index, entry, lines[start:end], start + 1)
        measure = _measure(entry, place, problems)
        if measure is None:
            continue
        if measure.id in taken:
            problems.append(place.says("id", f"{measure.id!r} is taken; choose another id"))
        taken.add(measure.id)
        measures.append(measure)
    if problems:
        raise MeasureFileError("\n".join(problems))
    return tuple(measures)


class _Place:
    """Where an entry stands, for messages."""

    def __init__(self, name: str, index: int, entry: object, lines: Sequence[str], first: int) -> None:
        known = cast("Mapping[str, object]", entry).get("id") if isinstance(entry, Mapping) else None
        self._entry = f"measure {index + 1}" + (f" ({known})" if isinstance(known, str) else "")
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


def _measure(entry: object, place: _Place, problems: list[str]) -> Measure | None:
    try:
        return Measure.model_validate(entry)
    except ValidationError as error:
        for detail in error.errors(include_url=False):
            steps = [str(step) for step in detail["loc"]]
            path = [step for number, step in enumerate(steps) if not (number == 1 and steps[0] == "rule")]
            key = ".".join(step for step in path if not step.isdigit())
            problems.append(place.says(key, _remedy(detail["type"], detail["msg"])))
        return None


def _remedy(kind: str, message: str) -> str:
    plain = message.removeprefix("Value error, ")
    match kind:
        case "missing":
            return "is missing; add it"
        case "extra_forbidden":
            return "is not known here; remove it or check its spelling"
        case "model_type" | "model_attributes_type":
            return f"is not a table; {_SHAPE}"
        case "value_error":
            return plain
        case _:
            return f"{plain[:1].lower()}{plain[1:]}; correct it"
