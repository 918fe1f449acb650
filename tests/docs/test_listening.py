"""The example in docs/examples listens to a real topic, as the page about it says."""

from __future__ import annotations

import subprocess
import sys

from domain.events import NoteAdded, SessionMissed
from infra.bootstrap import Services
from infra.kafka.relay import Relay
from tests.conftest import ROOT
from tests.infra.kafka.conftest import (
    another as another,
    bootstrap as bootstrap,
    place as place,
    relay as relay,
    services as services,
    settings as settings,
)
from tests.spec import fact, record

EXAMPLE = ROOT / "docs" / "examples" / "listen.py"


def test_the_example_prints_each_event_once(services: Services, relay: Relay) -> None:
    for _ in range(2):
        record(services.log, fact(SessionMissed(kind="group"), client="C-1"))
    record(services.log, fact(NoteAdded(text="told in confidence"), client="C-1"))
    relay.run(until_caught_up=True)
    with services.log.recorder.writing() as tx:
        tx.many("UPDATE relay SET position=?", [(0,)])
    relay.run(until_caught_up=True)
    record(services.log, fact(SessionMissed(kind="group"), client="C-1"))
    relay.run(until_caught_up=True)
    words = [sys.executable, str(EXAMPLE), relay.place.bootstrap, relay.place.topic]
    with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as child:
        assert child.stdout is not None
        lines = [child.stdout.readline().split(maxsplit=3) for _ in range(4)]
        child.kill()
    client_id = services.log.client_id("C-1")
    assert [line[:3] for line in lines] == [
        [client_id, str(n), name] for n, name in enumerate(["SessionMissed"] * 2 + ["NoteAdded", "SessionMissed"], 1)
    ]
    assert all("confidence" not in " ".join(line) for line in lines)


def test_the_page_shows_the_example_as_it_is() -> None:
    assert EXAMPLE.read_text() in (ROOT / "docs" / "listening.md").read_text()
    assert len([line for line in EXAMPLE.read_text().splitlines() if line.strip()]) <= 20
