"""Every page that the one table of routes names: addresses with real charts, entries, commands and reports in them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from html import unescape

from api.http.access import RECORDING, ROUTES, may
from api.web.dashboards.report_sections import SECTIONS
from domain.events.provider import KINDS

CHART = "SIM-000007"
# What stands for each part of an address; a new part needs a line here.
PARTS: dict[str, Sequence[str]] = {
    "reference": (CHART,),
    "command": ("transfer", *sorted(set(RECORDING) - {"register-client"})),
    "rest:path": ("nothing-here",),
    "check": ("logs", "replay"),
    "work": ("rebuild", "retry"),
    "number": ("1",),
    "making": ("preview", "publish"),
    "kind": KINDS,
}
# The numbers of tables that can be opened, as pages link to them.
NUMBER = re.compile(r'<a class="opens" href="([^"]+)">([^<]+)</a>')
# The tables of a publication, as its page links to them.
TABLE = re.compile(r'href="(/publications/1/[^".]+)"')
# The hand-offs that can be closed, as their board links to them.
HANDOFF = re.compile(r'href="(/clients/[^"]+/handoffs/[^"?]+)')
# The file of one's own that waits to be imported, as the page of imports links to it.
UPLOAD = re.compile(r'href="(/administration/import/[0-9a-f]{32})"')
# The dead letters whose entry can be decided about, as Operations links to them.
LETTER = re.compile(r'href="(/operations/entries/[0-9a-f]+)"')
# The views of one's own, as their list links to them.
VIEW = re.compile(r'href="(/views/[0-9a-f]{32})"')
Read = Callable[[str], str]
"""Gives the page at an address, as the role sees it that is signed in."""
# Files and streams among the routes: no pages to look at.
NO_PAGES = re.compile(
    r"GET (/api/|/fhir/|/static/|/healthz|/readyz|/metrics|/problems/|/sign-in|/session$|.*\.(csv|pdf|json|ndjson|svg|toml|zip|py)$)"
)


def numbers_in(page: str) -> list[tuple[str, str]]:
    """(address, what the table shows) of every number of a page that can be opened."""
    return [(unescape(address), text) for address, text in NUMBER.findall(page)]


def pages_of(role: str, event_id: str, read: Read) -> Iterator[str]:
    """The address of every page that a role may open; of a kind of form, which all roles share, the first.

    Of the numbers of a dashboard the first that its page links to, if it links to any; of published tables the last; of
    hand-offs the first that the board lets the role close; of dead letters and saved views the first.
    """
    parts = {**PARTS, "event_id": (event_id,), "name": tuple(SECTIONS)}
    for route, area in ROUTES.items():
        if not route.startswith("GET ") or NO_PAGES.match(route) or not may_open(role, area):
            continue
        if route.endswith("/{table}"):
            yield from TABLE.findall(read("/publications/1"))[-1:]
            continue
        if route.endswith("/handoffs/{handoff}"):
            yield from (unescape(address) for address in HANDOFF.findall(read("/handoffs"))[:1])
            continue
        if route.endswith("/operations/entries/{event_id}"):
            yield from LETTER.findall(read("/operations"))[:1]
            continue
        if route.endswith("/views/{view}"):
            yield from VIEW.findall(read("/views"))[:1]
            continue
        if "{upload}" in route:
            for waiting in UPLOAD.findall(read("/administration/import"))[:1]:
                yield waiting + route.partition("{upload}")[2].replace("{step}", "preview")
            continue
        for address in _filled(route.removeprefix("GET "), parts, role):
            if address.endswith("/number"):
                yield from (number for number, _ in numbers_in(read(address.removesuffix("/number")))[:1])
            else:
                yield address


def may_open(role: str, area: str) -> bool:
    """Whether a role may open the pages of an area; everybody the public ones."""
    return area == "public" or may(role, area)


def _filled(template: str, parts: dict[str, Sequence[str]], role: str) -> Iterator[str]:
    names = re.findall(r"{([^}]+)}", template)
    assert set(names) <= set(parts), f"{template}: say in tests/browser/places.py what stands for its parts"
    shown = [template]
    for name in names:
        values = [one for one in parts[name] if name != "command" or may(role, f"command:{one}")]
        shown = [address.replace("{" + name + "}", value) for address in shown for value in values]
    yield from shown
