"""``carejourney feed``: the log from a position on, as JSON lines."""

from __future__ import annotations

import sys
import threading
from typing import Annotated

import orjson
import typer

from api.cli.context import opened
from api.cli.signals import stopped_by_signals
from infra.bootstrap import Services
from infra.identity.people import operator
from infra.interop.feed.page import FeedPage, Wanted, page
from infra.interop.fhir.disclosure import Recipient
from projections.filters import FilterError

PAGE = 1_000
LOOK_SECONDS = 0.5


def feed(
    after: Annotated[int, typer.Option(min=0, help="The position after which to begin; 0 is the start")] = 0,
    type_: Annotated[list[str] | None, typer.Option("--type", help="Only this type; may be repeated")] = None,
    site: Annotated[str, typer.Option(help="Only what was recorded at this site")] = "",
    recipient: Annotated[str, typer.Option(help="Whom it leaves for, as the consents name them")] = "",
    purpose: Annotated[str, typer.Option(help="With --recipient: the purpose of the consents")] = "",
    follow: Annotated[bool, typer.Option("--follow", help="Wait for what comes, until Ctrl-C")] = False,
) -> None:
    """Print recorded entries from a position on, one JSON line each with its position; go on after the last one read.

    With --recipient only clients whose consent names them, and each page is a disclosure in the access log.

    Example: carejourney feed --after 61000 --type LevelOfCareStarted --type LevelOfCareEnded --follow
    """
    stopped = threading.Event()
    with opened() as services, stopped_by_signals(stopped):
        if bool(recipient) != bool(purpose):
            raise FilterError("--recipient and --purpose go together, as the consents name them")
        to = Recipient(recipient, purpose) if recipient else None
        wanted = Wanted(frozenset(type_ or ()), site, to)
        while not stopped.is_set():
            fed = _printed(services, after, wanted)
            if fed.position == after and not follow:
                return
            if fed.position == after:
                stopped.wait(LOOK_SECONDS)
            after = fed.position


def _printed(services: Services, after: int, wanted: Wanted) -> FeedPage:
    fed = page(services, operator("feed"), after, wanted, PAGE)
    sys.stdout.buffer.write(b"".join(orjson.dumps(line) + b"\n" for line in fed.lines))
    sys.stdout.buffer.flush()
    return fed
