"""``python -m tests.house.counts [--places]``: how the house stands beside what was asked of it, counted by rule.

``--places`` adds the places behind a number, where they can be listed.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from tests.house import code, rooms
from tests.house.tree import ROOMS

# Words that say nothing; and words of this house for what the field has a word for.
EMPTY = ("found", "one", "own", "asked", "gone", "told", "said")
PRIVATE = ("known_then", "Past", "Learned", "Sealer", "Ear", "Doors", "handover", "opening", "sides", "needs")
SHARED = ("charts", "opening")


class Count(NamedTuple):
    """A row: what was counted, how it is, what was asked; and where."""

    what: str
    now: str
    asked: str
    places: Sequence[str] = ()


def counts() -> Iterator[Count]:
    """Every row, in the order in which they were asked."""
    yield from _graph()
    yield from _one_place()
    yield from _code()
    yield from _words()
    for room in ROOMS:
        yield Count(f"lines of Python in {room}", f"{code.lines(room + '/'):,}", "")
    yield Count("lines of Python", f"{code.lines(''):,}", "about 10 % less than 53,367")


def _graph() -> Iterator[Count]:
    for package, cycle, shape in (
        ("infra", "0", "about 17 / 10 / 72"),
        ("api", "0", ""),
        ("api.web", "0", "about 7 / 4 / 12"),
    ):
        own = rooms.house(package)
        found = [f"{len(one)} of {len(own.rooms)}" for one in own.cycles]
        yield Count(
            f"import cycles between rooms of {package}",
            ", ".join(found) or "0",
            cycle,
            [_listed(one) for one in own.cycles],
        )
        yield Count(
            f"rooms / floors / arrows of {package}", f"{len(own.rooms)} / {own.floors} / {len(own.arrows)}", shape
        )
    both = [rooms.imports_between(one, other) for one, other in (("api.http", "api.web"), ("api.web", "api.http"))]
    yield Count("modules of api.http that import api.web / the other way", f"{both[0]} / {both[1]}", "one of them 0")
    inside = rooms.importers("infra.bootstrap", "infra")
    ways = len({".".join(name.split(".")[:2]) for name in inside})
    yield Count("files / rooms of infra that import infra.bootstrap", f"{len(inside)} / {ways}", "0 / 0", inside)
    functions, where = code.signatures("Services", "infra/")
    yield Count("functions of infra that take Services / their files", f"{functions} / {where}", "0 / 0")
    loose = code.loose("infra")
    yield Count(
        "loose files in infra / their lines",
        f"{len(loose)} / {sum(number for _, number in loose):,}",
        "2 (bootstrap, settings)",
        [path for path, _ in loose],
    )
    driven = rooms.importers("sqlalchemy", "api")
    yield Count("files of api that import SQLAlchemy", str(len(driven)), "0", driven)


def _one_place() -> Iterator[Count]:
    dashboard = code.naming("followback", "projections/followback/")
    yield Count("files that name followback, but its read model (a dashboard)", str(len(dashboard)), "≤ 8", dashboard)
    level = code.naming("intensive_outpatient")
    yield Count("files that name intensive_outpatient (a level)", str(len(level)), "≤ 6", level)
    event = code.naming("IncidentRecorded")
    yield Count("files that name IncidentRecorded (an event type)", str(len(event)), "≤ 8", event)
    fold = sorted({*code.naming("MedicationStarted")} & {*code.naming("MedicationStopped")})
    yield Count("files that name both MedicationStarted and MedicationStopped", str(len(fold)), "1 that folds", fold)
    for what, functions in (
        ("functions that answer with ReportParams", code.returning("ReportParams")),
        ("functions that divide a text at =", code.calling(".partition('=')", ".split('=')", ".split('=', 1)")),
        ("functions of api that read a moment", _of_api(code.calling("datetime.fromisoformat"))),
        ("functions of api that read a day", _of_api(code.calling("date.fromisoformat"))),
    ):
        yield Count(what, str(len(functions)), "1", functions)


def _of_api(functions: Sequence[str]) -> list[str]:
    return [one for one in functions if one.startswith("api/")]


def _code() -> Iterator[Count]:
    yield Count("`dict[str, Any]`", str(code.times(r"dict\[str, Any\]")), "rows and read models are typed")
    reads = code.reads_by_letter()
    yield Count("reads of an entry's envelope by letter, outside the store", str(len(reads)), "0", reads)
    errors = code.exceptions()
    straight = sorted(name for name, bases in errors.items() if "Exception" in bases)
    yield Count("exception classes / straight from Exception", f"{len(errors)} / {len(straight)}", "one tree", straight)


def _words() -> Iterator[Count]:
    gerunds = code.gerunds()
    yield Count("modules named by a gerund", str(len(gerunds)), "a noun", gerunds)
    for word in EMPTY:
        yield Count(f"the name `{word}`", f"{code.names()[word]:,}", "the noun")
    for word in PRIVATE:
        yield Count(f"the name `{word}`", f"{code.names()[word]:,}", "0")
    for stem in SHARED:
        yield Count(f"modules and packages named {stem}", str(code.stems(stem)), "1")
    yield Count("types named Place", str(code.classes("Place")), "1")


def _listed(cycle: frozenset[str]) -> str:
    return ", ".join(sorted(name.split(".")[-1] for name in cycle))


def rendered(*, places: bool = False) -> str:
    """The table, and below it the places."""
    rows = list(counts())
    texts = [("what", "now", "asked"), *((row.what, row.now, row.asked) for row in rows)]
    widths = [max(len(text[column]) for text in texts) for column in range(3)]
    head, *body = [
        "| " + " | ".join(text.ljust(width) for text, width in zip(line, widths, strict=True)) + " |" for line in texts
    ]
    table = [head, "|" + "|".join("-" * (width + 2) for width in widths) + "|", *body]
    if places:
        table += [f"\n{row.what}\n" + "\n".join(f"  {one}" for one in row.places) for row in rows if row.places]
    return "\n".join(table)


def main() -> None:
    """Print it."""
    parser = argparse.ArgumentParser(prog="python -m tests.house.counts", description=__doc__)
    parser.add_argument("--places", action="store_true", help="where they are")
    print(rendered(places=parser.parse_args().places))


if __name__ == "__main__":
    main()
