"""The rules a measure can ask of a pattern, and the one engine that reads them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Annotated, Any, Literal, Self, assert_never

from pydantic import BaseModel, ConfigDict, Field, model_validator

Weeks = Annotated[int, Field(ge=-520, le=520)]
Number = Annotated[int, Field(ge=0, le=520)]
Reader = Callable[[str], str]


class Part(BaseModel):
    """The weeks looked at, and the symbols that count in them (after missing and mixed weeks were read).

    Weeks count from 1 at the clock start; -1 is the pattern's last week. Both ends are included; weeks that a
    short pattern does not have are not there to count.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    marks: Annotated[str, Field(pattern=r"^[+\-*o]+$")]
    first_week: Weeks = 1
    last_week: Weeks | None = None

    @model_validator(mode="after")
    def _weeks_in_order(self) -> Self:
        first, last = self.first_week, self.last_week
        if first == 0 or last == 0:
            raise ValueError("weeks count from 1 (or from -1 backwards); there is no week 0")
        if last is not None and (first > 0) == (last > 0) and last < first:
            raise ValueError("last_week comes before first_week; swap them")
        return self

    @property
    def weeks(self) -> slice:
        """The weeks as a slice of a pattern."""
        start = self.first_week - 1 if self.first_week > 0 else self.first_week
        if self.last_week is None or self.last_week == -1:
            return slice(start, None)
        return slice(start, self.last_week if self.last_week > 0 else self.last_week + 1)


class Count(Part):
    """How many of the weeks bear a mark."""

    kind: Literal["count"] = "count"


class Share(Part):
    """The same over the number of weeks; 0 where there are none."""

    kind: Literal["share"] = "share"


class LongestRun(Part):
    """The longest run of marked weeks."""

    kind: Literal["longest_run"] = "longest_run"


class LastWeek(Part):
    """The last week that bears a mark, 0 if none."""

    kind: Literal["last_week"] = "last_week"


class FirstWindow(Part):
    """(week, event): the first window of ``width`` weeks, from the left, with at least ``needed`` marks.

    Event 1: its first week + (width - needed). Event 0: number of windows + (width - needed). Weeks keep
    their absolute numbers whatever week the search starts from.
    """

    kind: Literal["first_window"] = "first_window"
    width: Annotated[int, Field(ge=1, le=520)]
    needed: Annotated[int, Field(ge=1, le=520)]

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if self.needed > self.width:
            raise ValueError("needed is more than width: no window can hold so many marks; lower it")
        return self


class Condition(Part):
    """What must hold of the weeks: a run of ``run`` marks, or a number of marks within bounds."""

    run: Annotated[int, Field(ge=1, le=520)] | None = None
    at_least: Number | None = None
    at_most: Number | None = None

    @model_validator(mode="after")
    def _asks_something(self) -> Self:
        if self.run is None and self.at_least is None and self.at_most is None:
            raise ValueError("nothing is asked; give run, at_least or at_most")
        return self


class AllOf(BaseModel):
    """Yes where every condition holds."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: Literal["all_of"] = "all_of"
    conditions: tuple[Condition, ...]

    @model_validator(mode="after")
    def _asks_something(self) -> Self:
        if not self.conditions:
            raise ValueError("nothing is asked; give at least one condition")
        return self


Rule = Count | Share | LongestRun | LastWeek | FirstWindow | AllOf


def parts_of(rule: Rule) -> Sequence[Part]:
    """Every part of a rule that names weeks and marks."""
    return rule.conditions if isinstance(rule, AllOf) else (rule,)


def read_with(rule: Rule, missing: str, mixed: str) -> Callable[[str], Any]:
    """A rule as a function of a pattern: a number, yes/no, or (week, event).

    Weeks are cut out first and read afterwards, so that leaving weeks out does not move the others.
    """
    if isinstance(rule, AllOf):
        checks = [_check(condition, _reader(condition, missing, mixed)) for condition in rule.conditions]
        return lambda pattern: all(check(pattern) for check in checks)
    marked = _reader(rule, missing, mixed)
    match rule:
        case Count():
            return lambda pattern: marked(pattern).count("1")
        case Share():
            return lambda pattern: _share(marked(pattern))
        case LongestRun():
            return lambda pattern: max(map(len, marked(pattern).split("0")))
        case LastWeek():
            return _last_week(rule, marked)
        case FirstWindow():
            return _first_window(rule, marked)
        case _:
            assert_never(rule)


def _reader(part: Part, missing: str, mixed: str) -> Reader:
    """Cut the weeks out of a pattern and write 1 for a mark, 0 for another week, nothing for one left out."""
    read_as = {"+": "+", "-": "-", "o": missing, "*": mixed}
    table = {ord(raw): "" if not read else "01"[read in part.marks] for raw, read in read_as.items()}
    weeks = part.weeks
    return lambda pattern: pattern[weeks].translate(table)


def _share(marked: str) -> float:
    return marked.count("1") / len(marked) if marked else 0.0


def _last_week(rule: LastWeek, marked: Reader) -> Callable[[str], int]:
    weeks = rule.weeks

    def last_week(pattern: str) -> int:
        last = marked(pattern).rfind("1")
        return 0 if last < 0 else weeks.indices(len(pattern))[0] + last + 1

    return last_week


def _first_window(rule: FirstWindow, marked: Reader) -> Callable[[str], tuple[int, int]]:
    weeks, width, needed = rule.weeks, rule.width, rule.needed
    offset, run = width - needed, "1" * width

    def first_window(pattern: str) -> tuple[int, int]:
        text = marked(pattern)
        skipped = weeks.indices(len(pattern))[0]
        windows = max(0, len(text) - width + 1)
        start = text.find(run) if needed == width else _window(text, windows, width, needed)
        return (skipped + windows + offset, 0) if start < 0 else (skipped + start + 1 + offset, 1)

    return first_window


def _window(text: str, windows: int, width: int, needed: int) -> int:
    """Where the first window with enough marks starts, or -1."""
    for start in range(windows):
        if text.count("1", start, start + width) >= needed:
            return start
    return -1


def _check(condition: Condition, marked: Reader) -> Callable[[str], bool]:
    run = "1" * (condition.run or 0)
    least = condition.at_least or 0
    most = 10**9 if condition.at_most is None else condition.at_most

    def check(pattern: str) -> bool:
        text = marked(pattern)
        return run in text and least <= text.count("1") <= most

    return check
