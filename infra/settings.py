"""Settings: environment variables with the prefix ``CAREJOURNEY_``, an optional ``.env`` file, defaults."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from infra.store.keyring import master_key_file, read_master_key
from infra.store.opening import sqlite_path


class Settings(BaseSettings):
    """Where things are. ``carejourney config`` prints them with their source, secrets masked."""

    model_config = SettingsConfigDict(env_prefix="CAREJOURNEY_", env_file=".env", env_ignore_empty=True, extra="ignore")

    database_url: SecretStr = Field(
        default=SecretStr("sqlite:///var/carejourney.db"),
        description="The log: sqlite:///FILE (embedded) or postgresql://USER:PASSWORD@HOST/NAME",
    )
    read_database_url: SecretStr | None = Field(
        default=None, description="The read models; default: a file beside the embedded log, or the same PostgreSQL"
    )
    master_key: SecretStr | None = Field(default=None, description="32 bytes as 64 hex digits or base64")
    master_key_file: Path | None = Field(
        default=None, description="A file with the master key; made beside an embedded store on first use"
    )
    measures_file: Path | None = Field(default=None, description="A programme's own abstinence measures (TOML)")
    site_capacity: dict[str, int] = Field(
        default_factory=dict[str, int], description='Beds or places, as {"SITE/LEVEL": 24}: adds occupancy'
    )
    time_zone: str = Field(default="UTC", description="IANA zone in which the web app shows times, as America/Chicago")
    session_secret: SecretStr | None = Field(
        default=None, description="Signs web sessions; default: derived from the master key"
    )
    demo: bool = Field(default=False, description="Demo sign-in, one button per role; set by `carejourney demo` only")

    @property
    def is_embedded(self) -> bool:
        """Whether the log is an embedded SQLite file."""
        return sqlite_path(self.database_url.get_secret_value()) is not None

    @property
    def read_url(self) -> str:
        """The read models' database URL."""
        if self.read_database_url is not None:
            return self.read_database_url.get_secret_value()
        url = self.database_url.get_secret_value()
        path = sqlite_path(url)
        return f"sqlite:///{path.with_suffix('.read.db')}" if path else url

    def key(self) -> bytes:
        """The master key.

        Raises:
            MasterKeyError: none is set for PostgreSQL, or what is set is not a key.
        """
        if self.master_key is not None:
            return read_master_key(self.master_key.get_secret_value())
        path = sqlite_path(self.database_url.get_secret_value())
        beside = path.with_suffix(".key") if path else Path("var/carejourney.key")
        # a new key for a log that exists would open nothing in it
        return master_key_file(self.master_key_file or beside, create=path is not None and not path.exists())

    def rows(self) -> list[dict[str, Any]]:
        """Every setting with its value (secrets masked) and where it comes from."""
        return [
            {
                "setting": f"CAREJOURNEY_{name.upper()}",
                "value": _shown(getattr(self, name)),
                "source": "set" if name in self.model_fields_set else "default",
                "meaning": field.description or "",
            }
            for name, field in type(self).model_fields.items()
        ]


def _shown(value: object) -> str:
    if isinstance(value, SecretStr):
        secret = value.get_secret_value()
        return secret if secret.startswith("sqlite:") else "********"
    return "" if value is None else str(value)
