"""Two charts of one person with a stay each at the same time, told at the screen: found, asked about, merged, undone."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from tests.api.access.conftest import make_house
from tests.browser.axe import in_every_look
from tests.browser.conftest import Begin, running
from tests.browser.hands import Keyboard, Pointing


@pytest.fixture
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Two charts, both in residential care, at two sites."""
    found = make_house(f"sqlite:///{tmp_path_factory.mktemp('merging')}/log.db")
    found.admit("A-1", "north")
    found.admit("B-2", "south")
    with running(found.app) as address:
        yield address
    for client in found.open:
        client.close()


@pytest.mark.parametrize("kind", [Pointing, Keyboard])
def test_one_person_in_two_beds_is_merged_into_one(begin: Begin, house: str, kind: type[Pointing]) -> None:
    scripts = kind is Keyboard
    page = begin(java_script_enabled=scripts, viewport={"width": 1280, "height": 900}).new_page()
    person = kind(page, house)
    person.open("/")
    person.press("Continue as clinician")
    expect(page.locator("header")).to_contain_text("Sign out")
    person.open("/today")
    person.follow("Possible duplicates: charts that may be one person's")
    person.sees("sounds alike, born on the same day")
    if scripts:
        assert in_every_look(page) == []
    person.activate(page.get_by_role("link", name="See both: A-1 and B-2"))
    person.sees("Are A-1 and B-2 the same person?")
    person.sees("Overlap 1: which counts?")
    if scripts:
        assert in_every_look(page) == []
    southern = page.get_by_role("radio", name="chart B-2")
    button, label = southern.bounding_box(), page.locator("label", has=southern).bounding_box()
    assert button is not None and label is not None
    assert button["x"] - label["x"] < 10 and label["height"] < 2 * button["height"]  # beside its words
    if isinstance(person, Keyboard):
        person.reach(page.get_by_role("radio").first)
        page.keyboard.press("ArrowDown")
    else:
        southern.check()
    expect(southern).to_be_checked()
    person.press("Yes, merge the two charts")
    expect(page.get_by_role("status").first).to_contain_text("Saved")
    person.sees("Chart B-2 was merged into this one.")
    expect(page.locator("details.entry .flag", has_text="not counted")).to_have_count(1)

    person.open("/clients/B-2")
    person.sees("Chart B-2 was merged")
    expect(page.locator("main form")).to_have_count(0)
    if scripts:
        assert in_every_look(page) == []
    person.follow("Open chart A-1")

    person.follow("Undo the merge")
    person.fill("Why it is taken back", "two people after all")
    person.press("Take back")
    expect(page.locator("details.entry .flag", has_text="not counted")).to_have_count(0)
    person.open("/clients/B-2")
    expect(page.get_by_role("heading", level=1)).to_have_text("Simulated Person")
