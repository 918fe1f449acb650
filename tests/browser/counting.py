"""What a task costs somebody: presses of the pointer, keys, and pages that are loaded, counted by the browser itself."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import Locator, Page

_LISTENING = """
addEventListener("pointerdown", event => { if (event.isTrusted) window.costs("clicks"); }, true);
addEventListener("keydown", event => { if (event.isTrusted) window.costs("keys"); }, true);
"""


class Counted:
    """Counts from now on what is done on a page; nothing is filled in but by pointer and keys."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.clicks = self.keys = self._loads = 0
        page.expose_function("costs", self._cost)
        page.add_init_script(_LISTENING)
        page.on("load", self._loaded)

    @property
    def loads(self) -> int:
        """The pages loaded so far; of the one that is open its end is waited for, since what it shows comes before."""
        self.page.wait_for_load_state("load")
        return self._loads

    def begin(self) -> None:
        """Start at nothing, on the page that is open."""
        self.page.reload()
        self.clicks = self.keys = self._loads = 0

    def click(self, target: Locator) -> None:
        target.click()

    def type(self, target: Locator, text: str) -> None:
        """Point at a field and type into it."""
        target.click()
        self.page.keyboard.type(text)

    def _cost(self, what: str) -> None:
        setattr(self, what, getattr(self, what) + 1)

    def _loaded(self, _: Any) -> None:
        self._loads += 1
