"""The rooms of a package and which of them import which: direct sub-packages and loose modules, by grimp.

Imports for type checkers alone count too: they bind as much when something moves.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

import grimp

from tools.counts.tree import ROOMS

Arrow = tuple[str, str]


@cache
def graph() -> Any:
    """Every import of the product."""
    return grimp.build_graph(*ROOMS, cache_dir=None, include_external_packages=True)


@dataclass(frozen=True)
class House:
    """The rooms of a package, and its arrows: pairs of two rooms, the first of which imports the second."""

    rooms: frozenset[str]
    arrows: frozenset[Arrow]

    @property
    def cycles(self) -> list[frozenset[str]]:
        """The strongly connected components of more than one room, the largest first."""
        return sorted((one for one in self._components() if len(one) > 1), key=lambda one: (-len(one), min(one)))

    @property
    def floors(self) -> int:
        """How many rooms lie on the longest way down, those of a cycle being one."""
        of = {room: component for component in self._components() for room in component}
        below: dict[frozenset[str], set[frozenset[str]]] = {component: set() for component in of.values()}
        for one, other in self.arrows:
            if of[one] != of[other]:
                below[of[one]].add(of[other])

        @cache
        def height(component: frozenset[str]) -> int:
            return 1 + max((height(one) for one in below[component]), default=0)

        return max(map(height, below), default=0)

    def _components(self) -> set[frozenset[str]]:
        reached = {room: self._reached(room) for room in self.rooms}
        return {
            frozenset({room, *(one for one in reached[room] if room in reached[one])}) for room in sorted(self.rooms)
        }

    def _reached(self, room: str) -> set[str]:
        found: set[str] = set()
        waiting = [room]
        while waiting:
            at = waiting.pop()
            fresh = {other for one, other in self.arrows if one == at} - found
            found |= fresh
            waiting += fresh
        return found


def house(package: str) -> House:
    """The rooms of a package of the product."""
    depth = package.count(".") + 2
    modules = [name for name in graph().modules if name.startswith(package + ".")]
    of = {name: ".".join(name.split(".")[:depth]) for name in modules}
    arrows = {
        (of[name], of[other])
        for name in modules
        for other in graph().find_modules_directly_imported_by(name)
        if other in of and of[name] != of[other]
    }
    return House(frozenset(of.values()), frozenset(arrows))


def importers(module: str, package: str) -> list[str]:
    """The modules of a package that import a module themselves."""
    found = graph().find_modules_that_directly_import(module) if module in graph().modules else set()
    return sorted(name for name in found if name.startswith(package + "."))


def imports_between(package: str, other: str) -> int:
    """From how many modules of a package another is imported."""
    return sum(
        any(one == other or one.startswith(other + ".") for one in graph().find_modules_directly_imported_by(name))
        for name in graph().modules
        if name.startswith(package + ".")
    )
