"""A process of one of two releases that records, projects and looks, all at once, until it is told otherwise.

``RELEASE SAME|OTHER URL FOLDER [BOOTSTRAP TOPIC GROUP]``; SAME or OTHER are the columns of the newer release's read
model. The newer release also writes a newer version of an event. Each line of stdin is answered by a line of JSON.
"""

from __future__ import annotations

import json
import sys
import threading
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic import SecretStr

import infra.bootstrap
from domain.commands import Draft
from domain.events import CATALOGUE, Event, LevelOfCareEnded, LevelOfCareStarted
from infra.bootstrap import Services, open_services
from infra.eventstore.log import Append, Author, NewEntry
from infra.eventstore.setup import UNAVAILABLE
from infra.kafka.connection import TopicAddress
from infra.kafka.worker import Worker
from infra.readmodels.own_rows import UnreadableGenerationError
from infra.readmodels.verify import verify
from infra.settings import Settings
from tests.infra.readmodels.releases import live, programs, release, states
from tests.spec import KEY, NOW, ago

PAUSE = 0.02  # between two things of a kind: the machine is not theirs alone


def newer_event() -> None:
    """This release says the end of a level in its own version, and reads the older one's."""
    name = LevelOfCareEnded.__name__
    older = LevelOfCareEnded.version
    LevelOfCareEnded.version = older + 1
    CATALOGUE.__init__(CATALOGUE.types.values(), {**CATALOGUE.upcasters, (name, older): lambda data: data})


@dataclass
class Release:
    """What the process does, and what it has seen."""

    services: Services
    number: str
    over: threading.Event = field(default_factory=threading.Event)
    written: int = 0
    seen: set[tuple[int, int]] = field(default_factory=set[tuple[int, int]])
    mixed: bool = False
    failed: list[str] = field(default_factory=list[str])

    def write(self) -> None:
        """Clients with a whole stay, one after the other."""
        while not self.over.wait(PAUSE):
            client = f"R{self.number}-{self.written}"
            self._append(client, LevelOfCareStarted(level="residential", program="North"), 30)
            self._append(client, LevelOfCareEnded(level="residential", reason="completed"), 9)
            self.written += 1

    def _append(self, client: str, event: Event, days: int) -> None:
        entry = NewEntry(Draft(event, ago(days)), Author("a-1", "clinician"), uuid.uuid4().hex)
        while True:
            try:
                self.services.log.append(Append(client, [entry]))
                return
            except UNAVAILABLE:
                continue

    def look(self) -> None:
        """Which generations are live, and whether their rows are of one release."""
        while not self.over.wait(PAUSE):
            try:
                self.seen.add(live(self.services.projector)["stays"])
                self.mixed = self.mixed or len(programs(self.services.projector)) > 1
            except (UnreadableGenerationError, *UNAVAILABLE):
                continue

    def state(self) -> dict[str, Any]:
        """What it has done and seen."""
        now = live(self.services.projector)["stays"]
        told = {"written": self.written, "seen": sorted(self.seen), "live": now, "mixed": self.mixed}
        return {**told, "states": states(self.services.projector), "failed": self.failed}

    def shown(self) -> dict[str, Any]:
        """What its dashboards hold, and whether that is a replay of the log."""
        projector = self.services.projector
        in_step = {row.lag for row in projector.status()} == {0}  # first: what is asked after it is whole
        return {
            **self.state(),
            "programs": programs(projector),
            "stopped": len({str(row["client_id"]) for row in projector.quarantined() if row["projection"] == "stays"}),
            "in_step": in_step,
            "differences": len(verify(projector)),
        }

    def guarded(self, work: Callable[[], None]) -> threading.Thread:
        """Work in a thread, whose end by an error is told."""

        def run() -> None:
            try:
                work()
            except Exception as error:  # noqa: BLE001 - told to the test
                self.failed.append(f"{work.__name__}: {type(error).__name__}: {error}")

        thread = threading.Thread(target=run)
        thread.start()
        return thread


def main(number: str, columns: str, url: str, folder: str, *kafka: str) -> None:
    """Be one release until stdin ends."""
    if number == "2":
        newer_event()
    infra.bootstrap.READ_MODELS = release(int(number), renames=number == "2" and columns == "OTHER")
    names = dict(zip(("kafka_bootstrap", "kafka_topic", "kafka_group"), kafka, strict=False))
    settings = Settings(
        database_url=SecretStr(url),
        master_key=SecretStr(KEY.hex()),
        erasure_ledger=Path(folder) / "erasures",
        **names,  # pyright: ignore[reportArgumentType]
    )
    services = open_services(settings, lambda: NOW)
    here = Release(services, number)
    ends = threading.Event()
    worker = Worker(services.projector, TopicAddress.of(settings)) if kafka else None

    def project() -> None:
        while not ends.wait(PAUSE):
            try:
                services.projector.catch_up()
            except UNAVAILABLE:
                continue

    projecting = here.guarded(worker.run if worker else project)
    working = [here.guarded(here.write), here.guarded(here.look)]
    try:
        for line in sys.stdin:
            answer(here, line.strip(), working)
    finally:
        here.over.set()
        ends.set()
        if worker:
            worker.stop.set()
        for thread in (projecting, *working):
            thread.join()
        services.close()


def answer(here: Release, word: str, working: list[threading.Thread]) -> None:
    """Do what a word says, and say a line."""
    if word == "stop":
        here.over.set()
        for thread in working:
            thread.join()
    elif word == "rollback":
        here.services.projector.rollback()
    elif word == "rebuild":
        here.services.projector.rebuild()
    print(json.dumps(here.shown() if word == "show" else here.state()), flush=True)
