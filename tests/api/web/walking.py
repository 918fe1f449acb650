"""Every page of the web app over simulated clients, and the texts that a reader sees on it."""

from __future__ import annotations

from html.parser import HTMLParser
from typing import Any
from urllib.parse import quote

from api.http.access import may
from api.web.dashboards.fields import BY, BY_PLACE
from api.web.dashboards.report_sections import SECTIONS
from api.web.writing.menu import TITLES
from domain.events.provider import KINDS
from infra.reporting.question import FILTERS
from tests.api.access.conftest import House
from tests.browser.places import numbers_in

SHOWN = frozenset({"aria-label", "placeholder", "title", "alt", "data-kept", "data-afresh"})
UNSEEN = frozenset({"script", "style", "code"})


class Texts(HTMLParser):
    """The texts of a page: those between tags, and those of attributes that are read out or shown."""

    def __init__(self, page: str) -> None:
        """Read a page."""
        super().__init__()
        self.found: list[str] = []
        self._inside: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._inside.append(tag)
        self.found += [value for name, value in attrs if name in SHOWN and value]

    def handle_endtag(self, tag: str) -> None:
        while self._inside and self._inside.pop() != tag:
            pass

    def handle_data(self, data: str) -> None:
        if data.strip() and not UNSEEN & set(self._inside):
            self.found.append(" ".join(data.split()))


def texts_of(page: str) -> list[str]:
    """What a reader sees or hears of a page."""
    return Texts(page).found


def walk(house: House, reference: str) -> list[tuple[str, str]]:
    """(role, address) of every page that can be opened; ``reference`` is a chart with entries."""
    found = [("clinician", path) for path in _of_clinicians(reference)]
    grouped = {name: BY.get(name, BY_PLACE)[:2] for name in SECTIONS if "by" in FILTERS[name]}
    found += [("clinician", f"/dashboards/{name}?by={by}") for name, groups in grouped.items() for by, _ in groups]
    found += [("clinician", f"/clients/{reference}/record/{name}") for name in TITLES if name != "register-client"]
    entries: list[Any] = house.api("clinician").get(f"/api/v1/clients/{reference}/timeline").json()["items"]
    kinds = {entry["type"]: entry["event_id"] for entry in entries}
    found += [("clinician", f"/clients/{reference}/entries/{event_id}") for event_id in kinds.values()]
    found += [("auditor", path) for path in _of_auditors(reference)]
    found += [("analyst", "/reports"), *(("analyst", f"/dashboards/{name}") for name in SECTIONS)]
    for role in ("clinician", "analyst"):
        browser = house.browser(role)
        numbers = [numbers_in(browser.get(f"/dashboards/{name}").text)[:1] for name in SECTIONS]
        found += [(role, address) for first in numbers for address, _ in first]
        found.append((role, "/dashboards/flow/number"))
    found += [
        ("reporting", path)
        for path in ("/reports", "/definitions", "/dashboards/status", "/publications", "/publications/1")
    ]
    found += [
        ("admin", path)
        for path in (
            "/operations",
            "/operations/work/rebuild",
            "/operations/work/none",
            "/today",
            f"/operations/entries/{'0' * 32}",
        )
    ]
    found += [("admin", f"/administration/{kind}{rest}") for kind in KINDS for rest in ("", "/define", "?at=never")]
    found += [
        ("admin", path)
        for path in ("/administration/erasure", "/administration/schedules", "/administration/castle", *_sites(house))
    ]
    return [*found, ("nobody", "/")]


def _sites(house: House) -> list[str]:
    """The history of a site, and the form that changes it."""
    sites = house.api("admin").get("/api/v1/provider/site").json()["definitions"]
    return [
        f"/administration/site/{page}?key={quote(one['key'])}" for one in sites[:1] for page in ("history", "define")
    ]


def _of_clinicians(reference: str) -> list[str]:
    assert may("clinician", "charts")
    own = ("", "?retracted=1", "?as_of=2020-01-01T00:00", "?as_of=never", "?from=1999-01-01&to=1999-01-02")
    return [
        "/today", "/clients", "/clients?level=alumni&state=died", "/clients/new", "/group-session", "/definitions", "/no/page",
        "/duplicates", f"/clients/{reference}/merge", f"/clients/{reference}/overlaps",
        f"/clients/{reference}/record/score-instrument?instrument=phq9", f"/clients/{reference}/record/score-instrument?instrument=bam",
        "/clients/NOBODY", "/dashboards/none", "/dashboards/census?from=never", "/clients/NOBODY/record/none",
        *(f"/clients/{reference}{query}" for query in own), f"/clients/{reference}/history",
    ]  # fmt: skip


def _of_auditors(reference: str) -> list[str]:
    between = f"/clients/{reference}/history?known_from=2001-01-01T00:00"
    return [
        "/audit/access",
        "/audit/access-log",
        "/audit/access-log?person=nobody",
        "/audit/integrity",
        "/audit/checks/logs",
        "/audit/checks/replay",
        "/audit/checks/none",
        "/audit/numbers",
        "/audit/numbers?report=completion&known_from=2001-01-01T00:00",
        "/audit/numbers?known_from=never",
        f"/clients/{reference}/audit-package",
        f"/clients/{reference}/disclosures",
        f"/clients/{reference}/history",
        between,
        "/operations",
    ]
