"""What is counted of the house: each row with its figure at the second reading, now, the bar, and what is held."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from tools.counts import code, rooms
from tools.counts.tree import ROOMS, ROOT

BEFORE = "ab49054"  # the commit of the second reading; its figures are by the rules of here

# Words that say nothing; and words of this house for what the field has a word for.
EMPTY = ("found", "one", "own", "asked", "gone", "told", "said")
REPLACED = ("known_then", "Past", "Learned", "Sealer", "Ear", "Doors", "handover", "opening")
PRIVATE = (*REPLACED, "sides", "needs")
HELD = {
    **dict.fromkeys(PRIVATE, 0),
    "found": 2,
    "one": 2,
    "own": 2,
    "asked": 19,
    "gone": 3,
    "told": 0,
    "said": 0,
}
FOR_PEOPLE = ("api/", "infra/reporting/", "infra/views/", "projections/")  # where it is read what people wrote
SHARED = ("charts", "opening")
WORDS_BEFORE = {
    **dict(zip(EMPTY, (1340, 461, 282, 244, 67, 38, 269), strict=True)),
    **dict(zip(PRIVATE, (5, 4, 9, 44, 4, 3, 21, 73, 16, 6), strict=True)),
}


class Count(NamedTuple):
    """A row: what was counted, its figures, those at ``BEFORE`` as text, the bar, and where.

    ``held``: what none of the figures may exceed any more; a row without it may still move.
    """

    what: str
    now: tuple[int, ...]
    before: str
    bar: str
    held: tuple[int, ...] = ()
    places: Sequence[str] = ()

    @property
    def figures(self) -> str:
        """The figures as text."""
        return " / ".join(f"{one:,}" for one in self.now)

    @property
    def is_held(self) -> bool:
        """Whether no figure is above what is held."""
        return not self.held or all(now <= most for now, most in zip(self.now, self.held, strict=True))


def counts() -> Iterator[Count]:
    """Every row, in the order in which they were asked."""
    yield from _graph()
    yield from _steps()
    yield from _one_place()
    yield from _code()
    yield from _words()
    for room, before in zip(ROOMS, ("2,183", "7,977", "28,167", "15,040"), strict=True):
        yield Count(f"lines of Python in {room}", (code.lines(room + "/"),), before, "")
    yield Count("lines of Python", (code.lines(""),), "53,367", "about 10 % less")


def _graph() -> Iterator[Count]:
    for package, cycles, shape, bar in (
        ("infra", "28", "48 / 7 / 160", "about 17 / 10 / 72"),
        ("api", "2", "9 / 5 / 14", ""),
        ("api.web", "0", "46 / 12 / 186", "about 7 / 4 / 12"),
    ):
        own = rooms.house(package)
        circle = sorted({name for cycle in own.cycles for name in cycle})
        yield Count(f"rooms of {package} in import cycles", (len(circle),), cycles, "0", (0,), circle)
        figures = (len(own.rooms), own.floors, len(own.arrows))
        yield Count(f"rooms / floors / arrows of {package}", figures, shape, bar)
    both = [rooms.imports_between(one, other) for one, other in (("api.http", "api.web"), ("api.web", "api.http"))]
    yield Count("modules of api.http that import api.web", (both[0],), "3 (15 the other way)", "0", (0,))
    inside = rooms.importers("infra.bootstrap", "infra")
    yield Count("files of infra that import the service locator", (len(inside),), "80", "0", (0,), inside)
    functions, where = code.signatures("Services", "infra/")
    yield Count("functions of infra that take it / their files", (functions, where), "128 / 43", "0 / 0", (0, 0))
    loose = [path for path, _ in code.loose("infra")]
    yield Count("loose files in infra", (len(loose),), "26", "2 (bootstrap, settings)", (2,), loose)
    driven = rooms.importers("sqlalchemy", "api")
    yield Count("files of api that import SQLAlchemy", (len(driven),), "3", "0", (0,), driven)


_STEPS = {  # the sections of docs/extending.md: what was counted of them before, the bar, what is held
    "An event type": ("12", "≤ 8", 8),
    "A measure": ("", "", 3),
    "A level of care": ("19–27", "≤ 6", 3),
    "A dashboard": ("19–24", "≤ 8", 8),
    "An export": ("", "", 4),
    "An importer": ("", "", 4),
}


def _steps() -> Iterator[Count]:
    page = (ROOT / "docs/extending.md").read_text()
    shown = {title: int(files) for title, files in re.findall(r"^## (.+)\n\nFiles: (\d+)\.", page, re.MULTILINE)}
    for title, (before, bar, held) in _STEPS.items():
        if title in shown:
            yield Count(f"files to touch for {title[0].lower()}{title[1:]}", (shown[title],), before, bar, (held,))


def _one_place() -> Iterator[Count]:
    level = code.naming("intensive_outpatient")
    yield Count("files that name the level intensive_outpatient", (len(level),), "23", "", (), level)
    fold = sorted({*code.naming("MedicationStarted")} & {*code.naming("MedicationStopped")})
    yield Count("files that name both MedicationStarted and MedicationStopped", (len(fold),), "17", "", (), fold)
    for what, before, held, functions in (
        ("functions that answer with ReportParams", "5", 4, code.returning("ReportParams")),
        ("functions that divide a text at =", "7", 3, code.calling(".partition('=')", ".split('=')", ".split('=', 1)")),
        ("functions that read a moment that somebody wrote", "3", 1, _of_people("datetime.fromisoformat")),
        ("functions that read a day that somebody wrote", "10", 2, _of_people("date.fromisoformat")),
    ):
        yield Count(what, (len(functions),), before, "1", (held,), functions)


def _of_people(call: str) -> list[str]:
    return [one for one in code.calling(call, refusing=True) if one.startswith(FOR_PEOPLE)]


def _code() -> Iterator[Count]:
    yield Count("`dict[str, Any]`", (code.times(r"dict\[str, Any\]"),), "383", "rows and read models typed")
    reads = code.reads_by_letter()
    yield Count("reads of an entry's envelope by letter, outside the store", (len(reads),), "54", "0", (0,), reads)
    errors = code.exceptions()
    straight = sorted(name for name, bases in errors.items() if "Exception" in bases)
    yield Count("exception classes straight from Exception", (len(straight),), "43", "signals alone", (28,), straight)


def _words() -> Iterator[Count]:
    gerunds = code.gerunds()
    yield Count("modules named by a gerund", (len(gerunds),), "86", "0", (0,), gerunds)
    for word in (*EMPTY, *PRIVATE):
        bar = "the noun" if word in EMPTY else "0"
        yield Count(f"the name `{word}`", (code.names()[word],), f"{WORDS_BEFORE[word]:,}", bar, (HELD[word],))
    for stem, before in zip(SHARED, ("6", "4"), strict=True):
        yield Count(f"modules and packages named {stem}", (code.stems(stem),), before, "1", (1,))
    yield Count("types named Place", (code.classes("Place"),), "4", "1", (1,))
