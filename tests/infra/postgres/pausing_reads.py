"""A process that stops itself in the midst of projecting, verifying or reading: see ``pausing``.

``python -m tests.infra.postgres.pausing_reads WHERE LOG-URL READS-URL``.
"""

from __future__ import annotations

import sys

from sqlalchemy.exc import DBAPIError

from infra.eventstore.setup import open_log
from infra.readmodels import projector as projecting, verify as verifying
from infra.readmodels.projector import Projector
from infra.readmodels.readstore import ReadStore
from projections.catalogue import READ_MODELS
from tests.day import UTC_DAYS
from tests.infra.postgres.pausing import before, pause
from tests.spec import KEY, NOW


def within_a_page(projector: Projector) -> str:
    """The page has begun, its clients are not folded yet."""
    before("fold_clients", projecting)
    return f"at {projector.catch_up()}"


def within_verify(projector: Projector) -> str:
    """The first clients are about to be folded again."""
    before("fold_clients", verifying)
    return f"{len(verifying.verify(projector))} differences"


def within_a_read(projector: Projector) -> str:
    """As a dashboard that is being made."""
    with projector.reads.reading() as connection:
        projector.reads.generations(connection)
        pause()
    return "read"


WORK = {work.__name__: work for work in (within_a_page, within_verify, within_a_read)}


def main(where: str, log_url: str, reads_url: str) -> None:
    """Pause there once, then go on, and say what it came to."""
    log = open_log(log_url, KEY, UTC_DAYS, lambda: NOW)
    projector = Projector(log, ReadStore(reads_url, READ_MODELS, UTC_DAYS))
    try:
        print(WORK[where](projector), flush=True)
    except DBAPIError:
        print("refused", flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
