"""``carejourney audit set-aside`` and ``take-up``: go on without an entry that cannot be read, or with it again."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated
from uuid import UUID

import typer

from api.cli.context import admin_author, catch_up, opened
from domain.commands import SetAside, TakeUp
from infra.eventstore.keyring import of_provider
from infra.identity.people import operator
from infra.ops.set_aside import decide_aside
from projections.filters import FilterError

Target = Annotated[str, typer.Argument(help="The entry's id: `project quarantine` and a chart's history name it")]
Reason = Annotated[str, typer.Option(help="Why; sealed, and shown with the decision")]
By = Annotated[str, typer.Option(help="Your name, to be read; who you are is the system's user")]


def set_aside(event_id: Target, reason: Reason, by: By = "") -> None:
    """Leave an entry that cannot be read out of every number and chart: its client counts again, without it.

    One of the provider's own leaves what is defined as the others say it. The entry stays in the log and in proofs, and
    the chart or the history of the definition says who decided so and why. Only what cannot be read can be
    set aside; retract what was made in error.

    Example: carejourney audit set-aside 0190c5a1-… --reason "damaged on 3 May; no backup has it" --by a.meyer
    """
    entry = _decide(lambda: SetAside(_id(event_id), reason), "audit set-aside", by)
    typer.echo(f"Set aside, by {entry}.")


def take_up(event_id: Target, reason: Reason, by: By = "") -> None:
    """Let an entry count again that was set aside: as it says where it can be read, as unreadable where not.

    Example: carejourney audit take-up 0190c5a1-… --reason "the release is installed that knows it" --by a.meyer
    """
    entry = _decide(lambda: TakeUp(_id(event_id), reason), "audit take-up", by)
    typer.echo(f"Taken up again, by {entry}.")


def _decide(command: Callable[[], SetAside | TakeUp], doing: str, by: str) -> str:
    """The entry by which it is decided: its number, and the client's or the provider's stream."""
    me = operator(doing)
    author = admin_author(me, by)
    with opened() as services:
        receipt = decide_aside(services, me, command(), author=author)
        catch_up(services)
        stream = receipt.client_id
        whose = services.log.reference(stream) if of_provider(stream) else f"client {stream}"
        return f"entry {receipt.sequence} of {whose}"


def _id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        msg = "EVENT_ID is 32 hexadecimal digits, with or without hyphens"
        raise FilterError(msg) from None
