"""Everything about a deployment's health in one answer; nothing in it is clinical, and no client is named."""

from __future__ import annotations

import platform
from dataclasses import dataclass
from datetime import datetime, timedelta
from importlib.metadata import version

from infra.access_log.entries import Accessed
from infra.access_log.search import Wanted, browse
from infra.jobs.table import BACKUP, Job
from infra.ops.overview.context import HasRates
from infra.ops.overview.quarantine import Stopped, stopped
from infra.ops.overview.sealed import Sealed, sealed
from infra.ops.overview.stream import Stream, stream
from infra.readmodels.healed_letters import Healed
from infra.readmodels.projector import ProjectionStatus

SIGN_INS = frozenset({"SignedIn", "SignedOut", "SignInRefused"})
SHOWN = 25
_COUNTED = 5_000
RECENT = timedelta(hours=24)
MANY_REFUSED = 5
OLD_BACKUP = timedelta(hours=26)  # a daily one, and two hours to make it


@dataclass(frozen=True, slots=True)
class SignIns:
    """Sign-ins of the last day, newest first, and how many there were of each kind; the log is read back so far."""

    latest: list[Accessed]
    signed_in: int
    refused: int


@dataclass(frozen=True, slots=True)
class Overview:
    """What a page of operations shows. ``rates`` are positions a second by read model, None where not known yet."""

    at: datetime
    head: int
    projections: list[ProjectionStatus]
    rates: dict[str, float | None]
    stopped: list[Stopped]
    healed: list[Healed]
    seals: list[Sealed]
    backup: Job | None
    stream: Stream | None
    sign_ins: SignIns
    versions: dict[str, str]

    @property
    def backup_age(self) -> timedelta | None:
        """How old the last backup is, if one was noted."""
        return self.at - datetime.fromisoformat(self.backup.outcome["created_at"]) if self.backup else None


def overview(services: HasRates) -> Overview:
    """Everything, as it is now."""
    projections = services.projector.status()
    return Overview(
        services.now(),
        services.log.head(),
        projections,
        services.rates.of(projections),
        stopped(services),
        services.projector.healed(),
        sealed(services),
        services.jobs.newest(BACKUP),
        stream(services),
        sign_ins(services),
        versions(services),
    )


def sign_ins(services: HasRates) -> SignIns:
    """Who came in, went or was refused in the last day."""
    wanted = Wanted(kinds=SIGN_INS, first=services.now() - RECENT)
    every = browse(services.people.log, wanted, limit=_COUNTED).entries
    kinds = [entry.kind for entry in every]
    return SignIns(every[:SHOWN], kinds.count("SignedIn"), kinds.count("SignInRefused"))


def versions(services: HasRates) -> dict[str, str]:
    """What runs here."""
    return {
        "Care Journey": version("carejourney"),
        "Python": platform.python_version(),
        "Log": "SQLite" if services.settings.is_embedded else "PostgreSQL",
        "Read models": "SQLite" if services.reads.is_sqlite else "PostgreSQL",
    }
