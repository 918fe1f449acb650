"""``carejourney version``."""

from __future__ import annotations

import importlib.metadata

import typer


def version() -> None:
    """The version of Care Journey."""
    typer.echo(importlib.metadata.version("carejourney"))
