"""Checkpoints of subscribers on both databases: each person's apart, and kept by a backup."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from pydantic import SecretStr

from domain.people import Person
from infra.bootstrap import Services, open_services
from infra.interop.feed.subscribers import MOST, TooManySubscribersError
from infra.settings import Settings

ONE, OTHER = Person("one", "demo", "one"), Person("one", "demo", "other")
AT = datetime(2026, 3, 2, 12, tzinfo=UTC)


@pytest.fixture(params=["embedded", "postgresql"])
def services(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Services]:
    embedded = request.param == "embedded"
    url = f"sqlite:///{tmp_path}/log.db" if embedded else request.getfixturevalue("migrated_postgres_url")
    settings = Settings(database_url=SecretStr(url), master_key=SecretStr("ab" * 32))
    found = open_services(settings, lambda: AT)
    yield found
    found.close()


def test_a_checkpoint_moves_both_ways_and_is_its_owners(services: Services) -> None:
    kept = services.subscribers
    assert kept.find(ONE, "billing") is None
    for position in (7, 9, 3):
        assert kept.move(ONE, "billing", position).position == position
    assert kept.find(OTHER, "billing") is None
    kept.remove(OTHER, "billing")
    (found,) = kept.of(ONE)
    assert (found.name, found.position, found.moved_at) == ("billing", 3, AT)
    kept.remove(ONE, "billing")
    assert kept.of(ONE) == []


def test_one_person_has_so_many(services: Services) -> None:
    kept = services.subscribers
    for number in range(MOST):
        kept.move(ONE, f"s{number}", 1)
    with pytest.raises(TooManySubscribersError, match="remove one"):
        kept.move(ONE, "more", 1)
    assert kept.move(ONE, "s0", 2).position == 2
    assert kept.move(OTHER, "more", 1).position == 1
