"""Texts that say the opposite of what stands beside them: a code, or a phrase that is known here.

A text that is no known phrase means nothing by itself (``words``), but a word of refusal, doubt or negation in it is
enough to leave a resource over: "Refused residential" beside the code of residential care is no stay.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from itertools import pairwise
from typing import Any, Final

from infra.interop.fhir.drug_tests import URINE
from infra.interop.importers.fhir.parts import at, codings


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


_DOUBTS: Final = _set(
    "refused declined cancelled canceled denied rejected invalid inconclusive indeterminate equivocal pending "
    "unconfirmed presumptive false suspected possible probable error disregard"
)
_DENIALS: Final = _set("no not non none never negative neg absent undetected nonreactive below without")
_FINDINGS: Final = _set("positive pos detected reactive present")
_NO_CARE: Final = _set(
    "refused declined cancelled canceled denied rejected ineligible deferred waitlist waitlisted no not never former "
    "formerly"
)
_NO_DRUG: Final = _NO_CARE | _set(
    "none without allergic allergy allergies intolerant intolerance contraindicated adverse reaction stop stopped "
    "discontinue discontinued dc hold held refuses refusing declines declining denies unknown error disregard naive"
)
_BEFORE: Final = frozenset({"non", "pre", "post"})
_NO_DIAGNOSIS: Final = re.compile(
    r"(no|not|denies|denied|without|rule out|ruled out|r o|suspected|possible|probable|questionable|family history|fh|"
    r"history of|h o|hx of|screening for|screen for|at risk|risk of)\b|.*\b(ruled out|not present|denied)$"
)
_FAMILY_OF: Final[Mapping[str, str]] = {
    "alcohol": "F10",
    **dict.fromkeys(("opioid", "opioids", "opiate", "opiates", "heroin"), "F11"),
    **dict.fromkeys(("cannabis", "marijuana"), "F12"),
    **dict.fromkeys(("sedative", "sedatives", "benzodiazepine", "benzodiazepines"), "F13"),
    **dict.fromkeys(("cocaine", "crack"), "F14"),
    **dict.fromkeys(("amphetamine", "amphetamines", "methamphetamine", "stimulant", "stimulants"), "F15"),
    **dict.fromkeys(("nicotine", "tobacco"), "F17"),
}


def texts_of(concepts: Iterable[Any]) -> list[str]:
    """What concepts say for people, and their codings."""
    texts: list[Any] = []
    for concept in concepts:
        texts += (
            [concept]
            if isinstance(concept, str)
            else [at(concept, "text"), *(coding.get("display") for coding in codings(concept))]
        )
    return [text for text in texts if isinstance(text, str) and text.strip()]


def denies_finding(text: str, *, is_positive: bool) -> bool:
    """Whether a text says the opposite of a result, or that nobody is sure of it."""
    words = _words(text)
    if "?" in text or words & _DOUBTS:
        return True
    return bool(words & _DENIALS) if is_positive else bool(words & _FINDINGS) and not words & _DENIALS


def denies_care(text: str, names: Collection[str]) -> bool:
    """Whether a text says that a kind of care was none; ``names`` are the words by which it goes."""
    words = words_of(text)
    return "?" in text or bool(_NO_CARE & set(words)) or any(a in _BEFORE and b in names for a, b in pairwise(words))


def denies_drug(text: str) -> bool:
    """Whether a text says that a drug is not taken, not tolerated or not wanted."""
    return "?" in text or bool(_NO_DRUG & _words(text))


def denies_diagnosis(text: str, icd10: str) -> bool:
    """Whether a text says that a diagnosis is none, is somebody else's, or is of another substance than the code's."""
    words = _words(text)
    families = {family for word, family in _FAMILY_OF.items() if word in words}
    is_other = icd10[:3] in _FAMILY_OF.values() and bool(families) and icd10[:3] not in families
    return "?" in text or is_other or _NO_DIAGNOSIS.match(" ".join(words_of(text))) is not None


def names_other_substance(text: str, substance: str) -> bool:
    """Whether a text names substances, and not the one that was tested for."""
    spaced = f" {' '.join(words_of(text))} "
    named = {test.name for test in URINE if any(f" {word.replace('-', ' ')} " in spaced for word in test.words)}
    return bool(named) and substance not in named


def _words(text: str) -> set[str]:
    return set(words_of(text))


def words_of(text: str) -> list[str]:
    """The words of a text in their order, in lower case; signs between them are left out."""
    return re.findall(r"[^\W_]+", text.casefold())
