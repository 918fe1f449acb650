"""The composition root: everything that the command line, the API and the tests work with."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property
from zoneinfo import ZoneInfo

from infra.access.opening import People, open_people
from infra.keys.providers import keyring
from infra.projector.projector import Progress, Projector
from infra.projector.readstore import ReadStore
from infra.settings import Settings
from infra.store.keyring import Keyring, MasterKeyError
from infra.store.log import Clock, EventLog, utc_now
from infra.store.opening import open_log
from projections.catalogue import READ_MODELS


@dataclass
class Services:
    """An open log, its read models, and the projector between them."""

    settings: Settings
    log: EventLog
    reads: ReadStore
    projector: Projector
    clock: Clock
    moved: threading.Condition = field(default_factory=threading.Condition)
    position: int = 0

    @cached_property
    def people(self) -> People:
        """Access log, sessions and sign-in; opened when first needed, for most commands show no chart.

        Raises:
            ProviderError: the provider's issuer is not an https address.
        """
        return open_people(self.settings, self.log.sealer, self.clock)

    def now(self) -> datetime:
        """The current moment, aware."""
        return self.clock()

    def today(self) -> date:
        """The current day in the facility's time zone."""
        return self.clock().astimezone(ZoneInfo(self.settings.time_zone)).date()

    def catch_up(self, progress: Progress | None = None) -> int:
        """Bring the read models to the head of the log and wake who waits for a position."""
        position = self.projector.catch_up(progress)
        with self.moved:
            self.position = max(self.position, position)
            self.moved.notify_all()
        return position

    def wait_for(self, position: int, timeout: float = 5.0) -> bool:
        """Wait until the read models hold a position; False when ``timeout`` seconds were not enough."""
        deadline = time.monotonic() + timeout
        with self.moved:
            return self.moved.wait_for(lambda: self.position >= position, max(0.0, deadline - time.monotonic()))

    def close(self) -> None:
        """Close every database that was opened."""
        if "people" in vars(self):
            self.people.close()
        self.reads.close()
        self.log.close()


def open_services(settings: Settings, clock: Clock = utc_now, *, keyless: bool = False) -> Services:
    """Open what the settings name, creating what is missing.

    With ``keyless``, a missing or wrong master key is no error: what needs no key can be read, nothing can be
    written, and ``log.keyring.problem`` says why.

    Raises:
        MasterKeyError: the key is missing or is not the one of this database.
        DatabaseUrlError: the database URL is of no known kind.
    """
    log = _opened_log(settings, clock, keyless=keyless)
    reads = ReadStore(settings.read_url, READ_MODELS)
    return Services(settings, log, reads, Projector(log, reads), clock)


def _opened_log(settings: Settings, clock: Clock, *, keyless: bool) -> EventLog:
    url = settings.database_url.get_secret_value()
    try:
        return open_log(url, keyring(settings), clock)
    except MasterKeyError as error:
        if not keyless:
            raise
        return open_log(url, Keyring.locked(str(error)), clock)
