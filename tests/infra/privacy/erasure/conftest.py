"""A place of each kind."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.infra.privacy.erasure.erasures import Clock, Place


@pytest.fixture(params=["sqlite", "postgres"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Place:
    folder = tmp_path / "store"
    folder.mkdir()
    url = (
        f"sqlite:///{folder}/log.db" if request.param == "sqlite" else request.getfixturevalue("migrated_postgres_url")
    )
    return Place(folder, url, Clock())
