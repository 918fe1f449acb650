"""``carejourney audit seal``, ``heads``, ``keys``, ``rotate-key`` and ``prove``: what others need to check the log."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated
from uuid import UUID

import typer

from api.cli.context import opened, say, written_to
from api.cli.output import Format, show
from domain.entries import moment
from infra.access.people import operator
from infra.audit.heads import Head, Key
from infra.audit.proving import ProofError, prove as proof_of
from infra.audit.running import CARE, logs_of, rotate_key as rotated, seal as seal_all, seals_of
from infra.audit.saved import lines_of, read_saved
from projections.filters import FilterError

FormatOption = Annotated[Format, typer.Option("--format")]


def seal(form: FormatOption = Format.table) -> None:
    """Sign a new head of every log that has grown, and save it to the file of heads.

    Example: carejourney audit seal
    """
    with opened() as services:
        found = seal_all(services)
    if not found and form is Format.table:
        say("Everything was sealed already.")
        return
    show([asdict(head) if form is not Format.table else _shown(head) for head in found], form, "Sealed")


def heads(
    out: Annotated[str, typer.Option(help="Write keys and heads to this file (NDJSON); - for standard output")] = "",
    form: FormatOption = Format.table,
) -> None:
    """The signed heads, newest last; a copy out of the operator's reach shows later what was taken back.

    Example: carejourney audit heads --out heads.ndjson
    """
    with opened(keyless=True) as services:
        seals = seals_of(services)
        found = seals.heads()
        content = lines_of([*seals.public_keys(), *found]) if out else b""
    if out:
        with written_to(out) as target:
            target.write(content)
        return
    show([asdict(head) if form is not Format.table else _shown(head) for head in found], form, "Heads")


def keys(form: FormatOption = Format.table) -> None:
    """The public keys that signed, oldest first. Tell auditors the id of the first one on another way.

    Example: carejourney audit keys
    """
    with opened(keyless=True) as services:
        found = seals_of(services).public_keys()
    show([asdict(key) if form is not Format.table else _shown_key(key) for key in found], form, "Signing keys")


def rotate_key(
    anew: Annotated[
        bool, typer.Option("--anew", help="The key in use was lost: nobody vouches for the new one, and verify says so")
    ] = False,
) -> None:
    """Put a new signing key in place, certified by the one in use.

    Example: carejourney audit rotate-key
    """
    with opened() as services:
        key = rotated(services, anew=anew)
    typer.echo(f"Key {key.number} signs from now on: {key.key_id}")


def prove(
    event_id: Annotated[str, typer.Argument(help="The entry's id (event_id)")],
    saved: Annotated[Path | None, typer.Option("--heads", help="Prove under the newest head of this file")] = None,
    out: Annotated[str, typer.Option(help="Write it to this file; - for standard output")] = "-",
) -> None:
    """Write a proof that an entry stands in the log; docs/verify/carejourney_verify.py checks it without this app.

    Example: carejourney audit prove 0190d5c2-0000-7000-8000-000000000001 --out proof.json
    """
    with opened(keyless=True) as services:
        wanted = _event_id(event_id)
        care = next(log for log in logs_of(services) if log.name == CARE)
        against = _newest(saved) if saved is not None else None
        proof = proof_of(seals_of(services), care, wanted, against)
        services.people.log.read(operator("audit prove"), [proof.client_id])
    with written_to(out) as target:
        target.write(proof.content)


def _newest(saved: Path) -> Head:
    found = [head for head in read_saved(saved).heads if head.log == CARE]
    if not found:
        raise ProofError(f"{saved.name} has no head of the log of care: name a file of `carejourney audit heads --out`")
    return found[-1]


def _event_id(text: str) -> str:
    try:
        return UUID(text).hex
    except ValueError:
        msg = f"{text!r} is no entry's id: take event_id from `carejourney client history`"
        raise FilterError(msg) from None


def _shown(head: Head) -> dict[str, object]:
    return {
        "log": head.log,
        "head": head.number,
        "entries": head.size,
        "position": head.position,
        "sealed": f"{moment(head.sealed_at):%Y-%m-%d %H:%M}",
        "root": f"{head.root[:12]}…",
    }


def _shown_key(key: Key) -> dict[str, object]:
    vouched = "itself" if key.begins_anew else f"key {key.number - 1}"
    return {
        "key": key.number,
        "id": key.key_id,
        "since": f"{moment(key.since):%Y-%m-%d %H:%M}",
        "certified by": vouched,
    }
