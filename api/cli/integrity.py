"""``carejourney audit verify, seal, heads, keys, rotate-key, prove``: that nothing was altered, and proof of it."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated, Any

import orjson
import typer

from api.cli.context import REFUSED, opened, progress, say, written_to
from api.cli.output import Format, counted, show
from api.tabular import field_names
from infra.bootstrap import Services
from infra.eventstore.unavailable import database_errors, unavailable
from infra.identity.people import operator
from infra.integrity.findings import Finding, Report
from infra.integrity.heads import Head, Key
from infra.integrity.proofs import NotSealedError, ProofError, find_entry, prove as prove_row
from infra.integrity.saved_heads import SavedHeadsError, lines_of, read_saved
from infra.integrity.seal_setup import CARE, SEALING_ERRORS, logs_of, rotate_key as rotate, seal as seal_logs, seals_of
from infra.integrity.verify_setup import verify as verify_logs

FormatOption = Annotated[Format, typer.Option("--format")]
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def verify(
    heads: Annotated[Path | None, typer.Option(help="Heads that were saved elsewhere (`audit heads --out`)")] = None,
    form: FormatOption = Format.table,
) -> None:
    """Compute every hash, link, code, root and signature again; exit 1 on any difference, and say what and where.

    Example: carejourney audit verify --heads heads-of-last-month.ndjson
    """
    with opened(keyless=True) as services, progress("Verifying", None) as bar:
        report = verify_logs(services, heads, lambda done, total: bar.at(done, total, "entries"), in_two=True)
    for notice in report.notices:
        say(f"Note: {notice}.")
    _show_report(report, form)
    if report.findings:
        raise typer.Exit(REFUSED)


def _show_report(report: Report, form: Format) -> None:
    if report.findings or form is not Format.table:
        show([asdict(finding) for finding in report.findings], form, field_names(Finding), "Differences")
        return
    for log in report.logs:
        entries, streams = counted(log.entries, "entry", "entries"), counted(log.streams, "stream", "streams")
        unchanged = "is as it was" if log.entries == 1 else "are as they were"
        covered = (
            f"{counted(log.heads, 'head covers', 'heads cover')} {log.sealed:,}" if log.heads else "no head covers any"
        )
        typer.echo(f"{log.log}: {entries} in {streams} {unchanged} recorded; {covered}.")


def seal(form: FormatOption = Format.table) -> None:
    """Seal what was recorded since the last time: sign a new head of each log that has grown."""
    with opened(keyless=True) as services:
        made = seal_logs(services)
    if not made and form is Format.table:
        typer.echo("Nothing was recorded since the last head.")
        return
    show([_head(head) for head in made], form, field_names(Head), "Sealed")


def heads(
    out: Annotated[str, typer.Option(help="Write them as NDJSON, with the public keys, to keep elsewhere")] = "",
    form: FormatOption = Format.table,
) -> None:
    """The signed heads of every log.

    Example: carejourney audit heads --out /media/auditor/heads.ndjson
    """
    with opened(keyless=True) as services:
        seals = seals_of(services)
        keys, heads_read = seals.public_keys(), seals.heads()
        if out:
            with written_to(out) as file:
                file.write(lines_of([*keys, *heads_read]))
            say(f"{counted(len(heads_read), 'head', 'heads')} and {counted(len(keys), 'key', 'keys')}.")
            return
    show([_head(head) for head in heads_read], form, field_names(Head), "Heads")


def keys(form: FormatOption = Format.table) -> None:
    """The public keys that heads are signed with, oldest first."""
    with opened(keyless=True) as services:
        keys_read = seals_of(services).public_keys()
    show([_key(key) for key in keys_read], form, field_names(Key), "Keys")


def rotate_key(
    lost: Annotated[bool, typer.Option("--lost", help="The key in use is lost: begin anew, uncertified")] = False,
    form: FormatOption = Format.table,
) -> None:
    """Make a new signing key, certified by the one in use, which is gone then. What was signed stays valid."""
    with opened(keyless=True) as services:
        key = rotate(services, anew=lost)
    show([_key(key)], form, field_names(Key), "Signs from now on")


def prove(
    event_id: str,
    out: Annotated[str, typer.Option(help="The file to write")] = "-",
    from_head: Annotated[
        Path | None, typer.Option(help="Heads saved earlier: prove that the log grew from them")
    ] = None,
) -> None:
    """Write a proof that an entry is in the sealed log; docs/verify checks it without this program.

    Example: carejourney audit prove 0190c5a1-… --out proof.json --from-head heads-of-last-month.ndjson
    """
    with opened() as services:
        care = logs_of(services)[0]
        row = find_entry(care, _event_id(event_id))
        services.people.log.read(operator("audit prove"), [row.client_id])
        since = newest_saved(from_head) if from_head is not None else None
        proof = _proof(services, lambda: prove_row(care, seals_of(services), row, since))
        with written_to(out) as file:
            file.write(orjson.dumps(proof, option=orjson.OPT_INDENT_2) + b"\n")


def seal_after(services: Services) -> None:
    """Seal at the end of an import. What was imported is durable: if it cannot be sealed, that is said."""
    if services.settings.signing_file is None:
        say("Not sealed: set CAREJOURNEY_SIGNING_KEY_FILE, then `carejourney audit seal`.")
        return
    try:
        seal_logs(services)
    except SEALING_ERRORS as error:
        say(f"Not sealed: {error}.")
    except database_errors() as error:
        say(f"Not sealed yet: {unavailable(error)}.")


def _proof(services: Services, make: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    try:
        return make()
    except NotSealedError:
        seal_logs(services)
        return make()


def _event_id(text: str) -> str:
    try:
        return uuid.UUID(text).hex
    except ValueError:
        raise ProofError(f"{text!r} is not the id of an entry: it is a UUID, as `client history` shows it") from None


def newest_saved(path: Path) -> Head:
    """The newest head of the log of care in a file of heads.

    Raises:
        SavedHeadsError: it cannot be read, or has none.
    """
    heads_saved = [head for head in read_saved(path).heads if head.log == CARE]
    if not heads_saved:
        raise SavedHeadsError(f"{path.name} has no head of the log of care")
    return max(heads_saved, key=lambda head: head.number)


def _moment(microseconds: int) -> str:
    return (_EPOCH + timedelta(microseconds=microseconds)).isoformat(timespec="seconds")


def _head(head: Head) -> dict[str, object]:
    return {**asdict(head), "sealed_at": _moment(head.sealed_at)}


def _key(key: Key) -> dict[str, object]:
    return {**asdict(key), "since": _moment(key.since)}
