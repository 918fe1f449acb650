"""Counts that may be shown to people who see no clients: one pattern of hiding for every question that they may ask.

People are divided step by step: all, by level, by outcome, by one more attribute. Each step divides a group of the
step before, and what a step may show is decided once, for everybody and every question:

* A part of 1–10 is withheld (CMS cell-size policy; 0 and 11 are shown).
* What is withheld of one group is withheld together: at least two parts, and so many people that each part could be
  of eleven or more. Otherwise the next smallest part is withheld too.
* What is withheld is divided no further, and its parts are not named.

Everything else that is shown is a sum of parts that are shown. So whoever adds and subtracts what they can get
learns sums of parts and what is left of a group: both are 0 or at least 11. Each group has one division for each
attribute, and two attributes are never divided at once, so that one question tells nothing of another's parts.
docs/decisions/0018-one-pattern-of-hiding.md has the argument, tests/infra/test_safe_reports.py attacks it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from projections.suppression import SMALLEST_SHOWN, small

Path = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Shown:
    """What may be shown of a division: the size of each part on the way, and the parts that are not even named."""

    counts: Mapping[Path, int]
    sizes: Mapping[Path, int]
    unnamed: frozenset[Path]

    def total(self, depth: int, belongs: Callable[[Path], bool]) -> int | None:
        """The sum of the parts at a depth that belong; None when one of them is withheld."""
        parts = [path for path in self.sizes if len(path) == depth and belongs(path)]
        if any(path not in self.counts for path in parts):
            return None
        return sum(self.counts[path] for path in parts)

    def named(self, depth: int) -> list[Path]:
        """The parts at a depth that may be named, withheld or not."""
        return [path for path in self.sizes if len(path) == depth and path not in self.unnamed]


def shown(leaves: Mapping[Path, int]) -> Shown:
    """Decide what may be shown of people by their whole path; each leaf is of the same depth."""
    leaves = {path: n for path, n in leaves.items() if n}
    sizes: defaultdict[Path, int] = defaultdict(int)
    for path, n in leaves.items():
        for depth in range(len(path) + 1):
            sizes[path[:depth]] += n
    children: defaultdict[Path, list[Path]] = defaultdict(list)
    for path in sizes:
        if path:
            children[path[:-1]].append(path)
    counts: dict[Path, int] = {}
    unnamed: set[Path] = set()
    if sizes and not small(sizes[()]):
        counts[()] = sizes[()]
    if sizes and () not in counts and len(leaves) < SMALLEST_SHOWN - 1:
        return Shown({}, dict(sizes), frozenset())  # so few that their parts say no more than that there are few
    for path in sorted(sizes, key=len):
        _divide(path, {child: sizes[child] for child in children[path]}, counts, unnamed)
    return Shown(counts, dict(sizes), frozenset(unnamed))


def _divide(path: Path, parts: Mapping[Path, int], counts: dict[Path, int], unnamed: set[Path]) -> None:
    if path not in counts:
        unnamed.update(parts)
        return
    hidden = withheld(parts)
    counts.update((part, n) for part, n in parts.items() if part not in hidden)
    if hidden and sum(parts[part] for part in hidden) == len(hidden):
        unnamed.update(hidden)  # to name them would be to say that each is one person


def withheld(parts: Mapping[Path, int]) -> frozenset[Path]:
    """The parts of one group that are not shown: the small ones, and as many of the next smallest as protect them."""
    hidden = [part for part, n in parts.items() if small(n)]
    others = iter(
        sorted((part for part, n in parts.items() if n >= SMALLEST_SHOWN), key=lambda part: (parts[part], part))
    )
    while hidden and (len(hidden) < 2 or sum(parts[part] for part in hidden) - len(hidden) < SMALLEST_SHOWN - 1):
        following = next(others, None)
        if following is None:
            break
        hidden.append(following)
    return frozenset(hidden)


def leaves_of(rows: Iterable[Mapping[str, object]], dimensions: tuple[str, ...], count: str) -> dict[Path, int]:
    """Leaves from rows of a table: the values of its dimensions and how many."""
    found: defaultdict[Path, int] = defaultdict(int)
    for row in rows:
        found[tuple(str(row[name]) for name in dimensions)] += int(str(row[count]))
    return dict(found)
