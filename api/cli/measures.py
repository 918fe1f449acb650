"""``carejourney measures …``: a programme's own measures, checked and tried before they are used."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from api.cli.context import catch_up, explained, opened
from api.cli.output import Format, show
from infra.reporting import measure_preview

app = typer.Typer(no_args_is_help=True, help="A programme's own measures (CAREJOURNEY_MEASURES_FILE).")
File = Annotated[Path, typer.Argument(help="A TOML file with [[measure]] and [[completion]] tables")]


@app.command()
def check(file: File, form: Annotated[Format, typer.Option("--format")] = Format.table) -> None:
    """Say what the file defines, or each problem with its line; exit 1 if there is one.

    Example: carejourney measures check our-measures.toml
    """
    with explained():
        show(measure_preview.check(file), form, measure_preview.CHECK_COLUMNS, "Measures")


@app.command()
def preview(file: File, form: Annotated[Format, typer.Option("--format")] = Format.table) -> None:
    """What the file's measures come to over all stays on record; nothing is changed by it.

    Example: carejourney measures preview our-measures.toml
    """
    with explained():
        measure_preview.check(file)
    with opened() as services:
        catch_up(services)
        show(measure_preview.preview(services, file), form, measure_preview.PREVIEW_COLUMNS, "Preview")
