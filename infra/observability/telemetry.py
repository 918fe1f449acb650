"""Traces from request to row with OpenTelemetry, when an endpoint is set; otherwise nothing is done and nothing loaded.

The correlation id that is stored with each event is the trace's id, and the id of the trace's first span follows from
it. So relay and projectors join the trace of the request that recorded an event, and the stored form of events knows
nothing of tracing. No attribute says who a client is.
"""

from __future__ import annotations

from collections.abc import Generator, Iterable
from contextlib import contextmanager, nullcontext
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any
from uuid import UUID

from domain.errors import ExpectedError

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import SpanExporter

Value = str | int | float | bool


class TelemetryMissingError(ExpectedError):
    """Traces are wanted, and OpenTelemetry is not installed."""


_SPAN_BITS = 2**64 - 1
_wanted: ContextVar[int] = ContextVar("carejourney_trace_id", default=0)
_provider: TracerProvider | None = None


def traceparent(correlation: UUID) -> str:
    """The W3C ``traceparent`` of the request with this correlation id: whoever goes on from it joins its trace."""
    return f"00-{correlation.hex}-{_root_span(correlation.int):016x}-01"


def start(endpoint: str, service: str, exporter: SpanExporter | None = None) -> None:
    """Begin to trace as ``service`` if there is an endpoint; an ``exporter`` is used instead of one.

    Raises:
        TelemetryMissingError: there is an endpoint and OpenTelemetry is not installed.
    """
    if not endpoint and exporter is None:
        return
    try:
        from infra.observability.tracing import provider_of
    except ImportError as error:
        msg = (
            f"CAREJOURNEY_OTLP_ENDPOINT is set and {error.name or 'OpenTelemetry'} is not installed: "
            "pip install 'carejourney[telemetry]', or unset it"
        )
        raise TelemetryMissingError(msg) from None
    global _provider
    stop()
    _provider = provider_of(endpoint, service, exporter, _trace_id, _span_id)


def stop() -> None:
    """Send what is left, and trace no more."""
    global _provider
    if _provider is not None:
        _provider.shutdown()
        _provider = None


@contextmanager
def request_span(correlation: str, route: dict[str, Value]) -> Generator[None]:
    """The first span of a request's trace. ``route`` may still be filled in: it becomes the attributes at the end."""
    if _provider is None:
        yield
        return
    from opentelemetry import context, trace

    token = _wanted.set(UUID(correlation).int)
    try:
        tracer = _provider.get_tracer("carejourney")
        with tracer.start_as_current_span(
            "request",
            context.Context(),
            kind=trace.SpanKind.SERVER,
            record_exception=False,  # an error's text quotes what it complains about
            set_status_on_exception=False,
        ) as first:
            try:
                yield
            finally:
                first.update_name(f"{route.get('http.request.method', '')} {route.get('http.route', '')}".strip())
                first.set_attributes(route)
    finally:
        _wanted.reset(token)


def span(name: str, **attributes: Value) -> Any:
    """A span within the current trace, as a context; nothing outside of a trace."""
    if _provider is None:
        return nullcontext()
    from opentelemetry import trace

    if not trace.get_current_span().get_span_context().is_valid:
        return nullcontext()
    return _provider.get_tracer("carejourney").start_as_current_span(
        name, attributes=attributes, record_exception=False, set_status_on_exception=False
    )


def record(
    name: str, correlations: Iterable[UUID], began: int, ended: int, *, sends: bool = False, **attributes: Value
) -> None:
    """Work that is done for several requests at once, as a span in each of their traces; times in ns since 1970.

    ``sends``: it puts events on a topic; otherwise it takes them from one.
    """
    if _provider is None:
        return
    from opentelemetry import trace

    tracer = _provider.get_tracer("carejourney")
    kind = trace.SpanKind.PRODUCER if sends else trace.SpanKind.CONSUMER
    for correlation in correlations:
        parent = trace.SpanContext(
            correlation.int, _root_span(correlation.int), is_remote=True, trace_flags=trace.TraceFlags(1)
        )
        context = trace.set_span_in_context(trace.NonRecordingSpan(parent))
        span = tracer.start_span(name, context, kind, attributes, start_time=began)
        span.end(ended)


def _root_span(trace_id: int) -> int:
    return (trace_id & _SPAN_BITS) or 1


def _trace_id() -> int:
    """The id of a trace that begins now, or 0 for any."""
    return _wanted.get()


def _span_id() -> int:
    """The id of a trace's first span, or 0 for any."""
    trace_id = _wanted.get()
    if not trace_id:
        return 0
    _wanted.set(0)  # only the first
    return _root_span(trace_id)
