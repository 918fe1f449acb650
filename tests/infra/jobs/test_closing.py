"""Long work that does not end when it is given up: nothing of it is noted once the databases are closed."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
from pydantic import SecretStr

from infra.bootstrap import open_services
from infra.jobs import runner
from infra.settings import Settings


def test_what_goes_on_after_the_end_is_noted_no_more(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runner, "_PATIENCE_SECONDS", 0.0)
    monkeypatch.setattr(runner, "BEAT_SECONDS", 0.01)
    url = SecretStr(f"sqlite:///{tmp_path}/log.db")
    services = open_services(Settings(database_url=url, master_key=SecretStr("ab" * 32)))
    goes_on, beaten = threading.Event(), threading.Event()
    table, beat = services.jobs.table, services.jobs.table.beat

    def noted(job_id: str, done: int, total: int) -> bool:
        beaten.set()
        return beat(job_id, done, total)

    monkeypatch.setattr(type(table), "beat", lambda _, *told: noted(*told))
    services.jobs.start("logs", "a.meyer", lambda _: {"ended": goes_on.wait(60)})
    assert beaten.wait(60)
    services.close()
    beaten.clear()
    goes_on.set()
    services.jobs.wait(60)
    assert not beaten.is_set()
