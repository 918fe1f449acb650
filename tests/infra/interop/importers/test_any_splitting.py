"""Lines and tables in any files, order, batches, spelling and line ends come to what their lines plainly say, once."""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from unittest.mock import patch
from uuid import UUID

import orjson
from hypothesis import given, settings, strategies as st

from domain.events import ClientRegistered, DrugScreenResulted
from domain.numbers import canonical
from infra.eventstore.log import EventLog
from infra.eventstore.setup import open_log
from infra.interop.exporters.all_charts import charts
from infra.interop.importers import converted
from infra.interop.importers.events import run
from infra.interop.importers.events.run import import_file
from infra.interop.importers.tables.mapping import read_mapping
from infra.interop.importers.tables.run import import_table
from tests.day import UTC_DAYS
from tests.depth import cases
from tests.infra.interop.importers.conftest import MID_2026
from tests.spec import KEY

DAY_ONE = datetime(2026, 1, 5, 15, tzinfo=UTC)
SPELLINGS: tuple[Callable[[int], str], ...] = (lambda n: f"C-{n}", lambda n: f" c-{n}", lambda n: f"C-{n} ")
KINDS = ("registered", "admitted", "ended", "positive", "negative", "died")
BAD = ("future", "no time", "no client", "no kind", "misshapen")
BOM = b"\xef\xbb\xbf"
HEADER = "id,chart,what,at"
MAPPING = """
client = "chart"
id = "id"
[[entry]]
type = "ClientRegistered"
when = { what = "registered" }
occurred_at = "at"
[entry.data]
name = "Pat Sample"
birth_date = "1990-02-03"
[[entry]]
type = "LevelOfCareStarted"
when = { what = "admitted" }
occurred_at = "at"
[entry.data]
level = "residential"
[[entry]]
type = "LevelOfCareEnded"
when = { what = "ended" }
occurred_at = "at"
[entry.data]
level = "residential"
reason = "completed"
[[entry]]
type = "DrugScreenResulted"
when = { what = "positive" }
occurred_at = "at"
[entry.data]
specimen = "urine"
positive = ["opioids"]
[[entry]]
type = "DrugScreenResulted"
when = { what = "negative" }
occurred_at = "at"
[entry.data]
specimen = "urine"
positive = []
[[entry]]
type = "ClientDied"
when = { what = "died" }
occurred_at = "at"
"""
DATA: dict[str, tuple[str, dict[str, Any]]] = {
    "registered": ("ClientRegistered", {"name": "Pat Sample", "birth_date": "1990-02-03"}),
    "admitted": ("LevelOfCareStarted", {"level": "residential"}),
    "ended": ("LevelOfCareEnded", {"level": "residential", "reason": "completed"}),
    "positive": ("DrugScreenResulted", {"specimen": "urine", "positive": ["opioids"]}),
    "negative": ("DrugScreenResulted", {"specimen": "urine", "positive": []}),
    "died": ("ClientDied", {}),
}


@dataclass(frozen=True)
class Told:
    """What one line says of whom, and what is wrong with it, if anything is."""

    number: int
    who: int
    kind: str
    at: datetime
    bad: str = ""

    def as_line(self, spelling: int) -> bytes:
        kind, data = DATA[self.kind]
        said: dict[str, Any] = {
            "client": "" if self.bad == "no client" else SPELLINGS[spelling](self.who),
            "event_id": str(UUID(int=0xA5 << 96 | self.number)),
            "type": "Nothing" if self.bad == "no kind" else kind,
            "occurred_at": "" if self.bad == "no time" else self._written(),
            "data": data,
        }
        return b"no JSON" if self.bad == "misshapen" else orjson.dumps(said)

    def as_row(self, spelling: int) -> bytes:
        client = "" if self.bad == "no client" else SPELLINGS[spelling](self.who)
        cells = [str(self.number), client, "nothing" if self.bad == "no kind" else self.kind]
        cells += ["" if self.bad == "no time" else self._written(), *(["more"] if self.bad == "misshapen" else [])]
        return ",".join(cells).encode()

    def _written(self) -> str:
        return (datetime(2099, 1, 1, tzinfo=UTC) if self.bad == "future" else self.at).isoformat()


@st.composite
def tellings(draw: st.DrawFn) -> list[Told]:
    """Up to a dozen lines; a client is registered once."""
    found: list[Told] = []
    registered: set[int] = set()
    for number in range(draw(st.integers(1, 12))):
        who, kind = draw(st.integers(0, 2)), draw(st.sampled_from(KINDS))
        bad = draw(st.sampled_from(("", "", "", *BAD)))
        if kind == "registered" and not bad:
            kind = "negative" if who in registered else kind
            registered.add(who)
        found.append(Told(number, who, kind, DAY_ONE + timedelta(hours=draw(st.integers(0, 2_000))), bad))
    return found


@dataclass(frozen=True)
class Report:
    """What importing some files came to, together."""

    recorded: int
    known: int
    refused: Counter[str]


