"""Axes of charts name months and days in the language of the page, the day first as its tables do."""

from __future__ import annotations

import re

import pytest

from tests.browser.conftest import Visitor

LABELS = ".chart.drawn .xtick text"


def axis(visitor: Visitor, path: str) -> list[str]:
    visitor.open(path)
    visitor.page.locator(LABELS).first.wait_for(state="attached")
    return visitor.page.locator(LABELS).all_text_contents()


@pytest.mark.parametrize("visitor", [{"locale": "es-US"}], indirect=True)
def test_the_axis_of_a_spanish_page_is_spanish(visitor: Visitor) -> None:
    visitor.page.goto(visitor.address + "/")
    visitor.page.locator("main form button").first.click()
    named = " | ".join(axis(visitor, "/dashboards/prevalence"))
    assert re.search(r"\b(ene|abr|ago|dic) 20\d\d", named), named
    assert not re.search(r"\b(Jan|Apr|Aug|Dec)\b", named), named


def test_a_day_stands_before_its_month(visitor: Visitor) -> None:
    visitor.sign_in("clinician")
    named = " | ".join(axis(visitor, "/dashboards/census"))
    assert re.search(r"\b\d{1,2} [A-Z][a-z]{2}", named), named
    assert not re.search(r"\b[A-Z][a-z]{2} \d{1,2}\b", named), named
    assert visitor.errors == []
