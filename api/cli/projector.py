"""``carejourney project …``: the projector and its read models."""

from __future__ import annotations

import dataclasses
import re
import threading
from collections.abc import Generator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

from api.cli.context import REFUSED, catch_up, opened, progress, say
from api.cli.output import Format, show
from api.cli.signals import observed, stopped_by_signals
from api.tabular import field_names
from infra.bootstrap import Services
from infra.eventstore.client_chart import NoSuchChartError
from infra.eventstore.unavailable import database_errors, unavailable
from infra.identity.people import operator
from infra.integrity.seal_setup import sealing
from infra.jobs.looks import LOOKS_SECONDS, Looks
from infra.jobs.turns import taking_turns
from infra.publications.schedule import scheduled
from infra.readmodels.dead_letters import COLUMNS as QUARANTINE_COLUMNS
from infra.readmodels.follower import Follower
from infra.readmodels.healed_letters import Healed
from infra.readmodels.projector import ProjectionStatus
from infra.readmodels.release import RESTS, Standing
from infra.readmodels.verify import Difference, verify as verify_projector
from infra.views.folder import writing_views
from projections.filters import FilterError

if TYPE_CHECKING:
    from infra.kafka.metrics import MetricsServer

app = typer.Typer(no_args_is_help=True, help="Read models: status, run, rebuild, rollback, verify, retry.")

WORKER = "carejourney-projector"
TOLD: dict[Standing, str] = {
    "ahead": "ahead of the log, which was put back from a copy: `carejourney project rebuild` counts anew.",
    "newer": "of a newer release, and this one rests there. Back to this one: `carejourney project rollback`.",
    "rolled_back": "of an older release, since somebody went back to it. Forward: `carejourney project rebuild`.",
    "other_zones": "with days of other time zones, which another process set since.",
}
_STREAM = re.compile("[0-9a-f]{32}")
FormatOption = Annotated[Format, typer.Option("--format")]


@app.command()
def status(form: FormatOption = Format.table) -> None:
    """Position, head and lag of every projection, clients quarantined and since when; exit 1 if one is ahead."""
    with opened(keyless=True) as services:
        statuses = services.projector.status()
    show([dataclasses.asdict(row) for row in statuses], form, field_names(ProjectionStatus), "Projections")
    for row in statuses:
        if row.building is not None:
            left = "" if row.building_seconds_left is None else f", about {row.building_seconds_left:.0f} s left"
            say(f"{row.projection}: generation {row.building} is built: {row.building_position} of {row.head}{left}.")
    for state, text in TOLD.items():
        names = [row.projection for row in statuses if row.state == state]
        if names:
            say(f"{', '.join(names)}: {text}")
    if any(row.state == "ahead" for row in statuses):
        raise typer.Exit(REFUSED)


@app.command()
def run(until_caught_up: Annotated[bool, typer.Option(help="Stop at the head of the log")] = False) -> None:
    """Run the projector until it is stopped (Ctrl-C), or only to the head of the log.

    With CAREJOURNEY_KAFKA_BOOTSTRAP it joins the workers of the topic; without, it follows the log itself.
    """
    with opened() as services:
        if services.settings.streams:
            from infra.kafka.setup import worker_of  # Kafka's client takes a while to load

            worker, metrics = worker_of(services)
            looking = taking_turns("knowledge", Looks(services.knowledge.look).turn, LOOKS_SECONDS)
            with _beside(services, metrics), looking, stopped_by_signals(worker.stop):
                say("This worker reads the topic. Ctrl-C stops it.")
                worker.run(until_caught_up=until_caught_up)
            return
        if until_caught_up:
            catch_up(services)
            return
        try:
            catch_up(services)
        except database_errors() as error:  # what it does from now on, it tries until it can
            say(f"carejourney: {unavailable(error)}.")
        _follow(services)


@contextmanager
def _beside(services: Services, metrics: MetricsServer) -> Generator[None]:
    """What a worker does beside its work, for as long as it runs."""
    from api.http.access import reads_reports
    from api.web.dashboards.paper import maker  # pages take a while to load

    with (
        observed(services.settings, WORKER),
        metrics.serving(),
        sealing(services),
        scheduled(services),
        writing_views(services, maker(services), reads_reports),
    ):
        yield