Take = Callable[[EventLog, Path, list[bytes]], Report]


def of_lines(log: EventLog, folder: Path, files: list[bytes]) -> Report:
    """Import files of events, each by itself."""
    total = Report(0, 0, Counter())
    for content in files:
        (folder / "in.ndjson").write_bytes(content)
        result = import_file(log, str(folder / "in.ndjson"))
        assert result.lines == result.recorded + result.known + result.rejected + result.blank
        total = Report(total.recorded + result.recorded, total.known + result.known, total.refused + result.reasons)
    return total


def of_tables(log: EventLog, folder: Path, files: list[bytes]) -> Report:
    """The same of tables."""
    (folder / "map.toml").write_text(MAPPING)
    mapping = read_mapping(folder / "map.toml")
    total = Report(0, 0, Counter())
    for content in files:
        (folder / "in.csv").write_bytes(content)
        result = import_table(log, folder / "in.csv", mapping)
        left = Counter(one.reason for one in result.left)
        total = Report(total.recorded + result.recorded, total.known + result.known, total.refused + left)
    return total


@contextmanager
def stored() -> Generator[tuple[EventLog, Path]]:
    """An empty log and a folder."""
    with tempfile.TemporaryDirectory() as folder:
        log = open_log(f"sqlite:///{folder}/log.db", KEY, UTC_DAYS, lambda: MID_2026)
        yield log, Path(folder)
        log.close()


def held(log: EventLog) -> set[tuple[object, ...]]:
    """Every entry: whose, which, when, what."""
    return {
        (
            canonical(str(log.reference(chart.client_id))),
            entry.event_id,
            entry.at,
            entry.event.model_dump_json(),
            entry.type,
        )
        for chart in charts(log, opened=True)
        for entry in log.stream(chart.client_id, opened=True)
    }


def counts(log: EventLog) -> dict[str, tuple[int, int, int]]:
    """Of each chart by number: registrations, stays, positive screens."""
    found: dict[str, tuple[int, int, int]] = {}
    for chart in charts(log, opened=True):
        positive = sum(bool(event.positive) for _, event in chart.events(DrugScreenResulted))
        number = canonical(str(log.reference(chart.client_id)))
        found[number] = len(chart.of(ClientRegistered)), len(chart.journey.stays), positive
    return found


def plainly(told: list[Told]) -> dict[str, tuple[int, int, int]]:
    """The same as the lines say it: nobody is admitted or tested after a death."""
    found: dict[str, tuple[int, int, int]] = {}
    for who in {one.who for one in told if not one.bad}:
        own = [one for one in told if one.who == who and not one.bad]
        died = min((one.at for one in own if one.kind == "died"), default=MID_2026)
        alive = Counter(one.kind for one in own if one.at <= died)
        registered = sum(one.kind == "registered" for one in own)
        found[canonical(SPELLINGS[0](who))] = registered, alive["admitted"], alive["positive"]
    return found


def _holds(data: st.DataObject, take: Take, written: Callable[[Told, int], bytes], head: bytes) -> None:
    told = data.draw(tellings())
    plain = b"\n".join([*([head] if head else []), *(written(one, 0) for one in told)])
    end = data.draw(st.sampled_from((b"\n", b"\r\n")))
    groups: list[list[bytes]] = [[] for _ in range(data.draw(st.integers(1, 3)))]
    for one in data.draw(st.permutations(told)):
        spelled = written(one, data.draw(st.integers(0, len(SPELLINGS) - 1)))
        data.draw(st.sampled_from(groups)).extend([spelled, *([b""] if data.draw(st.booleans()) else [])])
    files = [
        (BOM if data.draw(st.booleans()) else b"") + end.join([*([head] if head else []), *group, b""])
        for group in groups
    ]
    batch = data.draw(st.integers(4, 12))
    with stored() as (log, folder), stored() as (other, elsewhere):
        expected = take(log, folder, [plain])
        good = sum(not one.bad for one in told)
        assert (expected.recorded, expected.known) == (good, 0)
        assert expected.refused.total() == len(told) - good
        assert counts(log) == plainly(told)
        with patch.object(run, "BATCH", batch), patch.object(converted, "_BATCH", batch):
            assert take(other, elsewhere, files) == expected
            assert held(other) == held(log)
            reached = other.head()
            again = take(other, elsewhere, list(reversed(files)))
        assert (again.recorded, again.known, again.refused) == (0, good, expected.refused)
        assert (other.head(), held(other)) == (reached, held(log))


@settings(max_examples=cases(25, 1_000), deadline=None)
@given(st.data())
def test_lines_come_to_what_they_say_however_they_are_split(data: st.DataObject) -> None:
    _holds(data, of_lines, Told.as_line, b"")


@settings(max_examples=cases(25, 1_000), deadline=None)
@given(st.data())
def test_tables_come_to_what_they_say_however_they_are_split(data: st.DataObject) -> None:
    _holds(data, of_tables, Told.as_row, HEADER.encode())
