"""Key providers as the settings have them: the master key in use, and those still accepted."""

from __future__ import annotations

from pathlib import Path

from infra.eventstore.keyring import (
    Keyring,
    LocalMasterKey,
    MasterKey,
    MasterKeyError,
    master_key_file,
    read_master_key,
)
from infra.eventstore.keys.command import CommandMasterKey
from infra.settings import Settings, sqlite_path


def keyring(settings: Settings) -> Keyring:
    """The keyring that the settings name.

    Raises:
        MasterKeyError: a key is missing, malformed, or its service does not answer.
    """
    return Keyring(_in_use(settings), _accepted(settings))


def master_key(settings: Settings) -> bytes:
    """The master key that is kept as a key, in the environment or in a file.

    Raises:
        MasterKeyError: none is set for PostgreSQL, or what is set is not a key.
    """
    if settings.master_key is not None:
        return read_master_key(settings.master_key.get_secret_value())
    path = sqlite_path(settings.database_url.get_secret_value())
    # a new key for a log that exists would open nothing in it
    return master_key_file(settings.key_file, create=path is not None and not path.exists())


def new_key_file(path: Path) -> str:
    """Make a master key in a file of mode 600; gives its id.

    Raises:
        MasterKeyError: there is a file already: a key is never overwritten.
    """
    if path.exists():
        msg = f"{path} exists: a key is never overwritten; give another name"
        raise MasterKeyError(msg)
    return LocalMasterKey(master_key_file(path, create=True)).key_id


def _in_use(settings: Settings) -> MasterKey:
    if not settings.master_key_command:
        return LocalMasterKey(master_key(settings))
    path = sqlite_path(settings.database_url.get_secret_value())
    fresh = path is None or not path.exists()
    return CommandMasterKey(settings.master_key_command, settings.key_file, create=fresh)


def _accepted(settings: Settings) -> list[MasterKey]:
    given = settings.accepted_master_keys.get_secret_value().split(",") if settings.accepted_master_keys else []
    keys = [read_master_key(text) for text in given if text.strip()]
    keys += [master_key_file(path, create=False) for path in settings.accepted_master_key_files]
    return [LocalMasterKey(key) for key in keys]
