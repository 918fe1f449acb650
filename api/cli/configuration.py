"""``carejourney config``."""

from __future__ import annotations

from typing import Annotated

import typer

from api.cli.context import explained
from api.cli.output import Format, show
from infra.settings import SETTING_COLUMNS, Settings


def config(form: Annotated[Format, typer.Option("--format")] = Format.table) -> None:
    """Every setting with its value and source, secrets masked."""
    with explained():
        show(Settings().rows(), form, SETTING_COLUMNS, "Settings")
