"""A publication survives backup and restore on both databases: it verifies, and the schema `reporting` has it again."""

from __future__ import annotations

from pathlib import Path

import psycopg
import pytest
from pydantic import SecretStr

from infra.bootstrap import restore_into
from infra.integrity.signing_key import SigningKey
from infra.ops.backup.setup import back_up
from infra.publications.publisher import publications_of, verify
from infra.settings import Settings
from tests.depth import by_night
from tests.infra.publications.years import published

KEY = "ab" * 32


@pytest.mark.parametrize("source", ["sqlite", by_night("postgres")])
def test_a_publication_comes_back_and_verifies(source: str, request: pytest.FixtureRequest, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/log.db" if source == "sqlite" else request.getfixturevalue("migrated_postgres_url")
    signing, path = tmp_path / "signing.pem", tmp_path / "some.cjbackup"
    SigningKey.generate().write(signing)
    settings = Settings(database_url=SecretStr(url), master_key=SecretStr(KEY), signing_key_file=signing)
    settings = settings.model_copy(update={"erasure_ledger": tmp_path / "erasures"})
    months = published(tmp_path, 60, 1, settings=settings)
    services, made = next(months)
    assert made is not None
    back_up(services, path)
    raw = publications_of(services).raw(1)
    for into in (f"sqlite:///{tmp_path}/restored.db", request.getfixturevalue("second_postgres_url")):
        _, other = restore_into(settings, path, into, clock=services.clock)
        try:
            assert publications_of(other).all() == [made]
            assert publications_of(other).raw(1) == raw
            assert verify(other) == []
        finally:
            other.close()
        if into.startswith("postgresql"):
            with psycopg.connect(into) as connection:
                rows = connection.execute("SELECT number, digest FROM reporting.publications").fetchall()
            assert rows == [(1, made.digest)]
    months.close()  # type: ignore[attr-defined]
