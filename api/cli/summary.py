"""``carejourney client summary`` and ``client discharge-summary``: a client's record as PDF."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from api.cli.clients import AsOf, AtEntry
from api.cli.context import USAGE, opened, say, written_to
from infra.identity.people import PURPOSES, operator
from projections.params import moment_of

if TYPE_CHECKING:
    from api.documents.make import Kind

Out = Annotated[Path, typer.Option("--pdf", help="File to write; - for standard output")]
Language = Annotated[str, typer.Option(help="Language of the document, as en or es")]
To = Annotated[str, typer.Option("--recipient", help="Who gets it outside the programme; needs the client's consent")]
Purpose = Annotated[str, typer.Option(help=", ".join(PURPOSES) + ", or the words of the consent")]
Emergency = Annotated[str, typer.Option(help="With --purpose emergency: its nature, for the record")]


@dataclass(frozen=True)
class _Asked:
    """What the options say, whichever document it is."""

    client: str
    pdf: Path
    as_of: str
    language: str
    recipient: str
    purpose: str
    emergency: str
    at_entry: int | None = None


def summary(
    client: str,
    pdf: Out,
    as_of: AsOf = "",
    language: Language = "en",
    recipient: To = "",
    purpose: Purpose = "",
    emergency: Emergency = "",
    at_entry: AtEntry = None,
) -> None:
    """Key facts, journey, medication, plan, screens and scores, attendance, follow-ups, as PDF.

    Example: carejourney client summary SIM-000001 --pdf summary.pdf
    """
    _write("summary", _Asked(client, pdf, as_of, language, recipient, purpose, emergency, at_entry))


def discharge_summary(
    client: str,
    pdf: Out,
    episode: Annotated[int | None, typer.Option(min=1, help="Which episode, from 1; default: the latest")] = None,
    as_of: AsOf = "",
    language: Language = "en",
    recipient: To = "",
    purpose: Purpose = "",
    emergency: Emergency = "",
    at_entry: AtEntry = None,
) -> None:
    """One episode from admission to aftercare, as PDF.

    Example: carejourney client discharge-summary SIM-000001 --pdf discharge.pdf --episode 1
    """
    _write("discharge-summary", _Asked(client, pdf, as_of, language, recipient, purpose, emergency, at_entry), episode)


def _write(kind: Kind, given: _Asked, episode: int | None = None) -> None:
    """For a recipient as a disclosure, else as a read for the purpose that was given."""
    from api.documents.make import Recipient, Wanted, hand_out, print_within
    from api.i18n.language import languages  # catalogues and typesetting take a while to load

    if given.language not in languages():
        say(f"carejourney: --language must be one of {', '.join(languages())}")
        raise typer.Exit(USAGE)
    if not given.recipient and given.purpose and given.purpose not in PURPOSES:
        say(f"carejourney: without --recipient, --purpose must be one of {', '.join(PURPOSES)}")
        raise typer.Exit(USAGE)
    if given.as_of and given.at_entry is not None:
        say("carejourney: give --as-of or --at-entry: one says when, the other after which entry")
        raise typer.Exit(USAGE)
    as_of = moment_of(given.as_of, "--as-of")
    wanted = Wanted(kind, given.language, episode, as_of, at_entry=given.at_entry)
    who = operator(f"client {kind}")
    with opened() as services:
        if given.recipient:
            to = Recipient(given.recipient, given.purpose or "treatment", given.emergency)
            made = hand_out(services, who, given.client, wanted, to)
        else:
            made = print_within(services, replace(who, purpose=given.purpose), given.client, wanted)
    with written_to(str(given.pdf)) as file:
        file.write(made)
