"""Papers say sites and staff by the names that the provider gave them, wherever an entry holds their keys."""

from __future__ import annotations

import io

import pytest
from pypdf import PdfReader

from api.http.examples import DEFINITIONS
from api.web.dashboards.paper import maker
from infra.identity.people import operator
from tests.api.access.conftest import House
from tests.api.access.test_print_page import send, text_of


def define_thing(house: House, kind: str, **data: object) -> None:
    """Define a thing of the provider's from January on."""
    body = {"occurred_at": "2026-01-05T00:00:00Z", "data": DEFINITIONS[f"define-{kind}"] | data}
    answer = house.api("admin").post(f"/api/v1/provider/commands/define-{kind}", json=body)
    assert answer.status_code == 201, answer.text
    house.services.catch_up()


@pytest.fixture
def named_house(house: House) -> House:
    """A client at the site ``north`` with ``clinician-7``, both defined under names of their own."""
    define_thing(house, "site", site=" NORTH ", name="Lakeside Campus")
    define_thing(house, "staff", name="Ada Counselor")
    house.admit("A-1", "north")
    return house


@pytest.mark.parametrize("kind", ["summary", "discharge-summary"])
@pytest.mark.parametrize("language", ["en", "es"])
def test_a_paper_says_names(named_house: House, kind: str, language: str) -> None:
    paper = text_of(send(named_house.browser("clinician"), kind=kind, language=language))
    assert "Harbor, Lakeside Campus, Ada Counselor" in " ".join(paper.split())
    assert "north" not in paper
    assert "clinician-7" not in paper


def test_what_is_not_defined_keeps_its_key(house: House) -> None:
    house.admit("A-1", "north")
    assert "Harbor, north, clinician-7" in " ".join(text_of(send(house.browser("clinician"))).split())


def test_a_saved_views_paper_says_names(named_house: House) -> None:
    services = named_house.services
    view = services.views.save(operator("view").person, "Where", "status", {"by": "site"}, shared=True)
    made = maker(services)(view, "en", services.today())
    paper = " ".join(page.extract_text() for page in PdfReader(io.BytesIO(made)).pages)
    assert "Lakeside Campus" in paper
    assert "north" not in paper
