"""The composition root: everything that the command line, the API and the tests work with."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Self
from zoneinfo import ZoneInfo

from domain.entries import microseconds
from domain.instruments import declare_own
from infra.access_log.setup import People, open_people
from infra.eventstore.keyring import Keyring, MasterKeyError
from infra.eventstore.keys.providers import keyring
from infra.eventstore.log import Clock, EventLog, utc_now
from infra.eventstore.setup import open_log
from infra.history.as_of.cache import AsOfCache
from infra.history.as_of.recorded_blocks import Knowledge
from infra.interop.feed.subscribers import Subscribers
from infra.jobs.runner import Jobs
from infra.jobs.table import JobTable
from infra.kafka.position import StreamPosition
from infra.ops.backup.restore import Restored
from infra.ops.backup.setup import restore_databases
from infra.ops.imports.uploads import Uploads
from infra.ops.overview.rates import Rates
from infra.privacy.erasure.completion import complete
from infra.privacy.erasure.scrub import PATIENCE_SECONDS
from infra.privacy.names.index import NameIndex
from infra.publications.reporting_sql import follow
from infra.publications.store import PURPOSE, Publications
from infra.readmodels.projector import Progress, Projector
from infra.readmodels.readstore import ReadStore
from infra.settings import Settings
from infra.views.papers import Papers
from infra.views.table import Views
from projections.catalogue import READ_MODELS

if TYPE_CHECKING:  # pyright takes no cached_property for the property of a protocol
    opened_once = property
else:
    opened_once = cached_property

_PATIENCE_AT_START = 2.0
_LOOK_SECONDS = 0.02


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

    @opened_once
    def people(self) -> People:
        """Access log, sessions and sign-in; opened when first needed, for most commands show no chart.

        Raises:
            ProviderError: the provider's issuer is not an https address.
        """
        return open_people(self.settings, self.log.cipher, self.clock, self.log.code_key)

    @opened_once
    def names(self) -> NameIndex:
        """The index by which clients are found by name."""
        return NameIndex(self.log, self.reads)

    @opened_once
    def knowledge(self) -> Knowledge:
        """What parts of the log were known when; looked at when first needed."""
        return Knowledge(self.log.recorder, self.reads)

    @opened_once
    def past(self) -> AsOfCache[Self]:
        """These services as they were at other moments."""
        return AsOfCache(self)

    @opened_once
    def publications(self) -> Publications:
        """What was published. Publications never change, so that what was read once is kept.

        Raises:
            MigrationError: their table is missing and this login may not make it.
        """
        return Publications.opened(self.log.recorder, self.log.derived_key(PURPOSE))

    def over(self, log: EventLog, reads: ReadStore, clock: Clock) -> Self:
        """The same over another log, with read models and a clock of its own."""
        copy = replace(self, log=log, reads=reads, projector=Projector(log, reads), clock=clock)
        if "people" in vars(self):
            vars(copy)["people"] = self.people
        return copy

    def complete_erasures(self, patience: float = PATIENCE_SECONDS) -> bool:
        """Do what is left of erasures; False when others held a database for ``patience`` seconds: do it again.

        Raises:
            LedgerError: the erasure ledger was altered or cannot be written.
        """
        settings = self.settings
        urls = settings.database_url.get_secret_value(), settings.read_url
        return complete(self.log, settings.ledger_file, urls, patience)

    @opened_once
    def jobs(self) -> Jobs:
        """Long work in the background of this process."""
        return Jobs(JobTable(self.people.log.recorder, self.people.job_codes, self.clock))

    @opened_once
    def uploads(self) -> Uploads:
        """Files that administrators uploaded to import."""
        return Uploads(self.settings, self.clock)

    @opened_once
    def subscribers(self) -> Subscribers:
        """How far those who follow the feed have come."""
        return Subscribers(self.people.log.recorder, self.clock)

    @opened_once
    def views(self) -> Views:
        """Questions that people keep."""
        return Views(self.people.log.recorder, self.people.view_codes, self.clock)

    @opened_once
    def papers(self) -> Papers:
        """Which of them are written to a folder, and when."""
        return Papers(self.people.log.recorder, self.people.paper_codes)

    @opened_once
    def rates(self) -> Rates:
        """How fast read models move, as this process has seen it."""
        return Rates()

    @property
    def projects(self) -> bool:
        """Whether this process fills the read models: not where workers do, nor where its login may not."""
        return self.reads.may_write and not self.settings.streams

    @property
    def _fills(self) -> bool:
        """Whether this process brings every read model to the head; else others do, some of them."""
        return self.projects and not self.projector.rests

    def now(self) -> datetime:
        """The current moment, aware."""
        return self.clock()

    def today(self) -> date:
        """The current day in the zone of the house."""
        return self.day_of(self.clock())

    def day_of(self, moment: datetime) -> date:
        """The day of a moment (aware) in the zone of the house."""
        return date.fromordinal(self.log.calendar.day(microseconds(moment), ""))

    @property
    def zone(self) -> ZoneInfo:
        """The time zone of the house."""
        return self.log.calendar.zone_of("")

    def catch_up(self, progress: Progress | None = None) -> int:
        """Bring the read models to the head of the log and wake who waits for a position.

        Where others do that, it says how far they are.
        """
        position = self.projector.catch_up(progress) if self.projects else self.projector.reached()
        if self.settings.name_search:
            self.names.catch_up()
        with self.moved:
            self.position = max(self.position, position)
            self.moved.notify_all()
        return position

    def wait_for(self, position: int, timeout: float = 5.0) -> bool:
        """Wait until the read models hold a position; False when ``timeout`` seconds were not enough."""
        deadline = time.monotonic() + timeout
        while not self._fills and self.catch_up() < position and time.monotonic() < deadline:
            time.sleep(_LOOK_SECONDS)
        with self.moved:
            return self.moved.wait_for(lambda: self.position >= position, max(0.0, deadline - time.monotonic()))

    def close(self) -> None:
        """Give up long work, then close every database that was opened."""
        if "jobs" in vars(self):
            self.jobs.close()
        if "people" in vars(self):
            self.people.close()
        if "past" in vars(self):
            self.past.close()
        self.reads.close()
        self.log.close()


def open_services(
    settings: Settings, clock: Clock = utc_now, *, keyless: bool = False, ring: Keyring | None = None
) -> Services:
    """Open what the settings name, creating what is missing.

    With ``keyless``, a missing or wrong master key is no error: what needs no key can be read, nothing can be
    written, and ``log.keyring.problem`` says why. ``ring`` is used instead of the settings' master key.

    Raises:
        MasterKeyError: the key is missing or is not the one of this database.
        DatabaseUrlError: the database URL is of no known kind.
    """
    declare_own(settings.instruments)
    log = _opened_log(settings, clock, ring, keyless=keyless)
    reads = ReadStore(settings.read_url, READ_MODELS, log.calendar)
    streamed = StreamPosition(log.recorder, settings.kafka_topic) if settings.streams else None
    services = Services(settings, log, reads, Projector(log, reads, streamed), clock)
    if not log.keyring.is_locked:
        services.complete_erasures(_PATIENCE_AT_START)
    return services


def restore_into(
    settings: Settings,
    path: Path,
    into: str | None = None,
    *,
    identity: Path | None = None,
    without_ledger: bool = False,
    clock: Clock = utc_now,
    progress: Progress | None = None,
) -> tuple[Restored, Services]:
    """Restore a backup into the settings' database, or another empty one; gives the services over it, opened.

    Who was erased since is erased in it. Read models and the index of names are for the caller to build.

    Raises:
        BackupError: the backup or the target is not as it must be; the target is then as empty as before.
        MasterKeyError: the master key is missing or another one.
    """
    restored, target, ring = restore_databases(
        settings, path, into, identity=identity, without_ledger=without_ledger, clock=clock, progress=progress
    )
    services = open_services(target, clock, ring=ring)
    follow(services)
    return restored, services


def _opened_log(settings: Settings, clock: Clock, ring: Keyring | None, *, keyless: bool) -> EventLog:
    url = settings.database_url.get_secret_value()
    try:
        return open_log(url, ring or keyring(settings), settings.calendar, clock)
    except MasterKeyError as error:
        if not keyless:
            raise
        return open_log(url, Keyring.locked(str(error)), settings.calendar, clock)
