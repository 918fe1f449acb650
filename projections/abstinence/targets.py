"""Which substances count as use: named sets of targets, without what the client is prescribed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Final

from projections.abstinence.substances import CLASSES, class_of

TARGET_SETS: Final[Mapping[str, frozenset[str]]] = {
    "opioid": frozenset({"opioid", "methadone", "buprenorphine"}),
    "alcohol": frozenset({"alcohol"}),
    "cocaine": frozenset({"cocaine"}),
    "any_illicit": CLASSES - {"alcohol", "nicotine"},
}
"""The named sets a measure may ask for; ``any_illicit`` also takes substances that nobody listed."""

DEFAULT_TARGETS: Final = "opioid"

# A panel cannot tell one opioid (heroin) from another that is prescribed, so "opioid" is never expected.
_EXPECTABLE: Final = frozenset({"buprenorphine", "methadone", "benzodiazepine", "amphetamine"})


@lru_cache(maxsize=1024)
def _expected_of(drug: str, drug_class: str) -> str | None:
    kind = "buprenorphine" if drug_class.casefold() == "partial_agonist" else class_of(drug)
    return kind if kind in _EXPECTABLE else None


def expected(prescribed: Mapping[str, str]) -> frozenset[str]:
    """The classes of substance that the prescribed drugs explain; ``prescribed`` maps drug to drug class.

    Any partial agonist explains buprenorphine, methadone explains methadone. Naltrexone explains nothing.
    """
    kinds = (_expected_of(drug, drug_class) for drug, drug_class in prescribed.items())
    return frozenset(kind for kind in kinds if kind is not None)


def shows_use(positive: Iterable[str], prescribed: Mapping[str, str], targets: str = DEFAULT_TARGETS) -> bool:
    """Whether a screen that found ``positive`` shows use of a target substance.

    ``prescribed`` maps each drug the client is on that day to its class; ``targets`` names a target set.
    An unknown set raises ``KeyError``. Source: the target lists of CTN-0094, by treatment arm.
    """
    wanted = TARGET_SETS[targets]
    found = {class_of(name) for name in positive}
    if targets == "any_illicit":
        found -= CLASSES - wanted
    else:
        found &= wanted
    return bool(found) and bool(found - expected(prescribed))
