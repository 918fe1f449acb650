"""What 42 CFR 2.31(a) asks of a written consent, and what of it is missing: on a printed form, or in what is recorded.

The client's name, who discloses, how a consent is taken back, signature and date stand on the paper; what is disclosed,
to whom, for what and until when are recorded with the consent as well.
"""

from __future__ import annotations

from typing import Final

from domain.events.people import ConsentGiven
from domain.events.provider import ConsentFormDefined
from domain.phrases import Phrase
from domain.vocabulary import ConsentStatement

# One consent for all future treatment, payment and operations may be given (42 CFR 2.31(a)(4)(iii), since 2024).
CARE: Final = frozenset({"treatment", "payment", "operations"})
ALL_CARE: Final = frozenset(
    {"tpo", "treatment, payment and operations", "treatment, payment, and health care operations"}
)

STATEMENTS: Final[dict[ConsentStatement, Phrase]] = {
    "client_name": Phrase("The client's name (42 CFR 2.31(a)(1))"),
    "discloser": Phrase("Who may disclose (42 CFR 2.31(a)(2))"),
    "revocation": Phrase("The right to take it back, and how (42 CFR 2.31(a)(6))"),
    "signature": Phrase("Room for signature and date (42 CFR 2.31(a)(8) and (9))"),
    "redisclosure": Phrase("That the recipient may pass it on (42 CFR 2.31(a)(10)(i))"),
    "refusal": Phrase("What follows if the client does not sign (42 CFR 2.31(a)(10)(ii))"),
}
_FOR_CARE: Final[frozenset[ConsentStatement]] = frozenset(
    {"redisclosure", "refusal"}
)  # asked where it is for treatment, payment or operations


def is_for_care(purpose: str | None) -> bool:
    """Whether a purpose is treatment, payment or health care operations."""
    return " ".join((purpose or "").casefold().split()) in CARE | ALL_CARE


def missing_on_paper(form: ConsentFormDefined) -> list[Phrase]:
    """What the printed form does not say and has to."""
    stated, care = form.states or (), is_for_care(form.purpose)
    unstated = {statement: words for statement, words in STATEMENTS.items() if statement not in stated}
    return [words for statement, words in unstated.items() if care or statement not in _FOR_CARE]


def missing_in(consent: ConsentGiven) -> dict[str, Phrase]:
    """What a consent does not say and has to, by the field that would say it."""
    missing: dict[str, Phrase] = {}
    if not consent.scope:
        missing["scope"] = Phrase("42 CFR 2.31(a)(3) asks for it; left empty, it is the whole record")
    if consent.expires_on is None and not is_for_care(consent.purpose):
        missing["expires_on"] = Phrase("42 CFR 2.31(a)(7) asks for it; left empty, it never ends")
    return missing
