"""``carejourney backup`` and ``carejourney restore``."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Annotated, Any

import typer

from api.cli.context import explained, opened, progress, say
from api.cli.output import Format, counted, show
from infra.bootstrap import restore_into
from infra.eventstore.keys.providers import keyring
from infra.ops.backup.backup import Manifest, check as check_backup
from infra.ops.backup.retention import name_for, prune
from infra.ops.backup.setup import back_up, closing_of
from infra.settings import Settings

COLUMNS = ("table", "rows", "sha256")
FormatOption = Annotated[Format, typer.Option("--format")]
Identity = Annotated[Path | None, typer.Option(help="Private key (X25519, PEM) that opens the backup")]


def backup(
    file: Annotated[Path, typer.Argument(help="File to write, or a folder: then it is named after the moment")],
    recipient: Annotated[Path | None, typer.Option(help="Public key (X25519, PEM): only its holder opens it")] = None,
    keep: Annotated[int | None, typer.Option(min=0, help="Backups kept in the folder; 0 keeps all")] = None,
    form: FormatOption = Format.table,
) -> None:
    """Back up the log, encrypted and read back, while everything goes on.

    It opens with the master key, with CAREJOURNEY_BACKUP_PASSPHRASE if that is set, or with --recipient's private key.
    Older backups of the folder are removed beyond --keep (CAREJOURNEY_BACKUP_KEEP).

    Example: carejourney backup var/today.cjbackup
    """
    with opened() as services, progress("Backing up", None) as bar:
        path = name_for(file, services.now()) if file.is_dir() else file
        manifest = back_up(services, path, recipient, lambda done, total: bar.at(done, total, "rows"))
        removed = prune(path.parent, services.settings.backup_keep if keep is None else keep)
    show(_rows(manifest), form, COLUMNS, f"Backed up to {path}")
    if removed:
        say(f"Removed {len(removed)} older backups; the newest are kept.")


def restore(
    file: Annotated[Path, typer.Argument(help="The backup")],
    into: Annotated[str | None, typer.Option(help="An empty database; default: CAREJOURNEY_DATABASE_URL")] = None,
    identity: Identity = None,
    check: Annotated[bool, typer.Option("--check", help="Only read it to its end; write nothing")] = False,
    without_ledger: Annotated[
        bool, typer.Option("--without-ledger", help="Go on without the newest erasure ledger: say you looked for it")
    ] = False,
    form: FormatOption = Format.table,
) -> None:
    """Restore a backup into an empty database, SQLite or PostgreSQL, to the same log; read models are built anew.

    Charts that were erased since the backup stay erased (the ledger says which).

    Example: carejourney restore var/today.cjbackup --into sqlite:///var/restored.db
    """
    settings = Settings()
    if check:
        with explained(), progress("Reading", None) as bar:
            closing = closing_of(settings, keyring(settings), identity=identity)
            manifest = check_backup(file, closing, lambda done, _: bar.at(done, unit="rows"))
        show(_rows(manifest), form, COLUMNS, "The backup is whole")
        return
    with explained():
        with progress("Restoring", None) as bar:
            restored, services = restore_into(
                settings,
                file,
                into,
                identity=identity,
                without_ledger=without_ledger,
                progress=lambda done, total: bar.at(done, total, "rows"),
            )
        try:
            with progress("Building read models", services.log.head()) as bar:
                services.projector.rebuild(progress=lambda position, head: bar.at(position, head, "positions"))
                services.names.rebuild()
            stay = len(services.log.all_erased())
        finally:
            services.close()
    show(_rows(restored.manifest), form, COLUMNS, "Restored")
    if stay:
        say(f"{counted(stay, 'chart is', 'charts are')} erased in it.")
    if not services.settings.ledger_file.exists():
        say("No erasure ledger was found: if a chart was erased after this backup, erase it again.")


def _rows(manifest: Manifest) -> list[dict[str, Any]]:
    tables = dataclasses.asdict(manifest)["tables"]
    cells = [(name, table["rows"], table["sha256"][:16]) for name, table in tables.items()]
    return [dict(zip(COLUMNS, row, strict=True)) for row in cells]
