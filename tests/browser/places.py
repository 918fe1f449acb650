"""Every page that the one table of routes names: addresses with real charts, entries, commands and reports in them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from api.http.access import RECORDING, ROUTES, may
from api.web.dashboard_sections import SECTIONS

CHART = "SIM-000007"
# What stands for each part of an address; a new part needs a line here.
PARTS: dict[str, Sequence[str]] = {
    "reference": (CHART,),
    "command": ("transfer", *sorted(set(RECORDING) - {"register-client"})),
    "rest:path": ("nothing-here",),
    "check": ("logs", "replay"),
    "work": ("rebuild", "retry"),
}
# Of every dashboard a number, as its tables link to one.
NUMBERS: dict[str, str] = {
    "status": "number=clients&by=level&at=level=residential",
    "census": "number=admissions&show=average&by=level&at=level=residential",
    "completion": "number=numerator&by=level&at=level=residential",
    "retention": "number=stays&by=level&at=level=residential",
    "abstinence": "number=numerator&by=all&at=measure=first_use",
    "flow": "number=numerator&at=from=residential&at=to=left",
    "attendance": "number=no_shows&by=level&at=level=intensive_outpatient",
    "quality": "number=numerator&by=all&at=measure=readmission_30",
    "prevalence": "number=reached&by=all&at=milestone=90",
    "outcomes": "number=episodes&by=all&at=instrument=phq9",
    "comparison": "number=first_numerator&at=measure=completed",
}
# Files and streams among the routes: no pages to look at.
NO_PAGES = re.compile(
    r"GET (/api/|/fhir/|/static/|/healthz|/readyz|/metrics|/problems/|/sign-in|.*\.(csv|pdf|json|ndjson|svg|zip|py)$)"
)


def pages_of(role: str, event_id: str) -> Iterator[str]:
    """The address of every page that a role may open; of a kind of form, which all roles share, the first."""
    parts = {**PARTS, "event_id": (event_id,), "name": tuple(SECTIONS)}
    for route, area in ROUTES.items():
        if not route.startswith("GET ") or NO_PAGES.match(route) or not may_open(role, area):
            continue
        for address in _filled(route.removeprefix("GET "), parts, role):
            yield f"{address}?{NUMBERS[address.split('/')[2]]}" if address.endswith("/number") else address


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
