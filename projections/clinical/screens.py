"""Screens: what they found that nothing prescribed explains."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Final

from domain.entries import Entry
from domain.events import DrugScreenResulted
from projections.clinical.medication import Medications
from projections.clinical.substances import class_of, plain_name

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


def unexpected(positive: Iterable[str], prescribed: Mapping[str, str]) -> frozenset[str]:
    """The plain names of what a screen found and no prescribed drug explains.

    ``prescribed`` maps each drug the client is on that day to its class.
    """
    names = [plain_name(name) for name in positive]
    if not names:
        return frozenset()
    explained = expected(prescribed)
    return frozenset(name for name in names if class_of(name) not in explained)


def unexplained(entry: Entry, prescribed: Medications) -> list[str]:
    """What a valid screen found and no drug prescribed then explains, by its own names; nothing of other entries.

    What a prescription explains is no sign of use: nobody needs to act on it.
    """
    screen = entry.event
    if not isinstance(screen, DrugScreenResulted) or screen.valid is False or not screen.positive:
        return []
    left = unexpected(screen.positive, prescribed.classes_at(entry))
    return [name for name in screen.positive if plain_name(name) in left]
