"""docs/performance.md, made of what is measured over stores of several sizes.

    python -m tests.bench.document FOLDER

takes each store that ``tests.bench.stores`` made in a folder, asks every page and read of it over HTTP, and reports as of
moments before its end; then writes the page and its curves. Nothing else should run meanwhile; what did is said by --note.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from html import escape
from math import log10
from pathlib import Path
from urllib.parse import quote

from infra.bootstrap import open_services
from tests.bench import data, stores
from tests.bench.measure import cpu_ms, peak_memory, timed
from tests.bench.pages import GOAL, Measured, Seen, markdown, measured_at
from tests.bench.server import serving
from tests.conftest import ROOT

PAGE = ROOT / "docs" / "performance.md"
IMAGE = ROOT / "docs" / "images" / "growth.svg"
DAYS_BEFORE = (1, 30, 90, 365)
BARS = {"import": "≥ 15,000", "project": "≥ 60,000", "verify": "≥ 100,000"}
HEAD = """# Performance

What each thing costs at several numbers of clients: it should grow with what is shown, not with the number of clients or
the length of history. Made by

```sh
python -m tests.bench.stores FOLDER 1000 6600 66000
python -m tests.bench.document FOLDER
```

Clients are simulated over 18 months ([simulator](design.md)), about 160 entries each. One embedded store (SQLite) and one
server process a size; each address is asked up to 100 times over a kept sign-in, the first answer is not counted.
*CPU* is the processor time of the server for one answer: it does not depend on what else the machine does, as the 50th and
99th percentile of the time until the answer do. `make bench` prints appends, imports, replays and dashboards beside the
limit of the machine and beside the `eventsourcing` library.
"""


@dataclass(frozen=True)
class Size:
    """One store and what was measured of it: as-of answers are milliseconds, first and again, by days before the end."""

    clients: int
    entries: int
    log_mb: float
    read_mb: float
    steps: Sequence[stores.Step]
    start: float
    memory_mb: float
    pages: Measured
    as_of: dict[int, tuple[float, float, float]]


def measure(folder: Path) -> Size:
    """Everything of one store."""
    path = folder / stores.STORE
    services = open_services(data.settings_for(path).model_copy(update=_key(path)))
    entries, clients = services.log.head(), int(folder.name)
    services.close()
    with serving(path) as server:
        pages = measured_at(server)
        as_of = dict(_as_of(Seen(server), server.pid))
        return Size(
            clients=clients,
            entries=entries,
            log_mb=path.stat().st_size / 1e6,
            read_mb=path.with_suffix(".read.db").stat().st_size / 1e6,
            steps=stores.read(folder),
            start=server.cold_start,
            memory_mb=peak_memory(server.pid),
            pages=pages,
            as_of=as_of,
        )


def _key(path: Path) -> dict[str, object]:
    own = path.with_suffix(".key")
    return {"master_key": None, "master_key_file": own} if own.exists() else {}


def _as_of(seen: Seen, pid: int) -> Iterator[tuple[int, tuple[float, float, float]]]:
    for days in DAYS_BEFORE:
        moment = datetime.now(UTC).replace(microsecond=0) - timedelta(days=days)
        path = f"/api/v1/reports/completion?as_of={quote(moment.isoformat())}"
        before = cpu_ms(pid)
        first = timed(lambda path=path: seen.read("analyst", path)) * 1000
        used = cpu_ms(pid) - before
        again = min(timed(lambda path=path: seen.read("analyst", path)) * 1000 for _ in range(5))
        yield days, (used, first, again)


def page(sizes: Sequence[Size], note: str = "") -> str:
    """The whole page."""
    parts = [HEAD, _method(), *([f"{note}\n"] if note else []), *_stores(sizes), *_asked(sizes), *_as_of_table(sizes)]
    names = [f"{size.clients:,}" for size in sizes]
    return "\n".join([*parts, "## Every page and read", "", *markdown(names, [size.pages for size in sizes])]) + "\n"


def _method() -> str:
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9
    return f"Measured on {datetime.now(UTC).date()} on {os.cpu_count()} cores with {memory:.0f} GB of memory.\n"


def _stores(sizes: Sequence[Size]) -> Iterator[str]:
    yield "## Bulk work and stores\n"
    yield "| | " + " | ".join(f"{size.clients:,} clients" for size in sizes) + " | asked |"
    yield "|---|" + "--:|" * len(sizes) + "---|"
    rows: list[tuple[str, list[str], str]] = [
        ("entries", [f"{size.entries:,}" for size in sizes], ""),
        ("log / read models, MB", [f"{size.log_mb:,.0f} / {size.read_mb:,.0f}" for size in sizes], ""),
    ]
    for name, bar in BARS.items():
        own = [next((one for one in size.steps if one.name == name), None) for size in sizes]
        rates = [f"{size.entries / one.cpu:,.0f}" if one else "–" for size, one in zip(sizes, own, strict=True)]
        rows.append((f"{name}: entries a second of CPU", rates, bar))
        rows.append((f"{name}: memory, MB", [f"{one.memory_mb:,.0f}" if one else "–" for one in own], "≤ 300"))
    written = [f"{size.steps[0].written_mb / (size.log_mb + size.read_mb):.1f}" for size in sizes]
    rows.append(("import: bytes written for each kept", written, "≤ 4"))
    rows.append(("`serve`: seconds until its first answer", [f"{size.start:.1f}" for size in sizes], "≤ 1.5"))
    rows.append(("`serve`: memory after all of this, MB", [f"{size.memory_mb:,.0f}" for size in sizes], "≤ 250"))
    for name, cells, bar in rows:
        yield f"| {name} | " + " | ".join(cells) + f" | {bar} |"
    yield "\n*import* checks every line, writes the log, folds every read model and indexes names; *project* is a rebuild.\n"


def _asked(sizes: Sequence[Size]) -> Iterator[str]:
    yield "## Pages and reads\n"
    for size in sizes:
        costs = sorted(one.cpu for one in size.pages.values())
        within = sum(cost <= GOAL for cost in costs)
        half = costs[len(costs) // 2]
        yield f"- {size.clients:,} clients: {within} of {len(costs)} take at most {GOAL:.0f} ms of CPU, half at most {half:.0f}."
    yield "\n![CPU of every page and read by number of clients](images/growth.svg)\n"


def _as_of_table(sizes: Sequence[Size]) -> Iterator[str]:
    yield "## As of a moment\n"
    yield "*completion* over HTTP, CPU ms of the first answer / ms until it / ms asked again; asked: 2,000 at first, 100 again.\n"
    yield "| days before the end | " + " | ".join(f"{size.clients:,} clients" for size in sizes) + " |"
    yield "|---|" + "--:|" * len(sizes)
    for days in DAYS_BEFORE:
        cells = (" / ".join(f"{value:,.0f}" for value in size.as_of[days]) for size in sizes)
        yield f"| {days} | " + " | ".join(cells) + " |"
    yield ""


def curves(sizes: Sequence[Size]) -> str:
    """CPU of each address by number of clients, both on a scale of powers of ten; those over the bar are named."""
    wide, high, left, top = 860, 420, 60, 20
    most = max(4.0, *(log10(max(one.cpu, 1)) for size in sizes for one in size.pages.values()))
    first, last = log10(sizes[0].clients), log10(sizes[-1].clients)

    def at(clients: int, cpu: float) -> tuple[float, float]:
        across = (log10(clients) - first) / ((last - first) or 1)
        return left + across * (wide - left - 260), top + (1 - log10(max(cpu, 1)) / most) * (high - top - 40)

    lines: list[str] = []
    named: list[tuple[float, str]] = []
    for place in sizes[-1].pages:
        known = [(size.clients, size.pages[place].cpu) for size in sizes if place in size.pages]
        points = " ".join(f"{x:.0f},{y:.0f}" for x, y in (at(*one) for one in known))
        over = known[-1][1] > GOAL
        lines.append(f'<polyline points="{points}" class="{"over" if over else "under"}"/>')
        if over:
            x, y = at(*known[-1])
            name = escape(place[1].partition("?")[0])
            named.append((y + 3, f'<text x="{x + 6:.0f}" y="{{0:.0f}}" class="name">{name}</text>'))
    lines += _apart(named)
    ticks = [
        f'<text x="8" y="{at(sizes[0].clients, 10**n)[1] + 4:.0f}">{10**n:,} ms</text>' for n in range(int(most) + 1)
    ]
    below = [f'<text x="{at(size.clients, 1)[0]:.0f}" y="{high - 8}">{size.clients:,}</text>' for size in sizes]
    bar = at(sizes[0].clients, GOAL)[1]
    style = (
        "text{font:12px sans-serif;fill:#555}.name{font-size:9px}polyline{fill:none;stroke-width:1}"
        ".under{stroke:#6b8fb5}.over{stroke:#b5562b}.bar{stroke:#888;stroke-dasharray:4 4}"
    )
    rule = f'<line x1="{left}" y1="{bar:.0f}" x2="{wide - 260}" y2="{bar:.0f}" class="bar"/>'
    inside = "\n".join([f"<style>{style}</style>", rule, *lines, *ticks, *below])
    title = f"Processor time of every page and read by number of clients; the dashed line is {GOAL:.0f} ms"
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {wide} {high}" role="img">\n'
        f"<title>{title}</title>\n{inside}\n</svg>\n"
    )


def _apart(named: Sequence[tuple[float, str]], least: float = 10) -> Iterator[str]:
    """Names from top to bottom, none over another."""
    last = float("-inf")
    for wanted, text in sorted(named):
        last = max(wanted, last + least)
        yield text.format(last)


def main() -> None:
    """Measure, smallest first, and write."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.document", description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--note", default="", help="what else is to be said of the measurement")
    asked = parser.parse_args()
    folder: Path = asked.folder
    made = sorted((one.parent for one in folder.glob("*/steps.json")), key=lambda one: int(one.name))
    sizes = [measure(one) for one in made]
    PAGE.write_text(page(sizes, asked.note))
    IMAGE.write_text(curves(sizes))


if __name__ == "__main__":
    main()
