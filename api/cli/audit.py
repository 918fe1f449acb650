"""``carejourney audit …``: all of its commands."""

from __future__ import annotations

from api.cli import asides, integrity, package
from api.cli.access import app

for command in (
    integrity.verify,
    integrity.seal,
    integrity.heads,
    integrity.keys,
    integrity.rotate_key,
    integrity.prove,
    package.package,
    asides.set_aside,
    asides.take_up,
):
    app.command()(command)
