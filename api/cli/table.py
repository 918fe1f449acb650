"""The command line's table of contents: each command is imported when it is run, and not before.

Most of a start would be imports that the command at hand has no use for.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import contextmanager
from importlib import import_module
from typing import Any, ClassVar, NamedTuple

import typer
from typer.core import TyperCommand, TyperGroup
from typer.main import get_command, get_group

from infra.runtime.collector import collector_paused


class Entry(NamedTuple):
    """Where a command or a group of commands is, the first paragraph of its help, and whether anything in it logs.

    What logs is a third of the start of a command that does not.
    """

    module: str
    name: str
    help: str
    logs: bool = True


COMMANDS: dict[str, Entry] = {
    "import": Entry("imports", "app", "Import history: NDJSON events, or the CTN-0094 tables."),
    "export": Entry("export", "app", "Export: events, flat tables, FHIR, TEDS records, process logs."),
    "project": Entry("projector", "app", "Read models: status, run, rebuild, rollback, verify, retry."),
    "relay": Entry("relay", "app", "Kafka: publish the log to a topic."),
    "client": Entry("client", "app", "One client: status, timeline, rows, history; documents; erasure."),
    "audit": Entry("audit", "app", "Audit: disclosures, access, integrity."),
    "provider": Entry("provider", "app", "The provider: sites, programs, staff, groups, code lists, consent forms."),
    "keys": Entry("keys", "app", "Master keys: status, new, rotate."),
    "database": Entry("database", "app", "The database: versions of its tables, roles."),
    "publication": Entry(
        "publications", "app", "Publications: decided tables that leave the house, protected together."
    ),
    "measures": Entry("measures", "app", "A programme's own measures (CAREJOURNEY_MEASURES_FILE)."),
    "backup": Entry("backup", "backup", "Back up the log, encrypted and read back, while everything goes on."),
    "restore": Entry(
        "backup",
        "restore",
        "Restore a backup into an empty database, SQLite or PostgreSQL, to the same log; read models are built anew.",
    ),
    "report": Entry(
        "reports", "report", "Print a report. With the embedded store the read models are brought up to date first."
    ),
    "view": Entry("views", "app", "Saved views: questions under a name; yours are the system user's."),
    "feed": Entry(
        "feed",
        "feed",
        "Print recorded entries from a position on, one JSON line each with its position; go on after the last one "
        "read.",
    ),
    "serve": Entry("server", "serve", "Serve the web app and the API, and keep the read models in step."),
    "demo": Entry(
        "server", "demo", "Simulated clients over 18 months, an embedded store, the web app with one sign-in per role."
    ),
    "simulate": Entry(
        "server", "simulate", "Write a simulated programme as import lines; every line says that it is simulated."
    ),
    "config": Entry("configuration", "config", "Every setting with its value and source, secrets masked."),
    "version": Entry("version", "version", "The version of Care Journey.", logs=False),
}


def load(name: str) -> Any:
    """The command of this name, imported."""
    entry = COMMANDS[name]
    with collector_paused():
        member = getattr(import_module(f"api.cli.{entry.module}"), entry.name)
    if isinstance(member, typer.Typer):
        command = get_group(member)
    else:
        only = typer.Typer(add_completion=False)
        only.command(name)(member)
        command = get_command(only)
    command.name = name
    return command


class Table(TyperGroup):
    """The commands of the table, shown by their entries and run from their modules."""

    before: ClassVar[list[Callable[[], None]]] = []
    """What is done before a command that logs is imported."""
    _listing = False

    def __init__(self, *args: Any, **options: Any) -> None:
        """All of them, by their help alone: for lists, completion and near names."""
        super().__init__(*args, **options)
        self.commands = {name: TyperCommand(name, help=entry.help) for name, entry in COMMANDS.items()}

    def list_commands(self, ctx: Any) -> list[str]:  # noqa: ARG002 - as the base has it
        """Their names, in the order of the table."""
        return list(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:  # noqa: ARG002 - as the base has it
        """One of them; while they are only listed, its help alone."""
        if cmd_name not in COMMANDS:
            return None
        if self._listing:
            return self.commands[cmd_name]
        for prepare in self.before if COMMANDS[cmd_name].logs else ():
            prepare()
        return load(cmd_name)

    def format_help(self, ctx: Any, formatter: Any) -> None:
        """The help of the whole."""
        with self._listed():
            super().format_help(ctx, formatter)

    def shell_complete(self, ctx: Any, incomplete: str) -> list[Any]:
        """Names that begin so."""
        with self._listed():
            return super().shell_complete(ctx, incomplete)

    @contextmanager
    def _listed(self) -> Generator[None]:
        self._listing = True
        try:
            yield
        finally:
            self._listing = False
