"""``carejourney client …``: all of its commands."""

from __future__ import annotations

from api.cli import erasure, summary
from api.cli.clients import app

app.command("summary")(summary.summary)
app.command("discharge-summary")(summary.discharge_summary)
app.command("erase")(erasure.erase)
app.command("erasures")(erasure.erasures)
