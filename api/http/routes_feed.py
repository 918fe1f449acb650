"""The feed: entries after a position as JSON lines or server-sent events, waiting for new ones if asked."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Annotated, cast
from urllib.parse import urlencode

import orjson
from fastapi import APIRouter, Depends, Header, Query, Request, Response
from fastapi.responses import StreamingResponse
from starlette.concurrency import run_in_threadpool

from api.http.context import ServicesHere
from api.http.correlation import request_id
from api.http.identity import Principal, allowed, too_many
from api.http.problems import ProblemError, responses
from api.http.routes_live import LONGEST_SECONDS, LOOK_SECONDS, MOST, MOST_EACH, RETRY_MS, Streams, counted
from api.http.routes_subscribers import NAME
from api.whole_numbers import whole_number
from infra.bootstrap import Services
from infra.interop.feed.page import FeedPage, Wanted, page
from infra.interop.fhir.disclosure import Recipient

router = APIRouter(tags=["events"])

LONGEST_WAIT = 30.0
NDJSON, SSE = "application/x-ndjson", "text/event-stream"
_LINE = {
    "schema": {"type": "string", "description": "One entry a line, as `export events` writes it, with its place"},
    "example": '{"position":7,"sequence":1,"client":"A-1","type":"LevelOfCareStarted","data":{"level":"residential"}}',
}
_DOCUMENTED = {
    "description": "Entries in the order of recording. `Link: <…>; rel=next` goes on after the last that was looked "
    "at; so does `Last-Event-ID` of server-sent events, where each has its position as `id`",
    "content": {NDJSON: _LINE, SSE: {"schema": {"type": "string"}}},
    "headers": {"Link": {"schema": {"type": "string"}, "description": "Where to go on, rel=next"}},
}


@dataclass(frozen=True, slots=True)
class FeedQuestion:
    """One reader's question."""

    services: Services
    who: Principal
    wanted: Wanted
    limit: int
    request: str

    async def page(self, after: int) -> FeedPage:
        """The next page after a position."""
        return await run_in_threadpool(page, self.services, self.who, after, self.wanted, self.limit, self.request)


@router.get(
    "/api/v1/events",
    operation_id="feed",
    summary="Recorded entries from a position on: JSON lines or server-sent events",
    response_class=Response,
    responses={
        200: _DOCUMENTED,
        **responses(
            *("malformed", "not-signed-in", "not-allowed", "invalid", "not-acceptable", "too-many"),
            *("internal", "not-ready"),
        ),
    },
)
async def get_events(
    request: Request,
    services: ServicesHere,
    who: Annotated[Principal, Depends(allowed("feed"))],
    after: Annotated[int, Query(ge=0, le=2**62, description="The position after which to go on; 0 is the start")] = 0,
    subscriber: Annotated[str, Query(pattern=f"^$|{NAME}", description="Go on after what this subscriber has")] = "",
    wait: Annotated[float, Query(ge=0, le=LONGEST_WAIT, description="Seconds to wait for something new")] = 0,
    type_: Annotated[list[str] | None, Query(alias="type", description="Only these types; may be repeated")] = None,
    site: Annotated[str, Query(max_length=200, description="Only what was recorded at this site")] = "",
    recipient: Annotated[str, Query(max_length=200, description="Whom it leaves for, as the consents name them")] = "",
    purpose: Annotated[str, Query(max_length=200, description="With recipient: the purpose of the consents")] = "",
    limit: Annotated[int, Query(ge=1, le=2_000, description="How many entries of the log to look at")] = 200,
    accept: Annotated[str, Header()] = "*/*",
    last_event_id: Annotated[str, Header(max_length=40, description="As clients of server-sent events send it")] = "",
) -> Response:
    """What the role may read in charts, of clients at the reader's sites; who is told of is in the access log.

    With a `recipient`, only clients whose consent names them for that `purpose`, and each page is a disclosure. A page
    may be empty though the log goes on: what else was in it is nothing for this reader.
    """
    to = _recipient(recipient, purpose)
    fed = FeedQuestion(services, who, Wanted(frozenset(type_ or ()), site, to), limit, request_id(request.scope))
    begun = await run_in_threadpool(_after, services, who, subscriber, after)
    named = whole_number(last_event_id)
    start = begun if named is None else named
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no", "Vary": "Accept"}
    if _negotiated(accept) == SSE:
        streams = cast("Streams", request.app.state.streams)
        if streams.open.total() >= MOST or streams.open[who.person.key] >= MOST_EACH:
            raise too_many(RETRY_MS / 1000)
        stream = counted(streams, who.person.key, _stream(request, fed, start))
        return StreamingResponse(stream, 200, headers, SSE)
    page = await _waited(request, fed, start, wait)
    query = [(name, value) for name, value in request.query_params.multi_items() if name not in {"after", "subscriber"}]
    following = f"/api/v1/events?{urlencode([('after', page.position), *query])}"
    body = b"".join(orjson.dumps(line) + b"\n" for line in page.lines)
    return Response(body, 200, {**headers, "Link": f'<{following}>; rel="next"'}, NDJSON)


def _after(services: Services, who: Principal, subscriber: str, after: int) -> int:
    """Where to begin: after what a subscriber has, or after the position that is asked."""
    if not subscriber:
        return after
    if after:
        problem = {"field": "after", "problem": "the subscriber says it: leave out one of them"}
        raise ProblemError("invalid", "Where to go on is said twice.", {"errors": [problem]})
    reader = services.subscribers.find(who.person, subscriber)
    return reader.position if reader else 0


def _recipient(name: str, purpose: str) -> Recipient | None:
    if bool(name) != bool(purpose):
        field = "purpose" if name else "recipient"
        problem = {"field": field, "problem": "recipient and purpose go together, as the consents name them"}
        raise ProblemError("invalid", "Whom it leaves for is said by both.", {"errors": [problem]})
    return Recipient(name, purpose) if name else None


def _negotiated(accept: str) -> str:
    for part in accept.split(","):
        wanted = part.partition(";")[0].strip().lower()
        if wanted in {"", "*/*", "application/*", NDJSON, "application/json"}:
            return NDJSON
        if wanted in {SSE, "text/*"}:
            return SSE
    raise ProblemError("not-acceptable", f"There is {NDJSON} and {SSE}.")


async def _waited(request: Request, feed: FeedQuestion, after: int, wait: float) -> FeedPage:
    """The next page with something in it; after ``wait`` seconds whatever there is."""
    end = time.monotonic() + wait
    page = await feed.page(after)
    while not page.lines and not request.app.state.draining.is_set():
        if page.position > after:
            if time.monotonic() >= end:
                break
            after = page.position
        elif time.monotonic() >= end:
            break
        else:
            await asyncio.sleep(LOOK_SECONDS)
        page = await feed.page(after)
    return page


async def _stream(request: Request, feed: FeedQuestion, after: int) -> AsyncIterator[bytes]:
    """Events as they are recorded; ends after a minute, and when the process is told to stop: ask again then."""
    yield b"retry: %d\n\n" % RETRY_MS
    end = time.monotonic() + LONGEST_SECONDS
    while not request.app.state.draining.is_set() and time.monotonic() < end:
        page = await feed.page(after)
        for line in page.lines:
            kind = str(line["type"]).encode()
            yield b"event: %b\nid: %d\ndata: %b\n\n" % (kind, line["position"], orjson.dumps(line))
        if page.position == after:
            await asyncio.sleep(LOOK_SECONDS)
        after = page.position
