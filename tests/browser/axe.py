"""axe-core on an open page, in light and dark, wide and narrow."""

from __future__ import annotations

import subprocess
from collections.abc import Generator
from contextlib import contextmanager, nullcontext
from functools import cache
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, ViewportSize

from tests.depth import LONG

HERE = Path(__file__).parent.parent.parent / "tools" / "axe"
WIDE: ViewportSize = {"width": 1280, "height": 900}
NARROW: ViewportSize = {"width": 390, "height": 844}
# WCAG 2.2 at levels A and AA, and what the engine's authors hold to be good practice.
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa", "best-practice"]
LOOKING: dict[str, Any] = {"runOnly": {"type": "tag", "values": RULES}, "resultTypes": ["violations"]}
FITTING: dict[str, Any] = {
    "runOnly": {"type": "rule", "values": ["color-contrast", "target-size", "scrollable-region-focusable"]},
    "resultTypes": ["violations"],
}
SPARE = "tbody > tr:nth-child(n + 7), :is(ol, ul) > li:nth-child(n + 13), option:nth-child(n + 13):not(:checked)"
TAKE = """spare => { window.taken = [...document.querySelectorAll(spare)].map(row => {
  const place = document.createComment(""); row.replaceWith(place); return [place, row]; }) }"""
PUT_BACK = "window.taken.forEach(([place, row]) => place.replaceWith(row))"


@cache
def engine() -> str:
    """The text of the engine, installed by npm from its lock file on first use."""
    subprocess.run([HERE.parent / "npm", HERE], check=True, capture_output=True)
    return (HERE / "node_modules" / "axe-core" / "axe.min.js").read_text()


def violations(page: Page, options: dict[str, Any] = LOOKING) -> list[str]:
    """What axe finds on the page as it is now: rule, place and why, one a line."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(engine())
    found = page.evaluate("options => axe.run(document, options)", options)
    return [
        f"{one['id']}: {' '.join(map(str, node['target']))}: {' '.join(node['failureSummary'].split())}"
        for one in found["violations"]
        for node in one["nodes"]
    ]


def beyond_narrow_screens(page: Page) -> list[str]:
    """Whether the page is wider than 320 and 390 px; the screen stays at the second of these."""
    found: list[str] = []
    for width in (320, NARROW["width"]):
        page.set_viewport_size({**NARROW, "width": width})
        beyond = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        found += [f"{beyond} px wider than a screen of {width}"] if beyond > 0 else []
    return found


@contextmanager
def without_spare_rows(page: Page) -> Generator[None]:
    """A page with the first rows of each long table and list only: nearly all of axe's time goes into rows of one template."""
    page.evaluate(TAKE, SPARE)
    yield
    page.evaluate(PUT_BACK)


def in_every_look(page: Page) -> list[str]:
    """What axe finds on a wide light screen and on a narrow dark one; and whether the page fits 390 and 320 px.

    By day axe sees the first rows of each long table or list.
    """
    page.emulate_media(color_scheme="dark")
    found = beyond_narrow_screens(page)
    with nullcontext() if LONG else without_spare_rows(page):
        found += [f"narrow and dark: {one}" for one in violations(page, FITTING)]
        page.emulate_media(color_scheme="light")
        page.set_viewport_size(WIDE)
        return [*violations(page), *found]
