"""``carejourney provider …``: the provider's own sites, programs, staff, groups, code lists and consent forms."""

from __future__ import annotations

import hashlib
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, cast
from uuid import UUID

import orjson
import typer

from api.cli.context import REFUSED, admin_author, catch_up, explained, opened, say
from api.cli.output import Format, counted, show
from api.cli.unreadable import tell_unread
from domain.commands import Retract
from domain.entries import moment
from domain.events import CATALOGUE, InvalidDataError, ProviderEvent
from domain.provider import DEFINING, label
from infra.identity.people import operator
from infra.provider.define import NoSuchDefinitionError, amend, define as record, label_at, stream_of
from infra.provider.definitions import defined
from infra.provider.icd10 import read_codes
from projections.filters import FilterError
from projections.params import moment_of
from projections.provider.queries import known_kind

app = typer.Typer(no_args_is_help=True, help="The provider: sites, programs, staff, groups, code lists, consent forms.")

OfKind = Annotated[str, typer.Argument(help="site, program, staff, group, code_list or consent_form")]
By = Annotated[str, typer.Option(help="Your name, to be read; who you are is the system's user")]
Form = Annotated[Format, typer.Option("--format")]
_COLUMNS = ("key", "name", "since", "until", "data", "event_id")
_ENTRIES = ("sequence", "type", "occurred_at", "recorded_at", "actor", "data", "event_id")


@app.command("list")
def list_kind(
    kind: OfKind,
    at: Annotated[str, typer.Option(help="In force at this moment, with offset; default: now")] = "",
    as_of: Annotated[str, typer.Option(help="As was known at this moment, with offset")] = "",
    form: Form = Format.table,
) -> None:
    """The things of a kind as they were defined at a moment, by key.

    Example: carejourney provider list group --at 2026-01-31T12:00:00Z
    """
    with opened() as services:
        catch_up(services)
        when = moment_of(at, "--at") or services.now()
        definition = defined(services, kind, when, moment_of(as_of, "--as-of"))
        rows = [
            {
                "key": definition.key,
                "name": definition.name,
                "since": moment(definition.since).isoformat(),
                "until": "" if definition.until is None else moment(definition.until).isoformat(),
                "data": _shown(definition.data, form),
                "event_id": definition.event_id,
            }
            for definition in definition
        ]
        show(rows, form, _COLUMNS, kind)


@app.command()
def history(kind: OfKind, key: Annotated[str, typer.Argument(help="Its key")], form: Form = Format.table) -> None:
    """Everything that was recorded of one thing, corrections and retractions too.

    Example: carejourney provider history site North
    """
    with opened() as services:
        recorded = stream_of(services.log, label(known_kind(kind), key), opened=True)
        rows = [
            {
                "sequence": entry.sequence,
                "type": entry.type,
                "occurred_at": entry.occurred_at.isoformat(),
                "recorded_at": entry.recorded_at.isoformat(),
                "actor": entry.actor,
                "data": _shown(entry.event.model_dump(mode="json", by_alias=True, exclude_none=True), form),
                "event_id": entry.event_id,
            }
            for entry in recorded.entries
        ]
        show(rows, form, _ENTRIES, f"{kind} {key}")
        tell_unread(recorded.unread)
        if not recorded.sequence:
            say("carejourney: nothing of this kind has this key")
            raise typer.Exit(REFUSED)


@app.command()
def define(
    command: Annotated[str, typer.Argument(help=f"One of {', '.join(DEFINING)}")],
    data: Annotated[str, typer.Option(help="What it says, as a JSON object: docs/events.md has the fields")],
    since: Annotated[str, typer.Option(help="From when it holds, with offset; default: from now on")] = "",
    by: By = "",
) -> None:
    """Define a site, a program, a member of staff or a group, a consent form, end one of these two, adopt a code list.

    Example: carejourney provider define define-program --data '{"program":"IOP","level":"intensive_outpatient"}'
    """
    with opened() as services:
        event = _event(command, data)
        begins: datetime | None = moment_of(since, "--since")
        receipt = record(
            services.log, event, author=admin_author(operator("provider"), by), now=services.now(), since=begins
        )
        catch_up(services)
        typer.echo(f"Recorded as entry {receipt.sequence} of {event.kind} {event.key}: {receipt.event_ids[0]}")


@app.command("adopt-icd10")
def adopt_icd10(
    file: Annotated[Path, typer.Argument(help="icd10cm_order_YYYY.txt, as CMS publishes it")],
    edition: Annotated[str, typer.Option(help="The edition, as 2026")],
    since: Annotated[str, typer.Option(help="From when it holds, with offset; default: from now on")] = "",
    by: By = "",
) -> None:
    """Adopt an edition of ICD-10-CM by the digest of its file; CAREJOURNEY_ICD10_FILE then offers its codes on forms.

    Example: carejourney provider adopt-icd10 icd10cm_order_2026.txt --edition 2026
    """
    with explained():
        codes = read_codes(file)
    digest = hashlib.sha256(file.read_bytes()).hexdigest()
    data = {"list": "ICD-10-CM", "edition": edition, "digest": digest}
    define("adopt-code-list", orjson.dumps(data).decode(), since, by)
    adopted = counted(len(codes), "code", "codes")
    say(f"{adopted} for diagnoses; name the file by CAREJOURNEY_ICD10_FILE to have them offered")


@app.command()
def retract(
    event_id: Annotated[str, typer.Argument(help="The entry's id: the history names it")],
    reason: Annotated[str, typer.Option(help="Why")],
    by: By = "",
) -> None:
    """Take a definition back that was made in error; the one before it holds again.

    Example: carejourney provider retract 0190c5a1-… --reason "another site's capacity"
    """
    with opened() as services:
        try:
            target = UUID(event_id)
            stream = label_at(services.log, target)
        except (ValueError, NoSuchDefinitionError):
            msg = "EVENT_ID is that of no definition: `carejourney provider history` names them"
            raise FilterError(msg) from None
        command = Retract(target, reason)
        receipt = amend(
            services.log, stream, command, author=admin_author(operator("provider"), by), now=services.now()
        )
        catch_up(services)
        typer.echo(f"Taken back, by entry {receipt.sequence}.")


def _event(command: str, data: str) -> ProviderEvent:
    if command not in DEFINING:
        msg = f"COMMAND is none of {', '.join(DEFINING)}"
        raise FilterError(msg)
    try:
        given = orjson.loads(data)
        event = CATALOGUE.parse(DEFINING[command], cast("dict[str, Any]", given) if isinstance(given, dict) else {})
    except orjson.JSONDecodeError as error:
        msg = f"--data is not JSON at column {error.colno}: give one JSON object"
        raise FilterError(msg) from None
    except InvalidDataError as error:
        msg = f"--data: {error}"
        raise FilterError(msg) from None
    assert isinstance(event, ProviderEvent)
    return event


def _shown(data: dict[str, Any], form: Format) -> Any:
    return data if form is Format.json else orjson.dumps(data).decode()
