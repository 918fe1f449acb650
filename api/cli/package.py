"""``carejourney audit package``: everything about one client that an auditor takes away and checks elsewhere."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from api.cli.context import explained, opened, say, written_to
from api.cli.integrity import newest_saved
from api.cli.output import counted
from api.cli.unreadable import tell_unread
from infra.identity.people import PURPOSES, operator
from infra.integrity.package import PackageRequest, write_package
from projections.filters import FilterError


def package(
    client: Annotated[str, typer.Argument(help="The chart number")],
    out: Annotated[str, typer.Option(help="The archive to write; default: named after the moment")] = "",
    recipient: Annotated[
        str, typer.Option(help="Who gets it outside of the programme, as the consent names them")
    ] = "",
    purpose: Annotated[str, typer.Option(help="What they get it for: " + ", ".join(PURPOSES))] = "audit",
    from_head: Annotated[
        Path | None, typer.Option(help="Heads saved earlier: prove that the log grew from them")
    ] = None,
) -> None:
    """Write a client's audit package: history, accesses, disclosures, proofs, and the script that checks them.

    Without --recipient it stays in the programme and is recorded as a look at the chart. With one it is a disclosure:
    a consent must cover it, it is in the accounting, and the notice goes with it.

    Example: carejourney audit package SIM-000001 --out package.zip
    """
    with opened() as services, explained():
        if purpose not in PURPOSES:
            raise FilterError(f"--purpose: choose from {', '.join(PURPOSES)}")
        since = newest_saved(from_head) if from_head is not None else None
        path = out or services.now().strftime("audit-package-%Y%m%dT%H%M%SZ.zip")
        with written_to(path) as file:
            wanted = PackageRequest(recipient, purpose, since)
            packed = write_package(services, operator("audit package"), client, file, wanted)
    tell_unread(packed.unread)
    entries = counted(packed.entries, "entry", "entries")
    say(f"{entries}: {path}. The README in it says how many of them have a proof, and how to check it.")
