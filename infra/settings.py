"""Settings: environment variables with the prefix ``CAREJOURNEY_``, an optional ``.env`` file, defaults."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SecretsSettingsSource, SettingsConfigDict

from domain.days import Calendar, zone_named
from domain.errors import ExpectedError

SETTING_COLUMNS = ("setting", "value", "source", "meaning")


def sqlite_path(url: str) -> Path | None:
    """The file of a ``sqlite:///`` URL, or None for another kind of URL."""
    return Path(url.removeprefix("sqlite:///")) if url.startswith("sqlite:///") else None


class SettingsError(ExpectedError, ValueError, kind="settings"):
    """Settings that do not fit what was asked for."""


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
    master_key_command: str = Field(
        default="",
        description="Asks a key management service: called with key-id, wrap or unwrap; the file holds the wrapped key",
    )
    accepted_master_keys: SecretStr | None = Field(
        default=None, description="Further master keys that open what they wrapped, comma between: for a rotation"
    )
    accepted_master_key_files: list[Path] = Field(
        default_factory=list[Path], description='The same as files, as ["var/old.key"]'
    )
    erasure_ledger: Path | None = Field(
        default=None, description="Which charts were erased, kept apart from backups; default: beside the embedded log"
    )
    erasure_hours: int = Field(default=72, ge=1, description="How long a request to erase a chart can be confirmed")
    name_search: bool = Field(default=True, description="Keep a keyed index by which clients are found by name")
    backup_keep: int = Field(default=0, ge=0, description="How many backups of a folder are kept; 0 keeps all")
    backup_passphrase: SecretStr | None = Field(
        default=None, description="Opens and closes backups instead of the master key"
    )
    signing_key_file: Path | None = Field(
        default=None,
        description="The Ed25519 key (PEM) that signs heads of the logs; made beside an embedded store on first use",
    )
    heads_file: Path | None = Field(
        default=None,
        description="Signed heads are added to this file: put it where no operator can change it; "
        "default: beside the embedded log",
    )
    seal_every: int = Field(default=300, ge=0, description="Seconds between two seals of a running server; 0: none")
    import_unpacks_to: int = Field(
        default=100,
        ge=1,
        description="A packed file (.gz) is imported up to so many times its size, and to 10 MB at least",
    )
    import_upload_mb: int = Field(
        default=50, ge=1, le=2_000, description="Megabytes of a file that administrators upload to import"
    )
    import_folder: Path | None = Field(
        default=None,
        description="Where such files lie while they are worked on, for an hour at the most: several servers share "
        "one; default: a private folder of temporary files",
    )
    icd10_file: Path | None = Field(
        default=None,
        description="The order file of ICD-10-CM as CMS publishes it (icd10cm_order_YYYY.txt): its codes are offered",
    )
    measures_file: Path | None = Field(default=None, description="A programme's own abstinence measures (TOML)")
    publication_plan_file: Path | None = Field(
        default=None, description="What is published (TOML): reports, groups, periods; without it the default plan"
    )
    publish_at_day: int = Field(
        default=0,
        ge=0,
        le=28,
        description="`serve` and `project run` publish from this day of each month on what was closed since; 0: never. "
        "The default plan closes a month after 14 days, so 15 or later",
    )
    view_folder: Path | None = Field(
        default=None,
        description="`serve` and `project run` write saved views that have a schedule to this folder, as PDF; "
        "without it none is written",
    )
    instruments: dict[str, tuple[float, float]] = Field(
        default_factory=dict[str, tuple[float, float]],
        description='A programme\'s own instruments, as {"own_scale": [0, 40]}: the lowest and the highest score',
    )
    site_capacity: dict[str, int] = Field(
        default_factory=dict[str, int],
        description='Beds or places, as {"SITE/LEVEL": 24}, for the census; default: as sites are defined',
    )
    time_zone: str = Field(
        default="UTC",
        description="IANA zone of the house, as America/Chicago: decides the day of every entry and *today*, "
        "which begins at midnight there for all sites; times are shown in it; another one rebuilds the read models",
    )
    site_time_zones: dict[str, str] = Field(
        default_factory=dict[str, str],
        description='Zones of sites that are not in that of the house, as {"North": "America/Chicago"}: '
        "decide the day of the entries of that site",
    )
    session_secret: SecretStr | None = Field(
        default=None, description="Signs forms and sign-ins; default: derived from the master key"
    )
    session_idle_minutes: int = Field(
        default=30, ge=1, description="A web session ends after so long without a request"
    )
    session_hours: int = Field(default=10, ge=1, description="A web session ends after so long in any case")
    access_database_url: SecretStr | None = Field(
        default=None,
        description="Access log and sessions; default: a file beside the embedded log, or the same PostgreSQL",
    )
    public_url: str = Field(
        default="",
        description="The address by which browsers reach the web app, as https://care.example; needed for sign-in",
    )
    allowed_hosts: list[str] = Field(
        default_factory=list[str],
        description='Host names answered to, as ["care.example"]; default: that of the public URL',
    )
    oidc_issuer: str = Field(default="", description="The OpenID provider's issuer, as https://login.example")
    oidc_audience: str = Field(default="carejourney", description="What access tokens for the API are issued for (aud)")
    oidc_client_id: str = Field(default="carejourney", description="This app's name at the provider")
    oidc_client_secret: SecretStr | None = Field(default=None, description="This app's secret at the provider")
    oidc_scope: str = Field(default="openid profile carejourney", description="What the sign-in asks the provider for")
    oidc_role_claim: str = Field(default="roles", description="The claim with a person's roles; dots lead into objects")
    oidc_sites_claim: str = Field(default="sites", description="The claim with a person's sites; * is every site")
    oidc_name_claim: str = Field(default="preferred_username", description="The claim that entries are signed with")
    oidc_roles: dict[str, str] = Field(
        default_factory=dict[str, str], description='The provider\'s names of roles, as {"cj-nurses": "clinician"}'
    )
    break_glass_minutes: int = Field(default=60, ge=1, description="How long a chart of another site stays open")
    break_glass_hourly: int = Field(
        default=10, ge=1, description="How many charts of other sites one person may open so in an hour; then 429"
    )
    requests_per_minute: int = Field(
        default=60_000, ge=1, description="Per client address and per account, in each process; more are answered 429"
    )
    redisclosure_notice: str = Field(
        default="", description="Overrides the notice that goes with records (42 CFR 2.32)"
    )
    kafka_bootstrap: str = Field(
        default="", description="Brokers as HOST:PORT,HOST:PORT; empty: no Kafka, the projector follows the log"
    )
    kafka_topic: str = Field(default="carejourney.events.v1", description="The topic that `relay run` publishes to")
    kafka_group: str = Field(default="carejourney-projector", description="The consumer group of the projectors")
    kafka_partitions: int = Field(default=12, ge=1, description="Partitions of a topic that `relay run` creates")
    kafka_replication: int = Field(default=1, ge=1, description="Replicas of a topic that `relay run` creates")
    kafka_security_protocol: Literal["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"] = Field(
        default="PLAINTEXT", description="How brokers are spoken to"
    )
    kafka_sasl_username: str = Field(default="", description="The name for SASL/PLAIN")
    kafka_sasl_password: SecretStr | None = Field(default=None, description="The password for SASL/PLAIN")
    metrics_port: int = Field(
        default=0,
        ge=0,
        le=65_535,
        description="`serve`, `relay run`, `project run`: /metrics and /healthz, without a sign-in; 0: none",
    )
    metrics_host: str = Field(default="127.0.0.1", description="The address that METRICS_PORT listens on")
    secrets_dir: Path | None = Field(
        default=None, description="A folder of files, one setting each, named like carejourney_database_url"
    )
    log_format: Literal["json", "text"] = Field(default="json", description="Logs: one JSON object a line, or text")
    otlp_endpoint: str = Field(
        default="", description="Traces go to this OpenTelemetry collector, as http://127.0.0.1:4318; empty: no traces"
    )
    drain_seconds: int = Field(
        default=0, ge=0, description="How long `serve` goes on, not ready any more, after it was told to stop"
    )
    shutdown_seconds: int = Field(default=25, ge=1, description="Then: how long open requests may take to end")
    demo: bool = Field(default=False, description="Demo sign-in, one button per role; set by `carejourney demo` only")

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - made below, once the folder is known
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Files of the secrets folder come after the environment, which names the folder.

        Raises:
            SettingsError: there is no such folder.
        """
        field = settings_cls.model_fields["secrets_dir"]
        folder: str = ""
        for source in (env_settings, dotenv_settings):  # this field alone: to read all of them takes most of a start
            folder = folder or source.get_field_value(field, "secrets_dir")[0] or ""
        if not folder:
            return init_settings, env_settings, dotenv_settings
        if not Path(folder).is_dir():
            msg = f"there is no folder {folder}: make it (tools/make-secrets) or correct CAREJOURNEY_SECRETS_DIR"
            raise SettingsError(msg)
        files = SecretsSettingsSource(settings_cls, secrets_dir=folder)
        return init_settings, env_settings, dotenv_settings, files

    @field_validator("time_zone", "site_time_zones")
    @classmethod
    def _known(cls, zones: str | dict[str, str]) -> str | dict[str, str]:
        for name in [zones] if isinstance(zones, str) else zones.values():
            zone_named(name)
        return zones

    @cached_property
    def calendar(self) -> Calendar:
        """What decides the day of a moment."""
        return Calendar(self.time_zone, self.site_time_zones)

    @property
    def is_embedded(self) -> bool:
        """Whether the log is an embedded SQLite file."""
        return sqlite_path(self.database_url.get_secret_value()) is not None

    @property
    def streams(self) -> bool:
        """Whether workers fill the read models from a topic, so that no other process does."""
        return bool(self.kafka_bootstrap) and not self.is_embedded

    @property
    def read_url(self) -> str:
        """The read models' database URL."""
        if self.read_database_url is not None:
            return self.read_database_url.get_secret_value()
        url = self.database_url.get_secret_value()
        path = sqlite_path(url)
        return f"sqlite:///{path.with_suffix('.read.db')}" if path else url

    @property
    def access_url(self) -> str:
        """The database URL of access log and sessions: a writer of charts never makes a reader wait."""
        if self.access_database_url is not None:
            return self.access_database_url.get_secret_value()
        url = self.database_url.get_secret_value()
        path = sqlite_path(url)
        return f"sqlite:///{path.with_suffix('.access.db')}" if path else url

    @property
    def key_file(self) -> Path:
        """Where the master key is, or its wrapped form, unless the environment holds it."""
        path = sqlite_path(self.database_url.get_secret_value())
        return self.master_key_file or (path.with_suffix(".key") if path else Path("var/carejourney.key"))

    @property
    def ledger_file(self) -> Path:
        """Where the erasure ledger is kept."""
        path = sqlite_path(self.database_url.get_secret_value())
        return self.erasure_ledger or (path.with_suffix(".erasures") if path else Path("var/carejourney.erasures"))

    @property
    def signing_file(self) -> Path | None:
        """Where the key is that signs heads; None where nothing says so."""
        path = sqlite_path(self.database_url.get_secret_value())
        return self.signing_key_file or (path.with_suffix(".signing") if path else None)

    @property
    def heads_path(self) -> Path | None:
        """Where signed heads are saved; None where nothing says so."""
        path = sqlite_path(self.database_url.get_secret_value())
        return self.heads_file or (path.with_suffix(".heads") if path else None)

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
