"""The whole stack: what is recorded through any API process is on every dashboard, and no restart loses a request."""

from __future__ import annotations

import json
import os
import signal
import threading
import uuid
from collections.abc import Generator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx2
import orjson
import pytest
from pydantic import SecretStr

from api.http.examples import EXAMPLES
from infra.bootstrap import Services, open_services
from infra.interop.importers.events.run import import_file
from infra.readmodels.verify import verify
from infra.reporting.kinds import ReportParams
from infra.reporting.reports import REPORTS, run_report
from infra.settings import Settings
from infra.simulator import simulate
from tests import real_tables
from tests.depth import cases, nightly
from tests.stack.running import Stack, until

PEOPLE = cases(40, 4)  # one in so many of CTN-0094
NAME, PHONE, ADDRESS = "Xanthippe Quisling", "555-0199", "77 Nowhere Lane"


class Writer:
    """Records through any API process; one that refuses or drops the connection is passed over."""

    def __init__(self, stack: Stack, user: str = "intake") -> None:
        self._urls = [stack.url("api-1"), stack.url("api-2")]
        self._client = httpx2.Client(headers={"Authorization": f"Bearer {stack.token(user)}"}, timeout=60)
        self.refused = 0

    def send(self, reference: str, name: str, data: dict[str, Any]) -> httpx2.Response:
        body: dict[str, Any] = {"occurred_at": datetime.now(UTC).isoformat(), "data": data}
        headers = {"Idempotency-Key": str(uuid.uuid4())}
        while True:
            self._urls.append(self._urls.pop(0))
            path = f"/api/v1/clients/{reference}/commands/{name}"
            try:
                return self._client.post(self._urls[0] + path, json=body, headers=headers)
            except (httpx2.ConnectError, httpx2.ReadError, httpx2.WriteError, httpx2.RemoteProtocolError):
                self.refused += 1  # a kept connection may be closed under a request: its key makes a second try safe

    def register(self, reference: str) -> httpx2.Response:
        return self.send(reference, "register-client", EXAMPLES["register-client"])

    def close(self) -> None:
        self._client.close()


@pytest.fixture
def writer(stack: Stack) -> Any:
    found = Writer(stack)
    yield found
    found.close()


@contextmanager
def opened(url: str, key: str = "") -> Generator[Services]:
    """Services of this process over a store; without a topic they bring the read models up to date themselves."""
    settings = Settings(database_url=SecretStr(url), master_key=SecretStr(key) if key else None)
    services = open_services(settings)
    yield services
    services.close()


@nightly
def test_every_report_is_the_embedded_one(stack: Stack, writer: Writer, tmp_path: Path) -> None:
    if real := real_tables.given():
        stack.command("import", "ctn0094", str(real_tables.some_of(real, tmp_path / "ctn0094", PEOPLE)))
    simulated = (orjson.dumps(line) + b"\n" for lines in simulate(40, 5, until=datetime.now(UTC)) for line in lines)
    stack.command("import", "events", "-", given=b"".join(simulated))
    answers = [writer.register(f"END-{number}") for number in range(10)]
    assert {answer.status_code for answer in answers} == {201}
    assert writer.refused == 0
    until(stack.caught_up, "the read models")
    (tmp_path / "log.ndjson").write_bytes(stack.command("export", "events"))
    with (
        opened(stack.secret("database_url_owner"), stack.secret("carejourney_master_key")) as whole,
        opened(f"sqlite:///{tmp_path / 'log.db'}") as small,
    ):
        import_file(small.log, str(tmp_path / "log.ndjson"))
        small.catch_up()
        for name in REPORTS:
            assert run_report(name, whole, ReportParams()) == run_report(name, small, ReportParams()), name
        assert run_report("status", whole, ReportParams())
        assert verify(whole.projector) == []


