"""A long table below the first is folded on a phone, and opened with one tap; wide and on paper it stands whole."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Visitor

PHONE = {"viewport": {"width": 390, "height": 844}}
COMPLETION = "/dashboards/completion"


@pytest.mark.parametrize("visitor", [PHONE], indirect=True, ids=["phone"])
def test_a_phone_unfolds_a_long_table_with_one_tap(visitor: Visitor) -> None:
    page = visitor.sign_in("analyst").page
    visitor.open(COMPLETION)
    folded = page.locator("#table-2 details.folds")
    rows = folded.locator("tbody > tr")
    expect(rows.first).not_to_be_visible()
    height = page.evaluate("document.documentElement.scrollHeight")
    folded.locator("summary").click()
    expect(rows.first).to_be_visible()
    assert page.evaluate("document.documentElement.scrollHeight") > height * 1.3


def test_wide_and_printed_it_stands_whole(visitor: Visitor) -> None:
    page = visitor.sign_in("analyst").page
    visitor.open(COMPLETION)
    rows = page.locator("#table-2 tbody > tr")
    expect(rows.last).to_be_visible()
    expect(page.locator("#table-2 details.folds > summary")).not_to_be_visible()
    page.emulate_media(media="print")
    page.set_viewport_size({"width": 390, "height": 844})
    expect(rows.last).to_be_visible()
