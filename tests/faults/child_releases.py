"""A process of one of two releases: it follows the log, or rebuilds or goes back in small pages until it is killed.

``follow|rebuild|rollback URL READS RELEASE``; each page is a line on stdout.
"""

from __future__ import annotations

import sys

from infra.eventstore.setup import open_log
from infra.readmodels import projector as projecting
from infra.readmodels.projector import Projector
from infra.readmodels.readstore import ReadStore
from tests.day import UTC_DAYS
from tests.infra.readmodels.releases import live, programs, release
from tests.spec import KEY


def follow(projector: Projector) -> None:
    """Catch up at each line that comes in, and say which generations are live and what they show."""
    for line in sys.stdin:
        projector.catch_up()
        print(line.strip(), live(projector)["stays"], programs(projector), flush=True)


def rebuild(projector: Projector) -> None:
    """All of them, page by page."""
    projecting.PAGE = 4
    projector.rebuild(progress=lambda position, _: print(position, flush=True))


def rollback(projector: Projector) -> None:
    """To this release, page by page."""
    projecting.PAGE = 4
    projector.rollback(progress=lambda position, _: print(position, flush=True))


WORK = {"follow": follow, "rebuild": rebuild, "rollback": rollback}


def main(work: str, url: str, reads_url: str, number: str) -> None:
    """Do one kind of work as one release."""
    log = open_log(url, KEY, UTC_DAYS)
    reads = ReadStore(reads_url, release(int(number), renames=number == "2"), UTC_DAYS)
    WORK[work](Projector(log, reads))
    reads.close()
    log.close()
