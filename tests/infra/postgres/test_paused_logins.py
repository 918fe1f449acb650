"""With a login for each kind of process: one of a login ends another of it that is paused."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import SecretStr

from infra.eventstore.log import Append
from infra.eventstore.setup import open_log
from infra.migrations.roles import PROJECTOR, READER, WRITER
from infra.ops import database
from infra.readmodels.projector import Projector
from infra.readmodels.readstore import ReadStore
from infra.settings import Settings
from projections.catalogue import READ_MODELS
from tests.day import UTC_DAYS
from tests.infra.postgres.pausing import CHART, a_note, asleep
from tests.infra.postgres.servers import Server
from tests.spec import KEY, NOW


@pytest.fixture
def name(server: Server, tmp_path: Path) -> str:
    """A migrated database with roles, and a login for writers and one for projectors."""
    name = server.database()

    def settings(url: str) -> Settings:
        return Settings(
            database_url=SecretStr(url), master_key=SecretStr(KEY.hex()), erasure_ledger=tmp_path / "erasures"
        )

    database.migrate(settings(server.url(name)))
    database.apply_roles(settings(server.admin(name)))
    server.login("cj_pausing_api", WRITER, READER)
    server.login("cj_pausing_projector", PROJECTOR)
    return name


def test_a_writer_and_a_projector(server: Server, name: str) -> None:
    api = server.url(name, "cj_pausing_api", "cj_pausing_api")
    log = open_log(api, KEY, UTC_DAYS, lambda: NOW)
    log.append(Append(CHART, [a_note("first")]))
    with asleep("tests.infra.postgres.pausing", "before_its_commit", api) as sleeper:
        assert log.append(Append(CHART, [a_note("meanwhile")])).sequence == 2
        assert sleeper.goes_on() in {"unavailable", "StaleSequenceError"}
    log.close()
    own = server.url(name, "cj_pausing_projector", "cj_pausing_projector")
    read = open_log(own, KEY, UTC_DAYS, lambda: NOW)
    projector = Projector(read, ReadStore(own, READ_MODELS, UTC_DAYS))
    with asleep("tests.infra.postgres.pausing_reads", "within_a_page", own, own) as sleeper:
        assert projector.catch_up() == read.head()
        assert sleeper.goes_on() == "refused"
    projector.reads.close()
    read.close()
