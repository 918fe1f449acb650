"""A list of people fits its card on a desk's screen, however long a flag is."""

from __future__ import annotations

from tests.browser.conftest import Visitor

WIDER = (
    "boxes => boxes.filter(box => box.scrollWidth > box.clientWidth + 1).map(box => box.scrollWidth - box.clientWidth)"
)


def test_the_list_of_clients_needs_no_scrolling_sideways(visitor: Visitor) -> None:
    visitor.sign_in("clinician")
    visitor.open("/clients")
    page = visitor.page
    page.locator("td .flag").first.evaluate(
        "flag => { flag.textContent = 'The 365-day follow-up is overdue '.repeat(3); }"
    )
    assert page.locator(".scroll").evaluate_all(WIDER) == []
