"""What a measure is: data that say how weeks are read, which marks count, and what is asked of them."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property, lru_cache
from typing import Annotated, Final, Literal, NamedTuple, Self

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from projections.abstinence.measures_rules import Rule, parts_of, read_with
from projections.abstinence.targets import DEFAULT_TARGETS, Targets, targets_of

ResultKind = Literal["count", "share", "yes_no", "week_event", "weeks"]
Text = Annotated[str, Field(min_length=1, max_length=2000)]

_RESULT_OF: Final[dict[str, ResultKind]] = {
    "count": "count",
    "share": "share",
    "longest_run": "weeks",
    "last_week": "weeks",
    "first_window": "week_event",
    "all_of": "yes_no",
}
_READ_AS: Final = {
    "+": "counts as use",
    "-": "counts as clean",
    "": "is left out",
    "o": "stays missing",
    "*": "stays mixed",
}
_CACHED_PATTERNS: Final = 2048


class Result(NamedTuple):
    """What a measure says of one pattern.

    ``value`` is a number of weeks or a week (int), a share from 0 to 1 (float) or yes/no (bool). ``event`` is
    1 or 0 for (week, event) results, where 0 means followed that long without it; else None.
    """

    value: int | float | bool
    event: int | None = None


class Measure(BaseModel):
    """One abstinence measure, complete with the words to show beside its figure.

    ``missing`` and ``mixed`` say what a week ``o`` or ``*`` is read as: another symbol, itself, or ``""`` for
    left out. ``targets`` are the substances that the pattern must have been made for.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{1,59}$")]
    title: Text
    definition: Text
    source: Text
    rule: Annotated[Rule, Field(discriminator="kind")]
    missing: Literal["+", "-", "o", ""] = "+"
    mixed: Literal["+", "-", "*", ""] = "+"
    targets: Targets = DEFAULT_TARGETS

    @field_validator("targets", mode="before")
    @classmethod
    def _known_targets(cls, value: object) -> Targets:
        return targets_of(value)

    @model_validator(mode="after")
    def _marks_can_occur(self) -> Self:
        seen = {"+", "-", self.missing, self.mixed}
        for part in parts_of(self.rule):
            never = "".join(mark for mark in part.marks if mark not in seen)
            if never:
                raise ValueError(
                    f"marks {never!r} never occur once weeks are read with missing = {self.missing!r} and "
                    f'mixed = {self.mixed!r}; leave them out, or read "o" or "*" as itself'
                )
        if "" in (self.missing, self.mixed) and self.rule.kind in ("first_window", "last_week"):
            raise ValueError('weeks cannot be numbered once some are left out; set missing and mixed other than ""')
        return self

    @property
    def result(self) -> ResultKind:
        """The kind of result, which follows from the rule."""
        return _RESULT_OF[self.rule.kind]

    @property
    def missing_rule(self) -> str:
        """How missing and mixed weeks are read, in words."""
        return f"A missing week {_READ_AS[self.missing]}; a mixed week {_READ_AS[self.mixed]}."

    @cached_property
    def read(self) -> Callable[[str], Result]:
        """The measure as a function of a pattern, compiled once; it remembers recent patterns."""
        compute = read_with(self.rule, self.missing, self.mixed)

        def number(pattern: str) -> Result:
            return Result(compute(pattern))

        def week_and_event(pattern: str) -> Result:
            return Result(*compute(pattern))

        return lru_cache(_CACHED_PATTERNS)(week_and_event if self.result == "week_event" else number)
