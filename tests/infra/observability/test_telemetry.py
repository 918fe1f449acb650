"""Traces: one trace from a request to its rows, found by the correlation id; nothing that says who a client is."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import pytest
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from starlette.testclient import TestClient

from api.http.app import create_app
from api.http.examples import EXAMPLES
from infra.bootstrap import open_services
from infra.eventstore.rows import LogRow
from infra.kafka.records import record_of
from infra.observability import telemetry
from infra.settings import Settings

ROOT = Path(__file__).parents[3]
NAME = "Xanthippe"


@pytest.fixture
def spans() -> Iterator[InMemorySpanExporter]:
    """Every span that ends."""
    exporter = InMemorySpanExporter()
    telemetry.start("", "test", exporter)
    yield exporter
    telemetry.stop()


def register(folder: Path) -> tuple[int, str, LogRow | None]:
    """A registration over HTTP: status, correlation id, and the row it made."""
    settings = Settings.model_validate({"database_url": f"sqlite:///{folder / 'log.db'}", "demo": True})
    services = open_services(settings)
    with TestClient(create_app(services), headers={"Authorization": "Bearer demo-intake"}) as client:
        body = {"occurred_at": datetime.now(UTC).isoformat(), "data": {**EXAMPLES["register-client"], "name": NAME}}
        answer = client.post(f"/api/v1/clients/{NAME}/commands/register-client", json=body)
    rows = services.log.recorder.page(0, 1)
    services.close()
    return answer.status_code, answer.headers["x-request-id"], rows[0] if rows else None


def by_name(exporter: InMemorySpanExporter) -> dict[str, ReadableSpan]:
    return {span.name: span for span in exporter.get_finished_spans()}


def test_a_command_is_one_trace_named_by_its_correlation_id(tmp_path: Path, spans: InMemorySpanExporter) -> None:
    status, correlation, row = register(tmp_path)
    assert status == 201
    found = by_name(spans)
    request = found["POST /api/v1/clients/{reference}/commands/register-client"]
    assert request.context is not None
    assert request.context.trace_id == UUID(correlation).int
    assert request.parent is None
    command, append = found["command"], found["append"]
    assert command.parent == request.context
    assert append.parent == command.context
    assert row is not None
    headers = dict(record_of(row).headers)
    assert headers["ce_correlationid"].decode() == correlation
    # whoever reads the topic goes on from the request's own span
    _, trace, parent, _ = headers["traceparent"].decode().split("-")
    assert (int(trace, 16), int(parent, 16)) == (request.context.trace_id, request.context.span_id)


def test_later_work_joins_the_trace(tmp_path: Path, spans: InMemorySpanExporter) -> None:
    _, correlation, _ = register(tmp_path)
    telemetry.record("publish", [UUID(correlation)], time.time_ns() - 1000, time.time_ns(), sends=True)
    found = by_name(spans)
    root = found["POST /api/v1/clients/{reference}/commands/register-client"].context
    published = found["publish"]
    assert root is not None
    assert published.parent is not None
    assert (published.parent.trace_id, published.parent.span_id) == (root.trace_id, root.span_id)
    assert published.kind.name == "PRODUCER"


def test_two_requests_are_two_traces(tmp_path: Path, spans: InMemorySpanExporter) -> None:
    ids = {register(tmp_path)[1] for _ in range(2)}
    traces = {UUID(int=span.context.trace_id) for span in spans.get_finished_spans() if span.context}
    assert traces == {UUID(one) for one in ids}


def test_no_span_says_who_a_client_is(tmp_path: Path, spans: InMemorySpanExporter) -> None:
    register(tmp_path)
    register(tmp_path)  # and what a refusal leaves
    text = "".join(span.to_json() for span in spans.get_finished_spans())
    assert "append" in text
    assert NAME not in text
    assert "exception" not in text


def test_outside_of_a_request_nothing_is_traced(spans: InMemorySpanExporter) -> None:
    with telemetry.span("append"):
        pass
    assert spans.get_finished_spans() == ()


def test_without_an_endpoint_nothing_is_loaded() -> None:
    body = (
        "import sys; from infra.observability import telemetry; telemetry.start('', 'test')\n"
        "with telemetry.request_span('', {}), telemetry.span('append'): pass\n"
        "telemetry.record('publish', [], 0, 0); telemetry.stop()\n"
        "assert not [name for name in sys.modules if name.startswith('opentelemetry')]"
    )
    subprocess.run([sys.executable, "-c", body], cwd=ROOT, check=True)


def test_an_endpoint_without_the_library_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in sys.modules if name.startswith(("opentelemetry", "infra.observability.tracing"))]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "opentelemetry.sdk.resources", None)
    with pytest.raises(telemetry.TelemetryMissingError, match=r"carejourney\[telemetry\]"):
        telemetry.start("http://127.0.0.1:9", "test")
