"""Subscribers of the feed: named checkpoints, each of the person who made it."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Response
from pydantic import BaseModel, ConfigDict, Field

from api.http.context import ServicesHere
from api.http.identity import Principal, allowed
from api.http.problems import ProblemError, responses
from api.http.routes_clients import NO_STORE, READ_PROBLEMS
from infra.interop.feed.subscribers import Subscriber, TooManySubscribersError

router = APIRouter(tags=["events"])

NAME = r"^[a-z0-9][a-z0-9_-]{0,63}$"
Name = Annotated[str, Path(pattern=NAME, description="Of your own choice; it is no place for a person's name")]
Who = Annotated[Principal, Depends(allowed("feed"))]


class Checkpoint(BaseModel):
    """Up to where everything is taken over."""

    model_config = ConfigDict(extra="forbid")

    position: Annotated[int, Field(ge=0, le=2**62, description="0 begins anew")]


class SubscriberView(Checkpoint):
    """A subscriber of the caller's own."""

    name: str
    moved_at: datetime


@router.get(
    "/api/v1/subscribers",
    operation_id="list-subscribers",
    summary="Your subscribers of the feed, and how far each has come",
    responses=responses(*READ_PROBLEMS),
)
def get_subscribers(services: ServicesHere, who: Who, response: Response) -> list[SubscriberView]:
    """Those of the caller; nobody sees another's."""
    response.headers["Cache-Control"] = NO_STORE
    return [_view(subscriber) for subscriber in services.subscribers.of(who.person)]


@router.put(
    "/api/v1/subscribers/{name}",
    operation_id="move-subscriber",
    summary="Keep how far a subscriber has come; a new name is a new subscriber",
    responses=responses(*READ_PROBLEMS),
)
def put_subscriber(
    name: Name, body: Checkpoint, services: ServicesHere, who: Who, response: Response
) -> SubscriberView:
    """Durable when it is answered; `GET /api/v1/events?subscriber=NAME` goes on after it. It may go back as well."""
    response.headers["Cache-Control"] = NO_STORE
    if body.position > services.log.head():
        problem = {"field": "position", "problem": "the log ends before it: take it from a line of the feed"}
        raise ProblemError("invalid", "Nothing is recorded there yet.", {"errors": [problem]})
    try:
        return _view(services.subscribers.move(who.person, name, body.position))
    except TooManySubscribersError as error:
        problem = {"field": "name", "problem": str(error)}
        raise ProblemError("invalid", "This would be one too many.", {"errors": [problem]}) from error


@router.delete(
    "/api/v1/subscribers/{name}",
    operation_id="remove-subscriber",
    summary="Forget a subscriber",
    status_code=204,
    responses=responses(*READ_PROBLEMS),
)
def delete_subscriber(name: Name, services: ServicesHere, who: Who) -> None:
    """One that is not there is gone already."""
    services.subscribers.remove(who.person, name)


def _view(subscriber: Subscriber) -> SubscriberView:
    return SubscriberView(name=subscriber.name, position=subscriber.position, moved_at=subscriber.moved_at)
