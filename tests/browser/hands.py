"""How somebody works with a page: by pointing at things, or with nothing but the keyboard."""

from __future__ import annotations

import re

from playwright.sync_api import Locator, Page, expect

MOST_TABS = 400


def place_of(list_: Locator, option: str) -> int:
    """Where an option stands in a list, whatever its capitals."""
    names: list[str] = list_.evaluate("list => Array.from(list.options, option => option.label.toLowerCase())")
    return names.index(option.lower())


class Pointing:
    """A person who clicks and types; fields go by the labels that are read on the screen."""

    def __init__(self, page: Page, address: str) -> None:
        self.page = page
        self.address = address

    def open(self, path: str) -> None:
        """Open an address, as from a bookmark."""
        self.page.goto(self.address + path)

    def field(self, label: str) -> Locator:
        """The field of the page's own form under a label."""
        whole = re.compile(rf"^\s*{re.escape(label)}(\s+required)?(?!\w| \w+ required)")
        return self.page.locator("main").get_by_label(whole).first

    def fill(self, label: str, text: str) -> None:
        self.field(label).fill(text)

    def fill_date(self, label: str, iso: str) -> None:
        self.field(label).fill(iso)

    def choose(self, label: str, option: str) -> None:
        self.choose_in(self.field(label), option)

    def choose_in(self, list_: Locator, option: str) -> None:
        list_.select_option(index=place_of(list_, option))

    def tick(self, answer: Locator) -> None:
        """Choose an answer of a row."""
        answer.check()

    def press(self, name: str) -> None:
        self.activate(self.page.locator("main").get_by_role("button", name=name, exact=True).first)

    def follow(self, name: str) -> None:
        self.activate(self.page.locator("main").get_by_role("link", name=name, exact=True).first)

    def unfold(self, text: str) -> None:
        self.activate(self.page.locator("main summary", has_text=text).first)

    def activate(self, target: Locator) -> None:
        target.click()

    def find(self, text: str) -> None:
        """Search for a client from whatever page is open."""
        box = self.page.locator("#find")
        box.fill(text)
        box.press("Enter")

    def sees(self, text: str) -> None:
        expect(self.page.locator("main")).to_contain_text(text)


class Keyboard(Pointing):
    """A person who never points: Tab to what is wanted, then Enter, arrows, digits."""

    def reach(self, target: Locator) -> None:
        """Tab until the focus is there; it must be seen where it is."""
        expect(target).to_be_visible()
        for _ in range(MOST_TABS):
            if target.evaluate("element => element === document.activeElement"):
                ring = target.evaluate("element => getComputedStyle(element).outlineStyle")
                assert ring != "none", f"the focus cannot be seen on {target}"
                return
            self.page.keyboard.press("Tab")
        raise AssertionError(f"Tab never comes to {target}")

    def fill(self, label: str, text: str) -> None:
        self.reach(self.field(label))
        self.page.keyboard.press("Control+a")
        self.page.keyboard.press("Delete")
        self.page.keyboard.type(text)

    def fill_date(self, label: str, iso: str) -> None:
        self.reach(self.field(label))
        year, month, day = iso.split("-")
        self.page.keyboard.type(f"{month}{day}{year}")
        assert self.field(label).input_value() == iso

    def choose_in(self, list_: Locator, option: str) -> None:
        self.reach(list_)
        wanted, here = place_of(list_, option), int(list_.evaluate("list => list.selectedIndex"))
        for _ in range(abs(wanted - here)):
            self.page.keyboard.press("ArrowDown" if wanted > here else "ArrowUp")
        assert int(list_.evaluate("list => list.selectedIndex")) == wanted

    def activate(self, target: Locator) -> None:
        self.reach(target)
        self.page.keyboard.press("Enter")

    def find(self, text: str) -> None:
        self.page.keyboard.press("/")
        self.page.keyboard.type(text)
        self.page.keyboard.press("Enter")

    def tick(self, answer: Locator) -> None:
        """Tab to the row, whose first answer gets the focus, then the arrows."""
        row = answer.locator("xpath=ancestor::fieldset[1]").get_by_role("radio")
        self.reach(
            row.and_(self.page.locator(":checked")) if row.and_(self.page.locator(":checked")).count() else row.first
        )
        while not answer.evaluate("one => one === document.activeElement"):
            self.page.keyboard.press("ArrowRight")
        self.page.keyboard.press("Space")
