"""Backups and restores as the settings have them: which databases, which key, which ledger."""

from __future__ import annotations

from pathlib import Path

import structlog
from pydantic import SecretStr

from infra.eventstore.keyring import Keyring, MasterKeyError
from infra.eventstore.keys.providers import keyring
from infra.eventstore.log import Clock, utc_now
from infra.eventstore.setup import open_log
from infra.identity.people import operator
from infra.jobs.context import HasJobs
from infra.jobs.table import BACKUP
from infra.ops.backup.backup import Manifest, Progress, make
from infra.ops.backup.encryption import ByMasterKey, ByPassphrase, Closing, ForRecipient
from infra.ops.backup.restore import Restored, restore
from infra.ops.database import migrate
from infra.privacy.erasure.ledger import ledger_of
from infra.settings import Settings, sqlite_path


def closing_of(
    settings: Settings, ring: Keyring, recipient: Path | None = None, identity: Path | None = None
) -> Closing:
    """What opens backups: a key pair if one is given, else the passphrase that is set, else the master key."""
    if recipient is not None or identity is not None:
        return ForRecipient(recipient, identity)
    if settings.backup_passphrase is not None:
        return ByPassphrase(settings.backup_passphrase.get_secret_value())
    return ByMasterKey(ring)


def back_up(services: HasJobs, path: Path, recipient: Path | None = None, progress: Progress | None = None) -> Manifest:
    """Back up the log, with the access log, to a file; that it was done is noted for the page of operations.

    Raises:
        BackupError: the file cannot be written, or does not read back.
    """
    settings = services.settings
    closing = closing_of(settings, services.log.keyring, recipient)
    erasures = len(ledger_of(services.log, settings.ledger_file).read())
    manifest = make(databases_of(settings), path, closing, services.now(), erasures=erasures, progress=progress)
    _note(services, manifest, path.stat().st_size)
    return manifest


def restore_databases(
    settings: Settings,
    path: Path,
    into: str | None = None,
    *,
    identity: Path | None = None,
    without_ledger: bool = False,
    clock: Clock = utc_now,
    progress: Progress | None = None,
) -> tuple[Restored, Settings, Keyring]:
    """Restore a backup into the settings' database, or another empty one; gives its settings and its keys.

    Who was erased since is to be erased in it: opening it does that. Read models and the index of names are for the
    caller to build.

    Raises:
        BackupError: the backup or the target is not as it must be; the target is then as empty as before.
        MasterKeyError: the master key is missing or another one.
    """
    ring = _present_key(settings)
    target = _target(settings, into)
    databases = databases_of(target, existing=False)
    migrate(target)
    ledgers = _ledgers(settings, target)
    closing = closing_of(settings, ring, identity=identity)
    restored = restore(path, closing, ring, databases, ledgers, without_ledger=without_ledger, progress=progress)
    log = open_log(databases["log"], ring, settings.calendar, clock)
    ledger_of(log, target.ledger_file).add(restored.erasures)
    log.close()
    return restored, target, ring


def _note(services: HasJobs, manifest: Manifest, size: int) -> None:
    outcome = {"created_at": manifest.created_at, "rows": manifest.rows, "bytes": size, "read_back": True}
    try:
        services.jobs.note(BACKUP, operator("backup").name, outcome)
    except Exception as error:  # noqa: BLE001 - the backup is whole, whether or not this login may note it
        structlog.get_logger("backup").warning("the backup could not be noted", error=type(error).__name__)


def databases_of(settings: Settings, *, existing: bool = True) -> dict[str, str]:
    """The databases with something that cannot be made anew; ``existing`` leaves out those that are not there."""
    urls = {"log": settings.database_url.get_secret_value(), "access": settings.access_url}
    path = sqlite_path(urls["access"])
    if urls["access"] == urls["log"] or (existing and path is not None and not path.exists()):
        del urls["access"]
    return urls


def _target(settings: Settings, into: str | None) -> Settings:
    if into is None:
        return settings
    elsewhere = {"database_url": SecretStr(into), "read_database_url": None, "access_database_url": None}
    return settings.model_copy(update=elsewhere)


def _present_key(settings: Settings) -> Keyring:
    """The keyring, with a key that is there: one made now would open nothing.

    Raises:
        MasterKeyError: the key file is missing.
    """
    if settings.master_key is None and not settings.key_file.exists():
        msg = f"no master key at {settings.key_file}: put the one of the backup's log there before you restore"
        raise MasterKeyError(msg)
    return keyring(settings)


def _ledgers(settings: Settings, target: Settings) -> list[Path]:
    beside_key = settings.key_file.with_suffix(".erasures")
    paths = [settings.ledger_file, target.ledger_file, beside_key]
    return [path for path in dict.fromkeys(paths) if path.exists()]
