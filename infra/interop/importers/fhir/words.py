"""What codes and texts of other systems mean: codes first, then whole known phrases, never a part of a text.

A text that is not one of the phrases means nothing here; codes and text that disagree mean nothing either.
Sources: HCPCS Level II for H- and S-codes, SNOMED CT for presence and absence, HL7 v3 ObservationInterpretation, the
ASAM Criteria for level numbers.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from itertools import product
from typing import Any, Final, TypeVar, get_args

from domain.levels import LEVELS_OF_CARE, Level, title
from domain.vocabulary import IncidentKind, SessionKind
from infra.interop.fhir.coding import SEVERITY_SNOMED, SNOMED
from infra.interop.importers.fhir.parts import as_list, at, codings

T = TypeVar("T")
_OTHER_SIGNS: Final = re.compile(r"[^\w\s().,:\-\u2013\u2014&']")
_HCPCS: Final = ("http://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets", "urn:oid:2.16.840.1.113883.6.285")
_SUFFIXES: Final = ("", " program", " programme", " services", " level of care")
_ASAM_PREFIXES: Final = ("asam ", "level ", "asam level ")
_SESSIONS: Final[Mapping[SessionKind, str]] = {
    "group": "group, group therapy, group psychotherapy, group counseling, group counselling, group session",
    "individual": "individual, individual therapy, individual psychotherapy, individual counseling, "
    "individual counselling, individual session",
    "family": "family, family therapy, family psychotherapy, family counseling, family counselling, family session",
    "family_education": "family education",
    "psychiatric_evaluation": "psychiatric evaluation, psychiatric diagnostic evaluation",
    "medication_management": "medication management, medication management visit",
    "holistic": "holistic",
    "case_management": "case management, case management visit",
    "peer_support": "peer support, peer support session",
    "alumni_meeting": "alumni meeting",
}
_SESSION_OF_HCPCS: Final[Mapping[str, SessionKind]] = {
    "H0004": "individual",
    "H0005": "group",
    "H0006": "case_management",
}
_POSITIVE_WORDS: Final = "positive, pos, detected, reactive, present"
_NEGATIVE_WORDS: Final = (
    "negative, neg, not detected, none detected, undetected, non reactive, nonreactive, not reactive, absent, "
    "no drugs detected, no drug detected, nd none detected, nd not detected, not detected nd, none detected nd, "
    "below detection limit, below limit of detection, below the limit of detection, below cutoff, below cut off"
)
_UNCLEAR_WORDS: Final = (
    "inconclusive, indeterminate, equivocal, invalid, unsatisfactory, not performed, not done, not tested, cancelled, "
    "pending, see comment, presumptive positive, presumptive negative, false positive, false negative"
)
# Whether something is there; None where the result says that nobody knows.
_PRESENCE_CODES: Final[Mapping[tuple[str, str], bool | None]] = {
    (SNOMED, "10828004"): True,  # positive
    (SNOMED, "260373001"): True,  # detected
    (SNOMED, "52101004"): True,  # present
    (SNOMED, "11214006"): True,  # reactive
    (SNOMED, "260385009"): False,  # negative
    (SNOMED, "260415000"): False,  # not detected
    (SNOMED, "2667000"): False,  # absent
    (SNOMED, "131194007"): False,  # non-reactive
    (SNOMED, "419984006"): None,  # inconclusive
    (SNOMED, "82334004"): None,  # indeterminate
    (SNOMED, "42425007"): None,  # equivocal
    (SNOMED, "125154007"): None,  # specimen unsatisfactory for evaluation
    (SNOMED, "262008008"): None,  # not performed
    (SNOMED, "455371000124106"): None,  # invalid result
} | {
    (f"http://terminology.hl7.org/CodeSystem/{system}", value): meaning
    for system in ("v3-ObservationInterpretation", "v2-0078")
    for value, meaning in {
        "POS": True,
        "DET": True,
        "RR": True,
        "NEG": False,
        "ND": False,
        "NR": False,
        "IND": None,
        "E": None,
    }.items()
}


def plain(text: Any) -> str:
    """A text for comparison: words in lower case with one blank between, without the punctuation of names.

    A text with any other sign, such as a question mark or a slash, is compared as nothing: it says more than its words.
    """
    if isinstance(text, str) and _OTHER_SIGNS.search(text):
        return ""
    return " ".join(re.sub(r"[_\W]+", " ", text).casefold().split()) if isinstance(text, str) else ""


def _of_phrases(phrases: Mapping[T, str]) -> dict[str, T]:
    return {phrase: meaning for meaning, names in phrases.items() for phrase in names.split(", ")}


def _level_phrases() -> dict[str, Level]:
    names: dict[Level, str] = {level: care.names for level, care in LEVELS_OF_CARE.items()}
    named: dict[str, Level] = {
        name + suffix: level for name, level in _of_phrases(names).items() for suffix in _SUFFIXES
    }
    initials = {level: care.initials for level, care in LEVELS_OF_CARE.items() if care.initials}
    shortened: dict[str, Level] = {
        f"{name} {initials[level]}": level for name, level in named.items() if level in initials
    }
    numbered: dict[str, Level] = {
        prefix + number: level
        for level, care in LEVELS_OF_CARE.items()
        for prefix, number in product(_ASAM_PREFIXES, care.asam_numbers)
    }
    titled: dict[str, Level] = {plain(title(level)): level for level in LEVELS_OF_CARE}
    return named | shortened | numbered | titled


_LEVEL_PHRASES: Final = _level_phrases()
_SESSION_PHRASES: Final[dict[str, SessionKind]] = _of_phrases(_SESSIONS)
_PRESENCE_PHRASES: Final = _of_phrases({True: _POSITIVE_WORDS, False: _NEGATIVE_WORDS, None: _UNCLEAR_WORDS})
_INCIDENTS: Final = {kind.replace("_", " "): kind for kind in get_args(IncidentKind) if kind != "other"}


class AmbiguousError(ValueError):
    """Codes and texts say different things."""


def level_of(*concepts: Any) -> Level | None:
    """The level of care that these concepts name.

    Raises:
        AmbiguousError: they name several.
    """
    codes: dict[tuple[str, str], Level] = {("urn:carejourney:level", level): level for level in LEVELS_OF_CARE}
    for level, care in LEVELS_OF_CARE.items():
        codes |= {(system, code): level for system in _HCPCS for code in care.hcpcs}
    return _meaning(concepts, codes, _LEVEL_PHRASES)


def words_of(level: Level) -> frozenset[str]:
    """The words of the phrases that name a level of care."""
    return frozenset(word for phrase, named in _LEVEL_PHRASES.items() if named == level for word in phrase.split())


def session_of(*concepts: Any) -> SessionKind | None:
    """The kind of session that these concepts name.

    Raises:
        AmbiguousError: they name several.
    """
    codes: dict[tuple[str, str], SessionKind] = {
        ("urn:carejourney:session", kind): kind for kind in get_args(SessionKind)
    }
    codes |= {(system, value): kind for system in _HCPCS for value, kind in _SESSION_OF_HCPCS.items()}
    return _meaning(concepts, codes, _SESSION_PHRASES)


def incident_of(concept: Any) -> str | None:
    """The kind of incident that a concept names.

    Raises:
        AmbiguousError: it names several.
    """
    codes = {("urn:carejourney:incident", kind): kind for kind in get_args(IncidentKind)}
    return _meaning((concept,), codes, _INCIDENTS)


def severity_of(concept: Any) -> str | None:
    """Mild, moderate or severe, where a concept says one of them.

    Raises:
        AmbiguousError: it says several.
    """
    codes = {(SNOMED, value): name for name, (value, _) in SEVERITY_SNOMED.items()}
    codes |= {("http://terminology.hl7.org/CodeSystem/adverse-event-severity", name): name for name in SEVERITY_SNOMED}
    return _meaning((concept,), codes, {name: name for name in SEVERITY_SNOMED})


def presence_of(*values: Any) -> bool | None:
    """Whether results (a value, its interpretations) say that something is there; None when none says it plainly.

    Raises:
        AmbiguousError: they say both.
    """
    return _meaning(values, _PRESENCE_CODES, _PRESENCE_PHRASES)


def _meaning(concepts: Iterable[Any], codes: Mapping[tuple[str, str], T], phrases: Mapping[str, T]) -> T | None:
    """What the codes mean, else what the texts mean; a text counts where it is a known phrase."""
    by_code: set[T] = set()
    by_text: set[T] = set()
    for concept in concepts:
        for element in as_list(concept) if isinstance(concept, list) else [concept]:
            keys = {(str(coding.get("system")), str(coding.get("code"))) for coding in codings(element)}
            by_code |= {codes[key] for key in keys & codes.keys()}
            by_text |= {phrases[phrase] for phrase in _texts(element) if phrase in phrases}
    meanings = by_code | by_text
    if len(meanings) > 1:
        msg = "its codes and texts disagree"
        raise AmbiguousError(msg)
    return next(iter(meanings), None)


def _texts(concept: Any) -> list[str]:
    if isinstance(concept, str):
        return [plain(concept)]
    return [plain(at(concept, "text")), *(plain(coding.get("display")) for coding in codings(concept))]
