"""Settings: a missing key is never replaced under a log that exists."""

from __future__ import annotations

from pathlib import Path

import pytest
import typer
from pydantic import SecretStr

from api.cli.context import explained
from domain.days import Calendar
from infra.bootstrap import open_services
from infra.eventstore.keyring import MasterKeyError
from infra.eventstore.keys.providers import master_key
from infra.settings import Settings, SettingsError


def test_a_key_is_made_with_a_new_log_and_never_for_one_that_exists(tmp_path: Path) -> None:
    settings = Settings(database_url=SecretStr(f"sqlite:///{tmp_path / 'log.db'}"))
    open_services(settings).close()
    key = tmp_path / "log.key"
    assert key.stat().st_mode & 0o777 == 0o600
    key.unlink()
    with pytest.raises(MasterKeyError, match="no master key"):
        open_services(settings)
    assert not key.exists()


def test_secrets_are_read_from_a_folder_of_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "carejourney_master_key").write_text("ab" * 32 + "\n")
    (tmp_path / "carejourney_kafka_sasl_password").write_text("from a file")
    monkeypatch.setenv("CAREJOURNEY_SECRETS_DIR", str(tmp_path))
    assert master_key(Settings()) == bytes.fromhex("ab" * 32)
    monkeypatch.setenv("CAREJOURNEY_KAFKA_SASL_PASSWORD", "from the environment")
    password = Settings().kafka_sasl_password
    assert password is not None
    assert password.get_secret_value() == "from the environment"


def test_a_folder_of_secrets_that_is_not_there_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CAREJOURNEY_SECRETS_DIR", str(tmp_path / "nowhere"))
    with pytest.raises(SettingsError, match="tools/make-secrets"):
        Settings()


@pytest.mark.parametrize(
    ("given", "name"),
    [
        ({"TIME_ZONE": "America/Chigaco"}, "CAREJOURNEY_TIME_ZONE"),
        ({"TIME_ZONE": "../etc/passwd"}, "CAREJOURNEY_TIME_ZONE"),
        ({"SITE_TIME_ZONES": '{"North": "Nowhere"}'}, "CAREJOURNEY_SITE_TIME_ZONES"),
    ],
)
def test_an_unknown_zone_is_an_error_that_names_the_setting(
    given: dict[str, str], name: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for key, value in given.items():
        monkeypatch.setenv(f"CAREJOURNEY_{key}", value)
    with pytest.raises(typer.Exit) as stopped, explained():
        Settings()
    assert stopped.value.exit_code == 2
    said = capsys.readouterr().err
    assert name in said
    assert "is no IANA time zone, as America/Chicago" in said


def test_a_site_has_the_zone_that_is_given_for_it(monkeypatch: pytest.MonkeyPatch) -> None:
    assert Settings().calendar == Calendar("UTC")
    monkeypatch.setenv("CAREJOURNEY_TIME_ZONE", "America/New_York")
    monkeypatch.setenv("CAREJOURNEY_SITE_TIME_ZONES", '{"North": "America/Chicago"}')
    assert Settings().calendar == Calendar("America/New_York", {"North": "America/Chicago"})
