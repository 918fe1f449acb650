"""Which substances a measure looks for: targets by set, class or name."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Final, cast

from projections.clinical.screens import unexpected
from projections.clinical.substances import CLASSES, class_of, is_listed, plain_name

Targets = tuple[str, ...]
"""What counts as use: sets, classes and names, any of which is enough; as ``targets_of`` writes them."""

_LEGAL: Final = frozenset({"alcohol", "nicotine"})
TARGET_SETS: Final[Mapping[str, frozenset[str]]] = {
    "opioid": frozenset({"opioid", "methadone", "buprenorphine"}),
    "other_opioid": frozenset({"opioid"}),
    "any_illicit": CLASSES - _LEGAL,
}
"""Sets of classes with a name of their own, which goes before the class that bears the same.

``any_illicit`` also takes substances that nobody listed; ``other_opioid`` is the class of opioids without methadone
and buprenorphine, which are classes of their own.
"""

DEFAULT_TARGETS: Final[Targets] = ("opioid",)
UNLISTED: Final = "unlisted:"


def targets_of(written: object) -> Targets:
    """Targets as somebody wrote them: one or several, each a set, a class, a name, or ``unlisted:`` and a name.

    Raises:
        ValueError: nothing to look for, or a name that is not known here; the message says the remedy.
    """
    several = [written] if isinstance(written, str) else written
    if not isinstance(several, Sequence) or not several:
        raise ValueError('give a set, a class or a name of a substance, or a list of them: ["fentanyl", "xylazine"]')
    return tuple(dict.fromkeys(_target(item) for item in cast("Sequence[object]", several)))


def _target(written: object) -> str:
    if not isinstance(written, str):
        raise ValueError(f"unknown targets; {_REMEDY}")
    name = written.strip().casefold()
    if name in TARGET_SETS:
        return name
    plain = plain_name(name.removeprefix(UNLISTED))
    if name.startswith(UNLISTED) and plain != plain_name(""):
        return UNLISTED + plain
    if plain not in CLASSES and not is_listed(plain):
        raise ValueError(f"unknown targets {written!r}; {_REMEDY}")
    return plain


_REMEDY: Final = (
    f"use a set ({', '.join(TARGET_SETS)}), a class ({', '.join(sorted(CLASSES - set(TARGET_SETS)))}) or the name of a "
    f'substance; one that is not listed is written as "{UNLISTED}NAME"'
)


@lru_cache(maxsize=4096)
def is_target(name: str, targets: Targets) -> bool:
    """Whether a substance that was found is among the targets."""
    return any(_is_of(plain_name(name), class_of(name), target) for target in targets)


def _is_of(name: str, kind: str, target: str) -> bool:
    if target == "any_illicit":
        return kind not in _LEGAL
    if target in TARGET_SETS:
        return kind in TARGET_SETS[target]
    if target in CLASSES:
        return kind == target
    return name == target.removeprefix(UNLISTED)


def shows_use(positive: Iterable[str], prescribed: Mapping[str, str], targets: Targets = DEFAULT_TARGETS) -> bool:
    """Whether a screen that found ``positive`` shows use of a target substance.

    ``prescribed`` maps each drug the client is on that day to its class. Source: the target lists of CTN-0094, by
    treatment arm.
    """
    return any(is_target(name, targets) for name in unexpected(positive, prescribed))
