"""Abstinence measures: what each says of a weekly pattern."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Final

from projections.abstinence.measures_builtin import BUILT_IN
from projections.abstinence.measures_config import (
    MeasureFileError,
    load_measures,
    parse_measures,
)
from projections.abstinence.measures_model import Measure, Result, ResultKind
from projections.abstinence.pattern import SYMBOLS, pattern_of
from projections.abstinence.targets import DEFAULT_TARGETS

__all__ = [
    "BUILT_IN",
    "MEASURES",
    "Measure",
    "MeasureFileError",
    "Result",
    "ResultKind",
    "evaluate",
    "evaluate_all",
    "has_it",
    "load_measures",
    "parse_measures",
    "weeks_for",
]

MEASURES: Final[Mapping[str, Measure]] = {measure.id: measure for measure in BUILT_IN}
"""The built-in measures by id."""

_CACHED_PATTERNS: Final = 8192


def evaluate(measure: Measure, pattern: str) -> Result:
    """What a measure says of a weekly pattern (symbols ``+ - * o``); other symbols raise ``ValueError``."""
    _check(pattern)
    return measure.read(pattern)


def weeks_for(measure: Measure, pattern: str, findings: str) -> str:
    """The weekly pattern that a measure reads: that of the opioids, else that of its own targets."""
    return pattern if measure.targets == DEFAULT_TARGETS else pattern_of(findings, measure.targets)


@lru_cache(_CACHED_PATTERNS)
def evaluate_all(pattern: str) -> tuple[Result, ...]:
    """What every built-in measure says of a pattern, in the order of ``BUILT_IN``."""
    _check(pattern)
    return tuple([measure.read(pattern) for measure in BUILT_IN])


def has_it(result: Result) -> bool:
    """Whether a result is a yes, or an event within the weeks; of numbers none is."""
    return result.value is True if result.event is None else result.event == 1


def _check(pattern: str) -> None:
    wrong = pattern.strip(SYMBOLS)
    if wrong:
        raise ValueError(f"a weekly pattern has the symbols {SYMBOLS} only, not {wrong[0]!r}")
