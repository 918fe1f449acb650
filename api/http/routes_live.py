"""Server-sent events: the read models, or one chart, have moved on. Nothing else is told: nobody is named."""

from __future__ import annotations

import asyncio
import threading
import time
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Annotated, cast

import orjson
from fastapi import APIRouter, Depends, Header, Query, Request
from fastapi.responses import StreamingResponse
from starlette.concurrency import run_in_threadpool

from api.http.access import may
from api.http.context import ServicesHere
from api.http.correlation import request_id
from api.http.identity import Principal, allowed, too_many
from api.http.problems import ProblemError, responses
from infra.bootstrap import Services
from infra.disclosure.record_guard import see

router = APIRouter(tags=["operations"])

MOST = 500  # streams of one process: each is a small task, and a connection
MOST_EACH = 20  # of one person
LOOK_SECONDS = 0.25
CHECK_SECONDS = 15.0  # a session that has ended is noticed by then; proxies close what is silent for longer
LONGEST_SECONDS = 60.0  # then the browser asks again: token, role and site are checked anew
RETRY_MS = 2_000
_PAGE = 5_000

_DOCUMENTED = {
    "description": "`event: moved`, `id` and `data.position`: the position of the log that the read models hold; "
    "with `client`, `data.sequence`: that chart's sequence",
    "content": {"text/event-stream": {"schema": {"type": "string"}, "example": 'event: moved\ndata: {"position":7}'}},
}


@dataclass(slots=True)
class _Watched:
    """What one stream looks at, and how far it has looked."""

    services: Services
    who: Principal
    client_id: str
    draining: threading.Event
    position: int = -1
    sequence: int = 0

    def look(self) -> dict[str, int]:
        """Where the read models are, and the chart."""
        before, self.position = self.position, self.services.position
        if not self.client_id:
            return {"position": self.position}
        recorder = self.services.log.recorder
        if before < 0:
            rows = recorder.streams([self.client_id], until=self.position)
            self.sequence = rows[-1].sequence if rows else 0
        while 0 <= before < self.position and (page := recorder.touched(before, _PAGE)):
            numbers = [number for at, client, number in page if client == self.client_id and at <= self.position]
            self.sequence = max([self.sequence, *numbers])
            before = page[-1][0]
        return {"position": self.position, "sequence": self.sequence}

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
        **responses(
            *("malformed", "not-signed-in", "not-allowed", "no-such-chart", "gone", "invalid", "too-many"),
            *("internal", "not-ready"),
        ),
    },
)
async def live(
    request: Request,
    services: ServicesHere,
    who: Annotated[Principal, Depends(allowed("live"))],
    client: Annotated[str, Query(max_length=200, description="Only when this chart has moved on")] = "",
    last_event_id: Annotated[str, Header(max_length=40, description="As browsers send it after a pause")] = "",
) -> StreamingResponse:
    """A stream ends after a minute, when its session ends and when the process is told to stop: ask again then.

    With `client` it is a look at that chart, in the access log once for each stream.
    Each event says where things are now, not what happened: one that was missed is in the next one.
    """
    client_id = ""
    if client:
        if not may(who.role, "charts"):
            raise ProblemError("not-allowed", "Your role sees no single client: leave `client` out.")
        client_id = await run_in_threadpool(see, services, who, client, request_id(request.scope))
    streams = cast("Streams", request.app.state.streams)
    if streams.open.total() >= MOST or streams.open[who.person.key] >= MOST_EACH:
        raise too_many(RETRY_MS / 1000)
    watched = _Watched(services, who, client_id, request.app.state.draining)
    seen = int(last_event_id) if last_event_id.isdecimal() and not client_id else -1
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    return StreamingResponse(
        counted(streams, who.person.key, _events(watched, seen)), 200, headers, "text/event-stream"
    )


class Streams:
    """How many streams a process has open, by person. Only its event loop counts."""

    def __init__(self) -> None:
        """None yet."""
        self.open: Counter[str] = Counter()


async def counted(streams: Streams, name: str, events: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """The same events, while the stream counts as open for this person."""
    streams.open[name] += 1
    try:
        async for event in events:
            yield event
    finally:
        streams.open[name] -= 1
        streams.open += Counter()  # without those who have none


async def _events(watched: _Watched, seen: int) -> AsyncIterator[bytes]:
    yield b"retry: %d\n\n" % RETRY_MS
    end = time.monotonic() + LONGEST_SECONDS
    check = time.monotonic() + CHECK_SECONDS
    sent: dict[str, int] | None = None if seen < 0 else {"position": seen}
    while not watched.draining.is_set() and time.monotonic() < end:
        if watched.services.position != watched.position:
            state = await run_in_threadpool(watched.look)
            if _is_news(state, sent):
                sent = state
                yield b"event: moved\nid: %d\ndata: %b\n\n" % (state["position"], orjson.dumps(state))
        if time.monotonic() >= check:
            if not await run_in_threadpool(watched.lasts):
                return
            check = time.monotonic() + CHECK_SECONDS
            yield b": still here\n\n"
        await asyncio.sleep(LOOK_SECONDS)


def _is_news(state: dict[str, int], sent: dict[str, int] | None) -> bool:
    """For one chart only its own entries are news."""
    name = "sequence" if "sequence" in state else "position"
    return sent is None or state[name] != sent[name]
