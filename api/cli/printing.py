"""``carejourney client summary`` and ``client discharge-summary``: a client's record as PDF."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Annotated

import typer

from api.cli.clients import AsOf
from api.cli.context import USAGE, moment_option, opened, say, written_to
from api.web.language import SOURCE, languages
from api.web.printing.making import Kind, Recipient, Wanted, hand_out, print_within
from infra.access.people import PURPOSES, operator

Out = Annotated[Path, typer.Option("--pdf", help="File to write; - for standard output")]
Language = Annotated[str, typer.Option(help="Language of the document: " + ", ".join(languages()))]
To = Annotated[str, typer.Option("--recipient", help="Who gets it outside the programme; needs the client's consent")]
Purpose = Annotated[str, typer.Option(help=", ".join(PURPOSES) + ", or the words of the consent")]
Emergency = Annotated[str, typer.Option(help="With --purpose emergency: its nature, for the record")]


def summary(
    client: str,
    pdf: Out,
    as_of: AsOf = "",
    language: Language = SOURCE,
    recipient: To = "",
    purpose: Purpose = "",
    emergency: Emergency = "",
) -> None:
    """Key facts, journey, medication, plan, screens and scores, attendance, follow-ups, as PDF.

    Example: carejourney client summary SIM-000001 --pdf summary.pdf
    """
    wanted = Wanted("summary", language, as_of=moment_option(as_of, "--as-of"))
    _write(client, pdf, wanted, Recipient(recipient, purpose, emergency))


def discharge_summary(
    client: str,
    pdf: Out,
    episode: Annotated[int | None, typer.Option(min=1, help="Which episode, from 1; default: the latest")] = None,
    as_of: AsOf = "",
    language: Language = SOURCE,
    recipient: To = "",
    purpose: Purpose = "",
    emergency: Emergency = "",
) -> None:
    """One episode from admission to aftercare, as PDF.

    Example: carejourney client discharge-summary SIM-000001 --pdf discharge.pdf --episode 1
    """
    wanted = Wanted("discharge-summary", language, episode, moment_option(as_of, "--as-of"))
    _write(client, pdf, wanted, Recipient(recipient, purpose, emergency))


def _write(client: str, path: Path, wanted: Wanted, to: Recipient) -> None:
    """For a recipient as a disclosure, else as a read for the purpose that was given."""
    if wanted.language not in languages():
        say(f"carejourney: --language must be one of {', '.join(languages())}")
        raise typer.Exit(USAGE)
    if not to.name and to.purpose and to.purpose not in PURPOSES:
        say(f"carejourney: without --recipient, --purpose must be one of {', '.join(PURPOSES)}")
        raise typer.Exit(USAGE)
    kind: Kind = wanted.kind
    with opened() as services:
        who = operator(f"client {kind}")
        if to.name:
            made = hand_out(services, who, client, wanted, dataclasses.replace(to, purpose=to.purpose or "treatment"))
        else:
            made = print_within(services, dataclasses.replace(who, purpose=to.purpose), client, wanted)
    with written_to(str(path)) as file:
        file.write(made)
