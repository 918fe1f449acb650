"""Whatever is altered is found, and what is untouched is never accused.

Copies of a small log are altered by somebody who can write everything but has no key; 100 are left alone.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest

from tests.depth import cases
from tests.infra.integrity.altering import ALTERATIONS
from tests.infra.integrity.logs import Copy, small_log, verified

ALTERED = cases(1_000, 10_000)
UNTOUCHED = 100


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Copy]:
    """The store that copies are made of; nothing is ever written to it again."""
    yield small_log(tmp_path_factory.mktemp("audit"))[0]


@pytest.fixture(autouse=True)
def few_rows_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Side tables of a small store are read in several parts, as those of a large one are."""
    monkeypatch.setattr("infra.eventstore.sqlite.ROWS_AT_ONCE", 3)


@pytest.mark.parametrize("alter", dict.fromkeys(ALTERATIONS), ids=lambda alter: alter.__name__)
def test_every_alteration_is_found(alter: object, original: Copy, tmp_path: Path) -> None:
    each = [n for n in range(ALTERED) if ALTERATIONS[n % len(ALTERATIONS)] is alter]
    for number in each:
        copy = original.to(original.folder / "altered")
        ALTERATIONS[number % len(ALTERATIONS)](copy, Random(number))
        report = verified(copy)
        assert report.findings, f"alteration {number} was not found"


def test_what_is_untouched_is_never_accused(original: Copy) -> None:
    for _ in range(UNTOUCHED):
        report = verified(original.to(original.folder / "untouched"))
        assert (report.findings, report.notices) == ([], [])
    for known in ({"key": False}, {"saved": False}, {"own": False}, {"saved": False, "own": False, "key": False}):
        assert verified(original, **known).findings == []
