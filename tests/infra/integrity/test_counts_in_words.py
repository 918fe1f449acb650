"""One entry is one entry: in what a check of the log says, in the offline verifier and in a package's README."""

from __future__ import annotations

import re
from typing import Any

import pytest

from infra.integrity.heads import Head
from infra.integrity.package_texts import readme
from infra.integrity.scan import Scan
from infra.integrity.verify import _notices, _wrong_roots
from tests.conftest import ROOT
from tests.infra.integrity.sealed import SealedLog, file_log


@pytest.fixture
def log(tmp_path: Any) -> SealedLog:
    return file_log(tmp_path, 3)


def scanned(log: SealedLog, size: int) -> tuple[Scan, list[Head]]:
    """A scan that came to so many entries, and the head over three."""
    scan = Scan("care", log.log.code_key, codes_needed=True)
    scan.tree.size = size
    return scan, list(log.seals.heads("care"))


@pytest.mark.parametrize(
    ("size", "says"), [(2, "1 entry under head 1 is missing"), (1, "2 entries under head 1 are missing")]
)
def test_missing_entries_are_counted(log: SealedLog, size: int, says: str) -> None:
    scan, heads = scanned(log, size)
    [finding] = _wrong_roots(scan, heads, {})
    assert finding.what.startswith(says)


@pytest.mark.parametrize(("size", "says"), [(4, "care: the last entry is not sealed yet"), (5, "care: the last 2 entries are not sealed yet")])  # fmt: skip
def test_entries_without_a_seal_are_counted(log: SealedLog, size: int, says: str) -> None:
    scan, heads = scanned(log, size)
    assert says in list(_notices(scan, heads, heads))


def test_the_verifier_names_what_it_counts_before_the_number() -> None:
    script = (ROOT / "docs/verify/carejourney_verify.py").read_text()
    assert re.findall(r"\} (?:entries|heads)\b", script) == []


@pytest.mark.parametrize(
    ("count", "waiting", "says"),
    [
        (1, 0, "1 entry; it has a proof."),
        (1, 1, "1 entry; it was not sealed yet and has no proof."),
        (2, 0, "2 entries; each has a proof."),
        (3, 1, "3 entries; 1 of them was not sealed yet and has no proof."),
        (3, 2, "3 entries; 2 of them were not sealed yet and have no proof."),
    ],
)
def test_a_readme_counts_in_words(count: int, waiting: int, says: str) -> None:
    about = {"entries": {"c": count}, "not_sealed": {"c": list(range(waiting))}, "made_at": "then", "unreadable": []}
    assert says in readme("A-1", about, {})
