"""A programme's own measures of abstinence, from a TOML file: no code, and errors that say what to do."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from projections.abstinence.measures_builtin import BUILT_IN
from projections.abstinence.measures_model import Measure
from projections.measures_file import MeasureFileError as MeasureFileError, check_tables, parsed, read_file

_SHAPE = "write each measure as a [[measure]] table with id, title, definition, source and rule"


def load_measures(path: str | Path) -> tuple[Measure, ...]:
    """The measures of a TOML file with one ``[[measure]]`` table each.

    Raises ``MeasureFileError`` for a file that cannot be read, is not TOML, or has a wrong entry.
    """
    content, text = read_file(path)
    return parse_measures(content, str(path), text)


def parse_measures(content: Mapping[str, Any], name: str = "measures", text: str = "") -> tuple[Measure, ...]:
    """The same from a parsed mapping ``{"measure": [...]}``; ``text`` lets errors give line numbers."""
    check_tables(content, name, _SHAPE)
    taken = {measure.id for measure in BUILT_IN}
    return tuple(parsed(Measure, content, "measure", name, text, _SHAPE, taken))
