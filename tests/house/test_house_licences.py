"""Every locked package, of Python and of npm, has a licence that may be here; an odd one has its reason."""

from __future__ import annotations

import pytest

from tools.licences.__main__ import RULES, complaints, locked


def test_every_locked_package_may_be_here() -> None:
    found = locked()
    assert {"fastapi", "pm4py", "axe-core"} <= found.keys()
    assert complaints(found) == []
    assert [name for name, (_, why) in RULES["odd"].items() if not why.strip()] == []


@pytest.mark.parametrize("licence", ["", "GPL-3.0-only", "MIT AND GPL-3.0-only", "Proprietary", "MIT OR SSPL-1.0"])
def test_another_licence_is_complained_of(licence: str) -> None:
    rules = {"allowed": ["MIT"], "odd": {}}
    assert len(complaints({"newcomer": licence}, rules)) == 1
    assert complaints({"newcomer": "MIT"}, rules) == []


def test_a_reason_is_for_one_licence_and_goes_with_its_package() -> None:
    rules = {"allowed": ["MIT"], "odd": {"odd-one": ["MPL-2.0", "used unchanged"]}}
    assert complaints({"odd-one": "MPL-2.0"}, rules) == []
    assert complaints({"odd-one": "AGPL-3.0-only"}, rules) == ["odd-one: AGPL-3.0-only"]
    assert "locked no more" in complaints({}, rules)[0]
