"""Sealing by the settings: logs, key, file of heads; on demand and on a schedule."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import structlog

from infra.access_log.context import HasPeople
from infra.integrity.heads import Head, Key
from infra.integrity.key_rotation import rotate, signing_key
from infra.integrity.saved_heads import RolledBackError, SavedHeadsError, save
from infra.integrity.seal import AlteredLogError, Notary
from infra.integrity.seal_tables import NamedLog, Seals
from infra.integrity.signing_key import SigningKey, SigningKeyError
from infra.jobs.turns import taking_turns
from infra.migrations.model import MigrationError

CARE, ACCESS = "care", "access"
SEALING_ERRORS: tuple[type[Exception], ...] = (
    AlteredLogError,
    RolledBackError,
    SavedHeadsError,
    SigningKeyError,
    MigrationError,
)


def logs_of(services: HasPeople) -> list[NamedLog]:
    """The logs under the seal: of care, and of access."""
    return [NamedLog(CARE, services.log.recorder), NamedLog(ACCESS, services.people.log.recorder)]


def seals_of(services: HasPeople) -> Seals:
    """Where the seals are.

    Raises:
        MigrationError: the tables are missing and this login may not make them.
    """
    return Seals.opened(services.log.recorder)


def seal(services: HasPeople) -> list[Head]:
    """Seal every log that has grown, and save the new heads to the file of heads.

    Raises:
        AlteredLogError: a log is not what its newest head says.
        RolledBackError: the file of heads knows more than the database.
        SavedHeadsError: the file of heads cannot be read or written.
        SigningKeyError: the key is missing, or another one signs here.
    """
    seals = seals_of(services)
    key = signing_key(_key_file(services), seals, create=services.settings.is_embedded)
    path = services.settings.heads_path
    if path is not None:
        save(path, seals)  # before anything is signed: a database that went back must not get other heads
    heads = Notary(seals, key, services.clock).seal(logs_of(services))
    if path is not None and heads:
        save(path, seals)
    return heads


def own_key(services: HasPeople) -> SigningKey:
    """The key that signs for this log, known to its seals.

    Raises:
        SigningKeyError: the key is missing, or another one signs here.
    """
    seals = seals_of(services)
    key = signing_key(_key_file(services), seals, create=services.settings.is_embedded)
    Notary(seals, key, services.clock).introduce()
    return key


def rotate_key(services: HasPeople, *, anew: bool = False) -> Key:
    """Rotate the signing key, and save the new one's public part to the file of heads.

    Raises:
        RolledBackError: the file of heads knows more than the database.
        SavedHeadsError: the file of heads cannot be read or written.
        SigningKeyError: the key in use is not at hand, or cannot be replaced.
    """
    seals = seals_of(services)
    key = rotate(_key_file(services), seals, services.clock, anew=anew)
    path = services.settings.heads_path
    if path is not None:
        save(path, seals)
    return key


def _key_file(services: HasPeople) -> Path:
    path = services.settings.signing_file
    if path is None:
        msg = (
            "nothing can be sealed without a signing key: set CAREJOURNEY_SIGNING_KEY_FILE to an Ed25519 key "
            "(openssl genpkey -algorithm ed25519)"
        )
        raise SigningKeyError(msg)
    return path


@contextmanager
def sealing(services: HasPeople) -> Generator[None]:
    """Within the block the logs are sealed every so many seconds, from the beginning to the end.

    Several processes may do so: what one has sealed the others find done.
    """
    settings = services.settings
    if not settings.seal_every or settings.signing_file is None:
        yield
        return
    try:
        with taking_turns("sealing", lambda: _seal_now(services), settings.seal_every):
            yield
    finally:
        _seal_now(services)


def _seal_now(services: HasPeople) -> None:
    log = structlog.get_logger("sealing")
    try:
        heads = seal(services)
    except AlteredLogError:
        log.critical("a sealed log was altered, nothing is signed: run `carejourney audit seal` to see which entries")
    except SEALING_ERRORS as error:
        log.error("not sealed: run `carejourney audit seal` to see why", error=type(error).__name__)
    except Exception as error:  # noqa: BLE001 - a database that is away comes back: the next time seals
        log.warning("not sealed yet", error=type(error).__name__)
    else:
        for head in heads:
            log.info("sealed", log=head.log, number=head.number, size=head.size)