def test_a_rolling_restart_loses_no_request(stack: Stack) -> None:
    stack.token("intake")
    seen: set[int] = set()
    answered: list[tuple[str, int]] = []
    over = threading.Event()

    def watch() -> None:
        while not over.is_set():
            try:
                seen.add(httpx2.get(stack.url("api-1") + "/readyz", timeout=10).status_code)
            except httpx2.TransportError:
                seen.add(0)
            over.wait(0.05)  # a processor's whole time is not its due

    def write(number: int) -> None:
        writer = Writer(stack)
        while not over.is_set():
            reference = f"ROLL-{number}-{uuid.uuid4().hex}"
            answered.append((reference, writer.register(reference).status_code))
            over.wait(0.2)  # others have work to do on this machine while two processes start
        writer.close()

    threads = [threading.Thread(target=watch), *(threading.Thread(target=write, args=(n,)) for n in range(3))]
    before = {name: found["pid"] for name, found in stack.status()["processes"].items()}
    for thread in threads:
        thread.start()
    try:
        stack.tool("restart", "api")
    finally:
        over.set()
        for thread in threads:
            thread.join()
    after = {name: found["pid"] for name, found in stack.status()["processes"].items()}
    assert {name for name in before if before[name] != after[name]} == {"api-1", "api-2"}
    assert seen == {200, 503, 0}, "ready, about to stop, gone, ready again"
    assert {status for _, status in answered} == {201}
    exported = stack.command("export", "events").decode().splitlines()
    registered = [line["client"] for line in map(json.loads, exported) if line["client"].startswith("ROLL-")]
    assert sorted(registered) == sorted(reference for reference, _ in answered)


def test_a_process_that_is_killed_comes_back(stack: Stack, writer: Writer) -> None:
    for name in ("oidc", "projector-1", "relay-1", "relay-2", "api-2"):
        killed = stack.pid(name)
        os.kill(killed, signal.SIGKILL)
        until(lambda n=name, p=killed: stack.pid(n) not in {0, p}, name)
    until(lambda: stack.status()["processes"]["oidc"]["ready"], "the provider")
    answer = writer.register("KILLED-1")  # by a token of the provider that was killed
    assert answer.status_code == 201, f"{answer.url}: {answer.text}"
    until(lambda: all(found["ready"] for found in stack.status()["processes"].values()), "every process")
    until(stack.caught_up, "the read models")


def test_one_request_is_followed_from_its_door_to_its_rows(stack: Stack, writer: Writer) -> None:
    data = {**EXAMPLES["register-client"], "name": NAME, "phone": PHONE, "address": ADDRESS}
    answer = writer.send(NAME.replace(" ", "-"), "register-client", data)
    assert answer.status_code == 201, f"{answer.url}: {answer.text}"
    correlation = answer.headers["x-request-id"]
    steps = {"request", "recorded", "published", "projected"}
    until(lambda: steps <= logged(stack, correlation), "the steps in the logs")
    trace = uuid.UUID(correlation).bytes
    names = (b"command", b"append", b"publish", b"fold", b"write")
    until(
        lambda: all(any(trace in body and name in body for body in stack.collector.bodies) for name in names), "spans"
    )


def logged(stack: Stack, correlation: str) -> set[str]:
    """The steps that are logged under a correlation id; every line is a JSON object."""
    found: set[str] = set()
    for log in (stack.folder / "logs").glob("*-[123].log"):
        for line in log.read_text().splitlines():
            if correlation in line:
                seen = json.loads(line)
                assert seen["correlation_id"] == correlation
                found.add(seen["event"])
    return found


def test_nothing_personal_is_in_logs_metrics_or_traces(stack: Stack, writer: Writer) -> None:
    reference = f"{NAME.replace(' ', '-')}-2"
    data = {**EXAMPLES["register-client"], "name": NAME, "phone": PHONE, "address": ADDRESS}
    correlations = [
        writer.send(reference, "register-client", data).headers["x-request-id"],
        writer.send(reference, "register-client", data).headers["x-request-id"],  # refused: the chart is open
        writer.send(reference, "register-client", {**data, "birth_date": NAME}).headers["x-request-id"],
    ]
    for correlation in correlations:
        until(lambda c=correlation: "request" in logged(stack, c), "the request's line")
    until(stack.caught_up, "the read models")
    until(lambda: any(uuid.UUID(correlations[0]).bytes in body for body in stack.collector.bodies), "its spans")
    texts = {str(log): log.read_bytes() for log in (stack.folder / "logs").glob("*.log")}
    texts |= {
        name: httpx2.get(f"{stack.url(name)}/metrics").content for name in ("api-1-metrics", "relay-1", "projector-1")
    }
    assert b"carejourney_http_requests_total" in texts["api-1-metrics"]
    assert "carejourney_http" not in httpx2.get(f"{stack.url('api-1')}/metrics").text
    texts["traces"] = b"".join(stack.collector.bodies)
    for place, text in texts.items():
        for word in (NAME, NAME.replace(" ", "-"), PHONE, ADDRESS, "Xanthippe", "Quisling"):
            assert word.encode() not in text, place
