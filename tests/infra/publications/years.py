"""Two years of a simulated programme, published month by month as it goes on: late entries and corrections come between."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson
from pydantic import SecretStr

from infra.bootstrap import Services, open_services
from infra.identity.people import operator
from infra.interop.importers.events.batch import write_batch
from infra.interop.importers.events.lines import prepare
from infra.publications.plan import Plan
from infra.publications.publisher import publications_of, publish
from infra.publications.store import Publication, PublicationError
from infra.settings import Settings
from infra.simulator import simulate

END = datetime(2027, 1, 20, 12, tzinfo=UTC)
PLAN = Plan.model_validate({"begin": "2025-02"})


@dataclass
class Hands:
    """A clock that is set by hand."""

    now: datetime

    def __call__(self) -> datetime:
        return self.now


def months(count: int) -> list[datetime]:
    """The twentieth of each of the last months before END, oldest first."""
    numbers = [END.year * 12 + END.month - 1 - back for back in reversed(range(count))]
    return [datetime(number // 12, number % 12 + 1, 20, 12, tzinfo=UTC) for number in numbers]


def settings_at(folder: Path) -> Settings:
    """Those of an embedded store."""
    url = SecretStr(f"sqlite:///{folder / 'store'}.db")
    return Settings(database_url=url, master_key=SecretStr("ab" * 32))


def published(
    folder: Path, clients: int, count: int, plan: Plan = PLAN, settings: Settings | None = None
) -> Iterator[tuple[Services, Publication | None]]:
    """The services after each month's publication; None where there was nothing to publish."""
    clock = Hands(END)
    services = open_services(settings or settings_at(folder), clock)
    lines = sorted(
        (dict(line) for own in simulate(clients, 7, until=END, months=24) for line in own),
        key=lambda line: datetime.fromisoformat(line["recorded_at"]),
    )
    place = 0
    try:
        for moment in months(count):
            clock.now = moment
            until = place
            while until < len(lines) and datetime.fromisoformat(lines[until]["recorded_at"]) < moment:
                until += 1
            write_batch(
                services.log,
                [
                    prepare(number, orjson.dumps(line), b"years", moment, keep_recorded_at=True)
                    for number, line in enumerate(lines[place:until], start=place)
                ],
            )
            place = until
            services.catch_up()
            try:
                yield services, publish(services, plan, operator("publication publish"))
            except PublicationError as error:
                assert str(error).startswith("nothing to publish"), error
                yield services, None
    finally:
        services.close()


def tables(services: Services) -> Iterator[tuple[int, dict[str, Any]]]:
    """Every table of every publication, as anybody can read it."""
    kept = publications_of(services)
    for one in kept.all():
        for table in kept.content(one.number)["tables"]:
            yield one.number, table
