"""What 42 CFR 2.31(a) asks of a consent and is missing, on paper and in the record."""

from __future__ import annotations

from datetime import date

import pytest

from domain.consent_elements import STATEMENTS, is_for_care, missing_in, missing_on_paper
from domain.events import ConsentFormDefined, ConsentGiven
from domain.vocabulary import ConsentStatement

FORM = ConsentFormDefined(form="f", name="A form", disclosed=("attendance",), purpose="supervision by the court")
FOUR: tuple[ConsentStatement, ...] = ("client_name", "discloser", "revocation", "signature")
GIVEN = ConsentGiven(
    consent_id="c", recipient="r", purpose="supervision", scope="attendance", expires_on=date(2027, 1, 1)
)


@pytest.mark.parametrize("purpose", ["treatment", " Payment", "TPO", "treatment,  payment and operations"])
def test_a_form_for_care_has_to_say_more(purpose: str) -> None:
    form = FORM.model_copy(update={"states": FOUR})
    assert missing_on_paper(form) == []
    more = missing_on_paper(form.model_copy(update={"purpose": purpose}))
    assert more == [STATEMENTS["redisclosure"], STATEMENTS["refusal"]]
    assert is_for_care(purpose)


def test_a_form_that_says_nothing_lacks_everything() -> None:
    assert missing_on_paper(FORM) == [STATEMENTS[one] for one in FOUR]


@pytest.mark.parametrize(
    ("without", "missing"),
    [
        ({}, []),
        ({"scope": None}, ["scope"]),
        ({"expires_on": None}, ["expires_on"]),
        ({"expires_on": None, "purpose": "payment"}, []),
        ({"expires_on": None, "scope": None}, ["scope", "expires_on"]),
    ],
)
def test_a_consent_lacks_what_it_does_not_say(without: dict[str, str | None], missing: list[str]) -> None:
    assert list(missing_in(GIVEN.model_copy(update=without))) == missing
