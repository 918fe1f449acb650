"""axe-core finds nothing to object to: on every page of every role, in every state, in light and dark, wide and narrow."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

import pytest
from playwright.sync_api import Page, expect
from pydantic import SecretStr

from api.app import create_app
from api.http.access import ROLES
from infra.bootstrap import open_services
from infra.settings import Settings
from tests.browser.axe import WIDE, in_every_look, violations
from tests.browser.conftest import Begin, running
from tests.browser.places import CHART, pages_of
from tests.browser.shapes import Shape, shapes, shown
from tests.day import before
from tests.depth import LONG, by_night


@pytest.fixture
def reader(begin: Begin) -> Page:
    """A page whose charts stay undrawn: to axe a chart is one picture, and drawing it takes most of the time."""
    context = begin(viewport=WIDE)
    context.route("**/plotly.min.js", lambda route: route.fulfill(content_type="text/javascript", body=""))
    return context.new_page()


@pytest.fixture(scope="session")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a server that holds nothing yet."""
    folder = tmp_path_factory.mktemp("empty")
    settings = Settings(database_url=SecretStr(f"sqlite:///{folder / 'log.db'}"), demo=True)
    with running(create_app(open_services(settings))) as address:
        yield address


@pytest.fixture(scope="session")
def unconnected(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a server that nobody can sign in to."""
    folder = tmp_path_factory.mktemp("unconnected")
    settings = Settings(database_url=SecretStr(f"sqlite:///{folder / 'log.db'}"))
    with running(create_app(open_services(settings))) as address:
        yield address


def sign_in(page: Page, address: str, role: str) -> None:
    page.goto(address)
    page.get_by_role("button", name=f"Continue as {role}").click()
    page.wait_for_url(re.compile(r"/(today|reports|publications|operations)"))


def an_entry(page: Page, address: str) -> str:
    """An entry that can be corrected, as the chart links to it; nothing for roles that correct none."""
    page.goto(f"{address}/clients/{CHART}")
    link = page.locator("a[href*='/entries/']").first
    return str(link.get_attribute("href")).rpartition("/")[2] if link.count() else ""


@pytest.fixture(scope="session")
def seen() -> set[Shape]:
    """What the pages are made of that axe has looked at."""
    return set()


def worth_a_look(pages: Mapping[str, frozenset[Shape]], seen: set[Shape]) -> Iterator[str]:
    """The pages with an element of a kind that axe has not seen yet, the most of them first; by night every page."""
    left = dict(pages)
    while left:
        path = max(left, key=lambda path: len(left[path] - seen))
        new = left.pop(path) - seen
        if not new and not LONG:
            return
        seen |= new
        yield path


@pytest.mark.parametrize("role", ROLES)
def test_every_page_of_a_role(reader: Page, address: str, seen: set[Shape], role: str) -> None:
    sign_in(reader, address, role)
    entry = an_entry(reader, address) if role == "clinician" else ""

    def read(path: str) -> str:
        answer = reader.request.get(address + path)
        assert answer.status == (404 if path == "/nothing-here" else 200), path
        return answer.text()

    pages = {path: shapes(read(path)) for path in pages_of(role, entry, read)}
    found: list[str] = []
    for path in worth_a_look(pages, seen):
        reader.goto(address + path)
        found += [f"{path}: {one}" for one in in_every_look(reader)]
    assert found == []


THEN = f"{before(days=30):%Y-%m-%dT12:00}"
STATES = {
    "as known before": ("auditor", f"/clients/{CHART}?as_of={THEN}", "Viewing as known on"),
    "right after an entry": ("clinician", f"/clients/{CHART}?at_entry=2", "Viewing the chart right after entry 2"),
    "not known then": ("auditor", f"/clients/{CHART}?as_of=2001-01-01T00:00", "Not known then"),
    "entered in error shown": ("clinician", f"/clients/{CHART}?retracted=1", "Timeline"),
    "a kind without entries": (
        "clinician",
        f"/clients/{CHART}?kind=incident&from=2001-01-01&to=2001-01-02",
        "No entry",
    ),
    "what became known": ("auditor", f"/clients/{CHART}/history?known_from={THEN}", "What became known"),
    "as of": ("clinician", f"/dashboards/completion?as_of={THEN}", "As known on"),
    "a bad filter": ("clinician", "/dashboards/completion?as_of=yesterday", "is not a date and time"),
    "no numbers": ("clinician", "/dashboards/completion?from=1999-01-01&to=1999-01-02", "No numbers"),
    "no such number": ("clinician", "/dashboards/status/number?number=joy", "This number cannot be opened"),
    "no dashboard": ("analyst", "/dashboards/nothing", "No such dashboard"),
    "no chart": ("clinician", "/clients/NOBODY", "No such chart"),
    "not for the role": ("reporting", "/today", "Not for your role"),
    "a number for ever": ("reporting", "/publications/1/census-month?period=1999-01&group=&column=x", "no such number"),
    "no publication": ("reporting", "/publications/99", "Choose one from the list"),
    "a filtered list": ("clinician", "/clients?level=intensive_outpatient", "clients"),
    "nobody fits": ("clinician", "/clients?site=nowhere", "No client matches"),
}


@pytest.mark.parametrize("state", STATES)
def test_every_state(reader: Page, address: str, seen: set[Shape], state: str) -> None:
    role, path, text = STATES[state]
    sign_in(reader, address, role)
    page = reader.request.get(address + path).text()
    assert text in shown(page)
    for _ in worth_a_look({path: shapes(page)}, seen):
        reader.goto(address + path)
        assert in_every_look(reader) == []


def test_nobody_found(reader: Page, address: str) -> None:
    sign_in(reader, address, "clinician")
    reader.locator("#find").fill("nobody of this name")
    reader.keyboard.press("Enter")
    expect(reader.get_by_role("alert")).to_contain_text("No chart")
    assert in_every_look(reader) == []


def test_pages_of_a_server_that_holds_nothing_yet(reader: Page, empty: str, seen: set[Shape]) -> None:
    found: list[str] = []
    for role in ("clinician", "auditor"):
        sign_in(reader, empty, role)

        def read(path: str) -> str:
            return reader.request.get(empty + path).text()

        pages = {path: shapes(read(path)) for path in pages_of(role, "x", read) if CHART not in path}
        for path in worth_a_look(pages, seen):
            reader.goto(empty + path)
            found += [f"{path}: {one}" for one in violations(reader)]
        reader.context.clear_cookies()
    assert found == []


def test_signing_in(reader: Page, address: str, unconnected: str) -> None:
    reader.goto(address)
    assert in_every_look(reader) == []
    reader.goto(unconnected)
    expect(reader.get_by_role("heading", name="No sign-in is set up")).to_be_visible()
    assert in_every_look(reader) == []


def test_an_open_menu_and_open_entries(reader: Page, address: str) -> None:
    sign_in(reader, address, "clinician")
    reader.goto(f"{address}/clients/{CHART}")
    for closed in reader.locator("main details:not(.record):has(> summary:visible)").all()[:12]:
        closed.locator("summary").first.click()
    assert violations(reader) == []
    reader.set_viewport_size({"width": 390, "height": 844})
    reader.locator("summary", has_text="Menu").click()
    expect(reader.get_by_role("link", name="Possible duplicates")).to_be_visible()
    assert violations(reader) == []
    reader.keyboard.press("Escape")
    expect(reader.get_by_role("link", name="Possible duplicates")).to_be_hidden()


def test_the_overview_with_its_tables_open(reader: Page, address: str) -> None:
    sign_in(reader, address, "analyst")
    expect(reader.get_by_role("heading", name="At a glance")).to_be_visible()
    for closed in reader.get_by_text("Twelve months").all()[:2]:
        closed.click()
    expect(reader.get_by_role("table", name="Daily average by month")).to_be_visible()
    assert in_every_look(reader) == []


@pytest.mark.parametrize("name", ["completion", by_night("abstinence"), "flow"])
def test_drawn_charts(begin: Begin, address: str, name: str) -> None:
    page = begin(viewport=WIDE).new_page()
    sign_in(page, address, "analyst")
    page.goto(f"{address}/dashboards/{name}")
    expect(page.locator(".chart.drawn .main-svg").first).to_be_visible()
    assert in_every_look(page) == []


@pytest.mark.parametrize("path", ["dashboards/completion?by=level,program", "definitions"])
def test_what_the_columns_mean(reader: Page, address: str, path: str) -> None:
    sign_in(reader, address, "analyst")
    reader.goto(f"{address}/{path}")
    for closed in reader.locator("details.means").all()[:3]:
        closed.locator("summary").click()
    expect(reader.get_by_text("none was recorded").first).to_be_visible()
    assert in_every_look(reader) == []