def _follow(services: Services) -> None:
    from infra.kafka.metrics import metrics_of

    stop = threading.Event()
    follower = Follower(services, services.knowledge.look if services.projects else None)
    metrics = metrics_of(services.settings, lambda: not stop.is_set())
    with _beside(services, metrics), stopped_by_signals(stop):
        follower.start()
        say("The projector follows the log. Ctrl-C stops it.")
        stop.wait()
        follower.stop()


@app.command()
def rebuild(name: Annotated[str | None, typer.Argument(help="One projection; default: all")] = None) -> None:
    """Build projections anew beside the live ones, then switch to them."""
    with opened(keyless=True) as services:
        if name is not None:
            _known(services, name)
        with progress("Rebuilding", services.log.head()) as bar:
            names = services.projector.rebuild(
                [name] if name else [], lambda position, head: bar.at(position, head, "positions"), _me()
            )
    typer.echo(f"Rebuilt and switched: {', '.join(names)}")


@app.command()
def rollback(
    name: Annotated[str | None, typer.Argument(help="One projection; default: all of a newer release")] = None,
) -> None:
    """Go back to the generation before the last rebuild; readers see the one, then the other, nothing between.

    Without a name, back to this release in everything that a newer one has live.

    Example: carejourney project rollback stays
    """
    with opened() as services:
        if name is not None:
            _known(services, name)
        with progress("Bringing the previous generation up to date", services.log.head()) as bar:
            if name is None and services.settings.name_search:
                services.names.go_back()
            names = services.projector.rollback(name, lambda position, head: bar.at(position, head, "positions"), _me())
    typer.echo(f"Rolled back: {', '.join(names)}")


def _me() -> str:
    """Who is kept as having healed what this command heals."""
    return operator("project").name


def _known(services: Services, name: str) -> None:
    if name not in services.reads.models:
        msg = f"no projection {name!r}: choose from {', '.join(services.reads.models)}"
        raise FilterError(msg)


@app.command()
def verify(form: FormatOption = Format.table) -> None:
    """Compare the live tables with a fresh replay, row by row; exit 1 on any difference."""
    with opened(keyless=True) as services:
        catch_up(services)
        with progress("Replaying", None) as bar:
            differences = verify_projector(services.projector, lambda done, total: bar.at(done, total, "clients"))
        others = [row.projection for row in services.projector.status() if row.state in RESTS]
    if others:
        say(f"Not compared, since another release's are live: {', '.join(others)}")
    if differences:
        show(
            [dataclasses.asdict(difference) for difference in differences], form, field_names(Difference), "Differences"
        )
        raise typer.Exit(REFUSED)
    if form is Format.table:
        typer.echo("The live tables equal a fresh replay, row for row.")
    else:
        show([], form, field_names(Difference))


@app.command()
def retry(
    client: Annotated[str, typer.Option(help="Only this one: a chart number, or a stream as quarantine names it")] = "",
) -> None:
    """Fold quarantined clients again, after the cause is mended; exit 1 if any is still stopped.

    Example: carejourney project retry --client SIM-000001
    """
    with opened(keyless=True) as services:
        healed, left = services.projector.retry(_stream(services, client) if client else None, _me())
    typer.echo(f"{healed} healed, {left} still stopped.")
    if left:
        raise typer.Exit(REFUSED)


def _stream(services: Services, client: str) -> str:
    """The stream that is meant; a stream's own id needs no master key.

    Raises:
        NoSuchChartError: nothing is recorded of it.
    """
    named = services.log.recorder.streams([client]) if _STREAM.fullmatch(client) else []
    client_id = client if named else services.log.client_id(client)
    if not services.log.recorder.streams([client_id]):
        raise NoSuchChartError
    return client_id


@app.command()
def quarantine(
    form: FormatOption = Format.table,
    healed: Annotated[bool, typer.Option(help="Those of before that are healed: when, how and by whom")] = False,
) -> None:
    """Clients that a projection could not fold: the entry at fault, the reason, since when and how often.

    Example: carejourney project quarantine --healed
    """
    with opened(keyless=True) as services:
        if healed:
            show([dataclasses.asdict(row) for row in services.projector.healed()], form, field_names(Healed), "Healed")
            return
        show(services.projector.quarantined(), form, QUARANTINE_COLUMNS, "Quarantine")
