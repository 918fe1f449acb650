"""Which groups of a table may be shown to people who see no clients, where a group is shown whole or not at all.

The steps are those of ``projections.safe_counts`` (all, by level, by one attribute), for reports whose groups have
several counts at once: who had the outcome and who had not, sessions by what became of them, lengths by span. A group
is withheld when one of its counts is 1–10; with it as many of the next smallest as leave, of everything withheld
together, 0 or at least eleven in every count. What is withheld is divided no further.

How many there are in a group and what became of them are decided one after the other: ``outcome`` withholds at least
what ``total`` withholds. Figures that may count the same people (the measures of one population) stand in one cluster:
each withholds the totals that those before it withhold, so that one figure's total never stands in for another's.
docs/decisions/0022-what-other-reports-hide.md has the argument, tests/infra/suppression attacks it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from projections.safe_counts import Path
from projections.suppression import SMALLEST_SHOWN, small

Vector = tuple[int, ...]
REST = "\x00rest"
"""The part of a level that no value of the attribute covers, such as open stays where the month of the end is asked."""


@dataclass(frozen=True, slots=True)
class Figure:
    """The counts of one group for one figure: of whom, and what became of them (none: only the total is shown)."""

    total: Vector
    outcome: Vector = ()


@dataclass(frozen=True, slots=True)
class Withheld:
    """The groups of a figure that are not shown: their totals, their outcomes, and those that are not even named."""

    groups: frozenset[Path]
    totals: frozenset[Path]
    outcomes: frozenset[Path]
    unnamed: frozenset[Path]


def withheld(figures: Mapping[Path, Figure], already: frozenset[Path] = frozenset()) -> Withheld:
    """Decide for every group of a figure; ``already`` are totals that another figure of the cluster withholds."""
    people = {path: figure.total[0] for path, figure in figures.items()}
    totals = {path: figure.total for path, figure in figures.items()}
    without = _withheld(people, totals, already & totals.keys())
    outcomes = {path: figure.outcome for path, figure in figures.items() if figure.outcome}
    few = _withheld(people, outcomes, without) if outcomes else without
    return Withheld(frozenset(totals), without, few, _unnamed(people, without))


def with_rest(figures: Mapping[Path, Figure]) -> dict[Path, Figure]:
    """The groups with, in each level, the part that the attribute's values leave over."""
    found = dict(figures)
    for path, figure in figures.items():
        if len(path) != 1:
            continue
        parts = [part for child, part in figures.items() if child[:-1] == path]
        left = Figure(
            _less(figure.total, [part.total for part in parts]),
            _less(figure.outcome, [part.outcome for part in parts]),
        )
        if parts and any((*left.total, *left.outcome)):
            found[(*path, REST)] = left
    return found


def _less(whole: Vector, parts: list[Vector]) -> Vector:
    return tuple(max(0, n - sum(part[place] for part in parts)) for place, n in enumerate(whole))


def _withheld(people: Mapping[Path, int], sizes: Mapping[Path, Vector], already: frozenset[Path]) -> frozenset[Path]:
    hidden = set(already)
    if any(small(n) for n in sizes.get((), ())):
        hidden.add(())
    children: dict[Path, dict[Path, Vector]] = {}
    for path, vector in sizes.items():
        if path:
            children.setdefault(path[:-1], {})[path] = vector
    for path, parts in sorted(children.items(), key=lambda item: len(item[0])):
        hidden |= parts.keys() if path in hidden else _of_one_group(people, parts, hidden & parts.keys())
    return frozenset(hidden)


def _of_one_group(people: Mapping[Path, int], parts: Mapping[Path, Vector], already: set[Path]) -> set[Path]:
    hidden = already | {part for part, vector in parts.items() if any(small(n) for n in vector)}
    following = iter(sorted(parts.keys() - hidden, key=lambda part: (people[part], part)))
    while hidden and not _protects(sum(people[part] for part in hidden), [parts[part] for part in hidden]):
        part = next(following, None)
        if part is None:
            break
        hidden.add(part)
    return hidden


def _protects(people: int, hidden: list[Vector]) -> bool:
    """Whether what is withheld together tells nothing of one part: several, and none or eleven of each count."""
    if len(hidden) < 2 or people - len(hidden) < SMALLEST_SHOWN - 1:
        return False
    return not any(small(sum(counts)) for counts in zip(*hidden, strict=True))


def _unnamed(people: Mapping[Path, int], hidden: frozenset[Path]) -> frozenset[Path]:
    if () in hidden and len(people) < SMALLEST_SHOWN:
        return frozenset()  # so few that their parts say no more than that there are few
    found = {path for path in hidden if path and path[:-1] in hidden}
    for path in people:
        alone = [child for child in hidden if child and child[:-1] == path]
        if sum(people[child] for child in alone) == len(alone):
            found.update(alone)  # to name them would be to say that each is one person
    return frozenset(found)
