"""Publications on a day of each month, and the schema `reporting` kept up, while `serve` or `project run` runs.

Several processes may do so. The first to begin is the one that publishes; a day's attempt is not repeated by any of
them, and the next day tries again until something is published that month.
"""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from datetime import date

import structlog

from domain.entries import moment
from domain.people import OPERATOR
from infra.identity.people import Principal
from infra.jobs.turns import Tried, taking_turns
from infra.publications import reporting_sql as reporting
from infra.publications.context import HasPublications
from infra.publications.jobs import PUBLISH, start_publishing
from infra.publications.publisher import plan_of

EVERY_SECONDS = 60.0
WHO = Principal("schedule", "system", via="schedule", doing="publish", issuer=OPERATOR, subject="schedule")


def is_due(day: int, today: date, newest: date | None) -> bool:
    """Whether it is time: from a day of the month on (0: never), until something was published on it or after it."""
    return 0 < day <= today.day and (newest is None or newest < today.replace(day=day))


class Schedule:
    """One process's turns."""

    def __init__(self, services: HasPublications) -> None:
        """Prepare; nothing was tried yet."""
        self._services = services
        self._log = structlog.get_logger("publications")
        self._tried = Tried(self._not_published)

    def turn(self) -> bool:
        """Bring the schema up, and publish if it is time; whether this process began to."""
        return self._tried.turn(self._begin_if_due)

    def _not_published(self, error: str) -> None:
        self._log.warning("not published: run `carejourney publication publish`", error=error)

    def _begin_if_due(self) -> bool:
        reporting.follow(self._services)
        return self._may_begin() and self._begin()

    def _may_begin(self) -> bool:
        services = self._services
        day = services.settings.publish_at_day
        if not 0 < day <= services.today().day:
            return False
        kept = services.publications.all()
        if not is_due(day, services.today(), services.day_of(kept[-1].moment) if kept else None):
            return False
        job = services.jobs.newest(PUBLISH)
        return job is None or job.state == "stopped" or services.day_of(moment(job.began)) < services.today()

    def _begin(self) -> bool:
        _, begun = start_publishing(self._services, WHO, plan_of(self._services))
        self._log.info("publications are due", begun=begun)  # or another process has begun meanwhile
        return begun


@contextmanager
def scheduled(services: HasPublications) -> Generator[None]:
    """Within the block publications are made when it is time."""
    with taking_turns("publications", Schedule(services).turn, EVERY_SECONDS):
        yield
