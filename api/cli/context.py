"""What every command shares: opening the services, turning errors into exit codes, progress."""

from __future__ import annotations

import sys
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import typer
from pydantic import ValidationError
from pydantic_settings import SettingsError as UnparsedSettingError
from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from domain.errors import ExpectedError
from infra.bootstrap import Services, open_services
from infra.eventstore.author import Author
from infra.eventstore.unavailable import AGAIN, database_errors, unavailable
from infra.identity.people import Principal
from infra.interop.exporters.targets import private
from infra.interop.importers.events.run import ImportFileError
from infra.runtime.collector import collecting_seldom
from infra.settings import Settings

REFUSED = 1
USAGE = 2

WRONG_CALL = frozenset({"question", "settings"})  # kinds that end with USAGE; every other ends with REFUSED

ERRORS = Console(stderr=True, highlight=False)


def say(text: str) -> None:
    """One line for people on stderr, never folded."""
    ERRORS.print(text, markup=False, soft_wrap=True)


@contextmanager
def opened(*, keyless: bool = False) -> Generator[Services]:
    """The services of the settings, closed at the end; known errors become one line and an exit code.

    ``keyless``: go on without a master key, for what can be read without one.
    """
    with explained(), collecting_seldom():
        services = open_services(Settings(), keyless=keyless)
        if services.log.keyring.problem:
            say(f"carejourney: {services.log.keyring.problem}. Only what needs no key can be read.")
        try:
            yield services
        finally:
            services.close()


@contextmanager
def explained() -> Generator[None]:
    """Known errors as one line on stderr: exit 1 for a refusal or a failed check, 2 for a wrong call."""
    try:
        yield
    except ExpectedError as error:
        say(f"carejourney: {error}")
        raise typer.Exit(USAGE if error.kind in WRONG_CALL else REFUSED) from None
    except UnparsedSettingError as error:
        say(f"carejourney: {error}")
        raise typer.Exit(USAGE) from None
    except ValidationError as error:
        if error.title != Settings.__name__:
            raise
        for wrong in error.errors(include_input=False, include_url=False):
            say(
                f"carejourney: CAREJOURNEY_{str(wrong['loc'][0]).upper()}: {wrong['msg'].removeprefix('Value error, ')}"
            )
        raise typer.Exit(USAGE) from None
    except database_errors() as error:
        say(f"carejourney: {unavailable(error, AGAIN)}.")
        raise typer.Exit(REFUSED) from None


@contextmanager
def progress(title: str, total: float | None) -> Generator[ProgressBar]:
    """A progress bar with rate and time left on stderr; silent when it is not a terminal."""
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.percentage:>3.0f} %" if total else ""),
        TextColumn("{task.fields[rate]}"),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
    )
    bar = Progress(*columns, console=ERRORS, transient=True, disable=not ERRORS.is_terminal)
    with bar:
        yield ProgressBar(bar, bar.add_task(title, total=total, rate=""))


class ProgressBar:
    """One bar: say how far the work is."""

    def __init__(self, bar: Progress, task: object) -> None:
        """Wrap a rich progress bar and its task."""
        self._bar = bar
        self._task = task

    def at(self, done: float, total: float | None = None, unit: str = "") -> None:
        """``done`` of ``total``; the rate is shown in ``unit`` a second."""
        task = self._bar.tasks[0]
        speed = task.speed or 0.0
        rate = f"{speed:,.0f} {unit}/s" if unit else ""
        self._bar.update(task.id, completed=done, total=total if total is not None else task.total, rate=rate)


@contextmanager
def written_to(path: str) -> Generator[IO[bytes]]:
    """A file to write; ``-`` is standard output. A file appears whole or not at all, for its owner alone.

    Raises:
        ImportFileError: it cannot be written.
    """
    if path == "-":
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
        return
    part = Path(f"{path}.part")
    try:
        with private(part).open("wb") as file:
            yield file
        part.replace(path)
    except OSError as error:
        msg = f"{path}: {error.strerror}: give a file that can be written"
        raise ImportFileError(msg) from None
    finally:
        part.unlink(missing_ok=True)


def catch_up(services: Services) -> None:
    """Bring the read models up to date, with a progress bar when it takes a while."""
    head = services.log.head()
    with progress("Bringing read models up to date", head) as bar:
        services.catch_up(lambda position, newest: bar.at(position, newest, "positions"))


def admin_author(me: Principal, by: str) -> Author:
    """The author of what the operator records as an administrator; ``by``: the name to be read in place of theirs."""
    return Author(by or me.name.removeprefix("os:"), "admin", "cli", issuer=me.issuer, subject=me.subject)
