"""CHANGELOG.md has the form of Keep a Changelog, and the version of the project."""

from __future__ import annotations

import re
import tomllib

from tests.house.tree import ROOT

PAGE = (ROOT / "CHANGELOG.md").read_text()
KINDS = ["Added", "Changed", "Deprecated", "Removed", "Fixed", "Security"]


def test_unreleased_comes_first_then_versions_with_their_days() -> None:
    first, *versions = re.findall(r"^## (.*)$", PAGE, re.MULTILINE)
    assert first == "[Unreleased]"
    assert [one for one in versions if not re.fullmatch(r"\[\d+\.\d+\.\d+\] - \d{4}-\d\d-\d\d", one)] == []


def test_the_newest_version_is_the_projects() -> None:
    newest = re.findall(r"^## \[(\d.*)\]", PAGE, re.MULTILINE)[0]
    assert newest == tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]


def test_what_changed_stands_under_its_kind_in_order() -> None:
    for version in re.split(r"^## ", PAGE, flags=re.MULTILINE)[1:]:
        kinds = re.findall(r"^### (.*)$", version, re.MULTILINE)
        assert kinds == [kind for kind in KINDS if kind in kinds]
