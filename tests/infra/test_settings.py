"""Settings: a missing key is never replaced under a log that exists."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import SecretStr

from infra.services import open_services
from infra.settings import Settings
from infra.store.keyring import MasterKeyError


def test_a_key_is_made_with_a_new_log_and_never_for_one_that_exists(tmp_path: Path) -> None:
    settings = Settings(database_url=SecretStr(f"sqlite:///{tmp_path / 'log.db'}"))
    open_services(settings).close()
    key = tmp_path / "log.key"
    assert key.stat().st_mode & 0o777 == 0o600
    key.unlink()
    with pytest.raises(MasterKeyError, match="no master key"):
        open_services(settings)
    assert not key.exists()
