"""Server-sent events: the read models, or one chart, have moved on. Nothing else is told: nobody is named."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Annotated, cast

import orjson
from fastapi import APIRouter, Depends, Header, Query, Request
from fastapi.responses import StreamingResponse
from starlette.concurrency import run_in_threadpool

from api.http.access import may
from api.http.context import ServicesHere, check_site
from api.http.identity import Principal, allowed, too_many
from api.http.problems import ProblemError, responses
from infra.services import Services

router = APIRouter(tags=["operations"])

MOST = 500  # streams of one process: each is a small task, and a connection
LOOK_SECONDS = 0.25
HEARTBEAT_SECONDS = 15.0  # proxies close what is silent; a session that has ended is noticed by then too
LONGEST_SECONDS = 300.0  # then the browser asks again, and everything is checked anew
RETRY_MS = 2_000

_DOCUMENTED = {
    "description": "`event: moved`, `id` and `data.position`: the position of the log that the read models hold; "
    "with `client`, `data.sequence`: that chart's sequence",
    "content": {"text/event-stream": {"schema": {"type": "string"}, "example": 'event: moved\ndata: {"position":7}'}},
}


@dataclass(frozen=True, slots=True)
class _Watched:
    """What one stream looks at."""

    services: Services
    who: Principal
    client_id: str
    draining: threading.Event

    def state(self) -> dict[str, int]:
        """Where the read models are, and the chart."""
        found = {"position": self.services.position}
        if self.client_id:
            rows = self.services.log.recorder.streams([self.client_id])
            found["sequence"] = rows[-1].sequence if rows else 0
        return found

    def lasts(self) -> bool:
        """Whether the session that the stream began with is still one."""
        return not self.who.session or self.services.people.sessions.lasts(self.who.session)


@router.get(
    "/api/v1/live",
    operation_id="live",
    summary="Server-sent events whenever the read models, or one chart, have moved on",
    response_class=StreamingResponse,
    responses={
        200: _DOCUMENTED,
        **responses("malformed", "not-signed-in", "not-allowed", "invalid", "too-many", "internal", "not-ready"),
    },
)
async def live(
    request: Request,
    services: ServicesHere,
    who: Annotated[Principal, Depends(allowed("live"))],
    client: Annotated[str, Query(max_length=200, description="Only when this chart has moved on")] = "",
    last_event_id: Annotated[str, Header(max_length=40, description="As browsers send it after a pause")] = "",
) -> StreamingResponse:
    """A stream ends after five minutes, when its session ends and when the process is told to stop: ask again then.

    Each event says where things are now, not what happened: one that was missed is in the next one.
    """
    client_id = ""
    if client:
        if not may(who.role, "charts"):
            raise ProblemError("not-allowed", "Your role sees no single client: leave `client` out.")
        client_id = services.log.client_id(client)
        await run_in_threadpool(check_site, services, who, client_id)
    streams = cast("Streams", request.app.state.streams)
    if streams.open >= MOST:
        raise too_many(RETRY_MS / 1000)
    watched = _Watched(services, who, client_id, request.app.state.draining)
    seen = int(last_event_id) if last_event_id.isdecimal() and not client_id else -1
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    return StreamingResponse(_counted(streams, _events(watched, seen)), 200, headers, "text/event-stream")


class Streams:
    """How many streams a process has open. Only its event loop counts."""

    open = 0


async def _counted(streams: Streams, events: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    streams.open += 1
    try:
        async for event in events:
            yield event
    finally:
        streams.open -= 1


async def _events(watched: _Watched, seen: int) -> AsyncIterator[bytes]:
    yield b"retry: %d\n\n" % RETRY_MS
    end = time.monotonic() + LONGEST_SECONDS
    told: dict[str, int] | None = None
    looked, spoke = seen, time.monotonic()
    while not watched.draining.is_set() and time.monotonic() < end:
        if watched.services.position != looked or (told is None and watched.client_id):
            looked = watched.services.position
            state = await run_in_threadpool(watched.state)
            if _is_news(state, told):
                told, spoke = state, time.monotonic()
                yield b"event: moved\nid: %d\ndata: %b\n\n" % (state["position"], orjson.dumps(state))
        if time.monotonic() - spoke >= HEARTBEAT_SECONDS:
            if not await run_in_threadpool(watched.lasts):
                return
            spoke = time.monotonic()
            yield b": still here\n\n"
        await asyncio.sleep(LOOK_SECONDS)


def _is_news(state: dict[str, int], told: dict[str, int] | None) -> bool:
    """For one chart only its own entries are news."""
    if told is None:
        return True
    name = "sequence" if "sequence" in state else "position"
    return state[name] != told[name]
