"""``carejourney relay …``: the log on Kafka."""

from __future__ import annotations

from typing import Annotated

import typer

from api.cli.context import opened, say
from api.cli.signals import observed, stopped_by_signals

app = typer.Typer(no_args_is_help=True, help="Kafka: publish the log to a topic.")


@app.callback()
def relay() -> None:
    """Publish the log to a topic of Kafka."""


@app.command()
def run(until_caught_up: Annotated[bool, typer.Option(help="Stop at the head of the log")] = False) -> None:
    """Publish the log until it is stopped (Ctrl-C); a second relay stands by.

    Example: CAREJOURNEY_KAFKA_BOOTSTRAP=127.0.0.1:9092 carejourney relay run --until-caught-up
    """
    from infra.kafka.setup import relay_of  # Kafka's client takes a while to load

    with opened() as services:
        relay, metrics = relay_of(services)
        with observed(services.settings, "carejourney-relay"), metrics.serving(), stopped_by_signals(relay.stop):
            position = relay.run(until_caught_up=until_caught_up)
    say(f"Published up to position {position:,}.")
