"""A process to be killed: publishes month by month what is closed. Says which publications are acknowledged.

``FOLDER URL``; a line is printed only after its publication is durable.
"""

from __future__ import annotations

from infra.bootstrap import Services
from infra.identity.people import operator
from infra.publications.publisher import publish
from infra.publications.store import PublicationError
from tests.faults.child import acknowledge
from tests.faults.child_seals import place_of
from tests.infra.privacy.erasure.erasures import Clock
from tests.infra.publications.years import PLAN, months

MONTHS = months(3)


def publishing(services: Services, clock: Clock) -> None:
    """Publish on a day of each month; where nothing has been closed since, nothing is said."""
    for moment in MONTHS:
        clock.now = moment
        try:
            one = publish(services, PLAN, operator("publication publish"))
        except PublicationError as error:
            assert str(error).startswith("nothing to publish"), error
        else:
            acknowledge(f"{one.number} {one.digest}")


def main(folder: str, url: str) -> None:
    """Publish, and say when that is done."""
    acknowledge("ready")
    place = place_of(folder, url)
    with place.opened() as services:
        services.catch_up()
        publishing(services, place.clock)
    acknowledge("done")
