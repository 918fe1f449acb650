"""What needs OpenTelemetry to be installed: the provider of spans, and where they go."""

from __future__ import annotations

from collections.abc import Callable

from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SimpleSpanProcessor, SpanExporter
from opentelemetry.sdk.trace.id_generator import RandomIdGenerator

Chosen = Callable[[], int]


class Ids(RandomIdGenerator):
    """Random ids, unless one is chosen."""

    def __init__(self, trace_id: Chosen, span_id: Chosen) -> None:
        """Use what these answer, where it is not 0."""
        self._trace_id, self._span_id = trace_id, span_id

    def generate_trace_id(self) -> int:
        """The chosen id of a new trace, or any."""
        return self._trace_id() or super().generate_trace_id()

    def generate_span_id(self) -> int:
        """The chosen id of a new span, or any."""
        return self._span_id() or super().generate_span_id()


def provider_of(
    endpoint: str, service: str, exporter: SpanExporter | None, trace_id: Chosen, span_id: Chosen
) -> TracerProvider:
    """Spans of ``service`` go to ``exporter`` one by one, or in batches over HTTP to a collector at ``endpoint``."""
    provider = TracerProvider(
        resource=Resource({"service.name": service}),
        id_generator=Ids(trace_id, span_id),
        shutdown_on_exit=True,
    )
    if exporter is not None:
        provider.add_span_processor(SimpleSpanProcessor(exporter))
        return provider
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter

    address = f"{endpoint.rstrip('/')}/v1/traces"
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(endpoint=address)))
    return provider
