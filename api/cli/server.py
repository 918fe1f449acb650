"""``carejourney serve``, ``demo`` and ``simulate``."""

from __future__ import annotations

import logging
import socket
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import orjson
import typer

from api.cli.address import taken_address
from api.cli.context import catch_up, explained, progress, say, written_to
from api.cli.output import counted
from domain.days import Calendar
from infra.access_log.setup import check_sign_in
from infra.bootstrap import Services, open_services
from infra.observability import telemetry
from infra.observability.logs import log_to_stderr
from infra.runtime.collector import loading
from infra.runtime.sqlite_heap import bound_heap
from infra.settings import Settings
from projections.params import moment_of

DEMO_CLIENTS = 400
DEMO_SEED = 7


def serve(
    host: Annotated[str, typer.Option(help="Address to listen on")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port to listen on")] = 8000,
) -> None:
    """Serve the web app and the API, and keep the read models in step."""
    with explained():
        settings = Settings()
        address = taken_address(host, port)
        log_to_stderr(settings.log_format, logging.INFO)
        check_sign_in(settings)
        telemetry.start(settings.otlp_endpoint, "carejourney-api")
        _run(open_services(settings, keyless=True), address)


def demo(
    host: Annotated[str, typer.Option(help="Address to listen on")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port to listen on")] = 8000,
    clients: Annotated[int, typer.Option(help="How many simulated clients")] = DEMO_CLIENTS,
    seed: Annotated[int, typer.Option(help="Which simulated programme")] = DEMO_SEED,
    directory: Annotated[Path, typer.Option(help="Where the demo's store is kept")] = Path("var/demo"),
) -> None:
    """Simulated clients over 18 months, an embedded store, the web app with one sign-in per role."""
    from pydantic import SecretStr

    from infra.simulator.demo import fill

    url = SecretStr(f"sqlite:///{directory / 'carejourney.db'}")
    with explained():
        settings = Settings(database_url=url, demo=True)
        address = taken_address(host, port)
        log_to_stderr(settings.log_format, logging.WARNING)
        services = open_services(settings)
        with progress("Simulating", clients) as bar:
            entries = fill(services.log, clients, seed, lambda done: bar.at(done, unit="clients"))
        catch_up(services)
        people = counted(clients, "simulated client", "simulated clients")
        say(f"{counted(entries, 'simulated entry', 'simulated entries')} of {people}.")
        say(f"Care Journey is on http://{host}:{port} — Ctrl-C stops it.")
        _run(services, address)


def simulate(
    out: Annotated[str, typer.Option(help="NDJSON file to write; - for standard output")],
    clients: Annotated[int, typer.Option(help="How many clients")] = DEMO_CLIENTS,
    seed: Annotated[int, typer.Option(help="The same seed gives the same programme")] = DEMO_SEED,
    until: Annotated[str, typer.Option(help="The simulation's last moment, with offset; default: now")] = "",
    months: Annotated[int, typer.Option(help="Months of history")] = 18,
    zone: Annotated[str, typer.Option(help="IANA zone of its sites; default: as the settings say")] = "",
) -> None:
    """Write a simulated programme as import lines; every line says that it is simulated.

    Example: carejourney simulate --clients 400 --seed 7 --out simulated.ndjson
    """
    from infra.simulator import definitions, simulate as lines_of

    with explained():
        end = moment_of(until, "--until") or datetime.now(UTC)
        calendar = Calendar(zone) if zone else Settings().calendar
        with written_to(out) as target, progress("Simulating", clients) as bar:
            defined_lines = definitions(until=end, calendar=calendar, months=months)
            target.writelines(orjson.dumps(line) + b"\n" for line in defined_lines)
            for number, lines in enumerate(
                lines_of(clients, seed, until=end, calendar=calendar, months=months), start=1
            ):
                target.writelines(orjson.dumps(line) + b"\n" for line in lines)
                bar.at(number, unit="clients")


def _run(services: Services, address: socket.socket) -> None:
    bound_heap()
    with loading():
        from api.app import create_app
        from api.shutdown import serve_until_stopped
        from infra.kafka.metrics import metrics_of

        settings = services.settings
        app = create_app(services)
        metrics = metrics_of(settings, lambda: not app.state.draining.is_set(), app.state.metrics.registry)
    try:
        with metrics.serving():
            serve_until_stopped(app, address, settings.drain_seconds, settings.shutdown_seconds)
    finally:
        telemetry.stop()
