"""Figures of one measurement as Markdown: per event, per client, and for ten million clients in ten years."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

CLIENTS, SITES, YEARS = 10_000_000, 1_000, 10
# Entries are written within 50 of a week's 168 hours, and the busiest hour has twice the mean of those: an assumption.
PEAK = 168 / 50 * 2
LOG = {"carejourney_events", "event_index", "chart"}
NAMES = {"name_token", "name_shared", "name_client", "name_state"}
PARTITIONS = 12
SECONDS = YEARS * 365.25 * 86_400


@dataclass
class Step:
    """One kind of work: wall seconds, and seconds of processor here, in PostgreSQL and in the broker."""

    name: str
    events: int
    wall: float
    own: float
    postgres: float
    kafka: float

    @property
    def rate(self) -> float:
        """Events a second."""
        return self.events / self.wall

    def per_event(self, seconds: float) -> float:
        """Microseconds for an event."""
        return seconds / self.events * 1e6


@dataclass
class Costs:
    """Everything that was measured. ``sizes`` are bytes of rows, of indexes, and in all, by table."""

    clients: int
    events: int
    steps: list[Step]
    sizes: dict[str, tuple[int, int, int]]
    kafka: int

    def step(self, name: str) -> Step:
        """One kind of work by name."""
        return next(step for step in self.steps if step.name == name)

    @property
    def each(self) -> float:
        """Events of a client."""
        return self.events / self.clients

    def groups(self) -> dict[str, tuple[int, int, int]]:
        """Bytes of log, index of names and read models; audit and access tables are left out (nobody read here)."""
        found = {"log": (0, 0, 0), "names": (0, 0, 0), "read models": (0, 0, 0)}
        for table, size in self.sizes.items():
            group = "log" if table in LOG else "names" if table in NAMES else "read models" if "_g" in table else ""
            if group:
                found[group] = tuple(a + b for a, b in zip(found[group], size, strict=True))  # type: ignore[assignment]
        return found


def report(costs: Costs) -> str:
    """The whole page."""
    return "\n".join([*_measured(costs), *_stored(costs), *_extrapolated(costs)]) + "\n"


def _measured(costs: Costs) -> Iterator[str]:
    yield f"{costs.clients:,} simulated clients, {costs.events:,} events, {costs.each:.0f} a client."
    yield from (
        "",
        "| work | events/s, one process | CPU µs an event: ours | PostgreSQL | Kafka |",
        "|---|---|---|---|---|",
    )
    for step in costs.steps:
        parts = (step.per_event(seconds) for seconds in (step.own, step.postgres, step.kafka))
        yield f"| {step.name} | {step.rate:,.0f} | " + " | ".join(f"{part:,.0f}" for part in parts) + " |"
    yield ""


def _stored(costs: Costs) -> Iterator[str]:
    scale = CLIENTS / costs.clients
    yield f"| stored | bytes an event | bytes a client | of it indexes | {CLIENTS:,} clients |"
    yield "|---|---|---|---|---|"
    for name, (_, indexes, whole) in costs.groups().items():
        yield _stored_row(costs, name, whole, indexes, scale)
    yield _stored_row(costs, "topic, one replica", costs.kafka, 0, scale)
    yield ""


def _stored_row(costs: Costs, name: str, whole: int, indexes: int, scale: float) -> str:
    share = f"{indexes / whole:.0%}" if whole else ""
    return f"| {name} | {whole / costs.events:,.0f} | {whole / costs.clients:,.0f} | {share} | {whole * scale / 1e12:.2f} TB |"


def _extrapolated(costs: Costs) -> Iterator[str]:
    total = costs.each * CLIENTS
    mean, peak = total / SECONDS, total / SECONDS * PEAK
    yield f"{CLIENTS:,} clients of {SITES:,} sites in {YEARS} years: {total / 1e9:.2f} billion events, {mean:,.0f} a second"
    yield f"on average, {peak:,.0f} in the busiest hour."
    yield from ("", "| limit | at | needed | room |", "|---|---|---|---|")
    for name, limit, needed in sorted(_limits(costs, peak), key=lambda row: row[1] / row[2]):
        yield f"| {name} | {limit:,.0f}/s | {needed:,.0f}/s | {limit / needed:,.1f}× |"
    rebuild = total / costs.step("rebuild").rate / 86_400
    again = total / costs.step("relay").rate / 86_400
    indexes = sum(group[1] for group in costs.groups().values()) * CLIENTS / costs.clients
    yield ""
    yield f"A rebuild of every read model from the whole log takes {rebuild:,.1f} days of one process; publishing the whole"
    yield f"log again {again:,.1f} days. Indexes are {indexes / 1e12:.2f} TB."


def _limits(costs: Costs, peak: float) -> list[tuple[str, float, float]]:
    """Name, events a second that it can, events a second that are needed."""
    return [
        ("commands, one log, all API processes", costs.step("command").rate, peak),
        ("relay, one leads", costs.step("relay").rate, peak),
        (f"projectors, {PARTITIONS} on processors of their own", costs.step("project").rate * PARTITIONS, peak),
    ]
