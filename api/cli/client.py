"""``carejourney client …``: all of its commands."""

from __future__ import annotations

from api.cli import erasing, printing
from api.cli.clients import app

app.command("summary")(printing.summary)
app.command("discharge-summary")(printing.discharge_summary)
app.command("erase")(erasing.erase)
app.command("erasures")(erasing.erasures)
