"""``carejourney client erase`` and ``erasures``: destroy a client's personal data, by the will of two people."""

from __future__ import annotations

from typing import Annotated

import typer

from api.cli.context import admin_author, catch_up, opened, say
from api.cli.output import Format, counted, show
from api.tabular import Columns
from domain.vocabulary import ErasureGround
from infra.bootstrap import Services
from infra.eventstore.log import Author
from infra.identity.people import operator
from infra.privacy.erasure.requests import (
    confirm as confirm_erasure,
    request,
    waiting_requests,
    withdraw as withdraw_request,
)

WAITING_COLUMNS: Columns = ("client", "requested_by", "ground", "requested_at", "expires_at")


def erase(
    client: Annotated[str, typer.Argument(help="Chart number")],
    ground: Annotated[ErasureGround | None, typer.Option(help="Why; asks for the erasure")] = None,
    basis: Annotated[str | None, typer.Option(help="More on why; sealed, and goes with the chart")] = None,
    confirm: Annotated[bool, typer.Option("--confirm", help="Confirm what somebody else asked for")] = False,
    withdraw: Annotated[str, typer.Option(help="Take the request back, for this reason")] = "",
    by: Annotated[str, typer.Option(help="Your name, to be read; who you are is the system's user")] = "",
) -> None:
    """Destroy a client's key, so that no personal datum of theirs can be read again. Two people must agree.

    One asks (--ground), another confirms (--confirm) within CAREJOURNEY_ERASURE_HOURS: another user of this system, or
    an administrator through the API. Rates still count the client.

    Example: carejourney client erase C-1001 --ground court_order --by a.meyer
    """
    if (ground is not None) + confirm + bool(withdraw) != 1:
        say("carejourney: give one of --ground, --confirm and --withdraw")
        raise typer.Exit(2)
    me = operator("client erase")
    author = admin_author(me, by)
    with opened() as services:
        if ground is not None:
            _ask(services, client, author, ground, basis)
        elif withdraw:
            withdraw_request(services.log, client, author=author, reason=withdraw, now=services.now())
            typer.echo("Withdrawn: the chart stays.")
        else:
            _confirm(services, client, author)


def erasures(form: Annotated[Format, typer.Option("--format")] = Format.table) -> None:
    """Requests to erase that wait for their confirmation.

    Example: carejourney client erasures
    """
    with opened() as services:
        waiting = waiting_requests(services.log, services.now())
        numbers = services.log.references([request_open.client_id for request_open in waiting])
    cells = [
        (
            numbers[request_open.client_id],
            request_open.requested_by,
            request_open.ground,
            request_open.requested_at.isoformat(),
            request_open.expires_at.isoformat(),
        )
        for request_open in waiting
    ]
    rows = [dict(zip(WAITING_COLUMNS, row, strict=True)) for row in cells]
    show(rows, form, WAITING_COLUMNS, "Erasures to confirm")


def _ask(services: Services, client: str, author: Author, ground: ErasureGround, basis: str | None) -> None:
    hours = services.settings.erasure_hours
    request(services.log, client, author=author, ground=ground, basis=basis, now=services.now(), hours=hours)
    within = counted(hours, "hour", "hours")
    typer.echo(f"Asked for. Somebody other than {author.actor} can confirm it for {within}, with --confirm.")


def _confirm(services: Services, client: str, author: Author) -> None:
    receipts = confirm_erasure(services.log, client, author=author, now=services.now())
    services.names.forget([receipt.client_id for receipt in receipts])
    clear = services.complete_erasures()
    catch_up(services)
    merged = f", with {counted(len(receipts) - 1, 'chart', 'charts')} merged into it" if len(receipts) > 1 else ""
    typer.echo(f"Erased{merged}. It is shown as {services.log.reference(receipts[0].client_id)} from now on.")
    if not clear:
        say("Other processes hold a database: its free pages are cleared when a command is started next.")
