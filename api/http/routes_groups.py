"""Group sessions: charted once, recorded for every attendee or for nobody."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request

from api.http.bodies import GroupAnswer, GroupSessionBody
from api.http.context import Key, ServicesHere, check_site, get_appended
from api.http.correlation import request_id
from api.http.errors import about
from api.http.identity import Principal, allowed
from api.http.problems import ProblemError, responses
from api.http.routes_commands import WRITE_PROBLEMS, receipt_answer, scoped
from infra.commands.group_session import GroupRefusedError, chart_group

router = APIRouter(tags=["commands"])

Who = Annotated[Principal, Depends(allowed("group-sessions"))]


@router.post(
    "/api/v1/group-sessions",
    status_code=201,
    operation_id="chart-group-session",
    summary="Chart a group session for all its attendees, all or nothing",
    response_description="Recorded for everybody, durably",
    responses=responses(
        *WRITE_PROBLEMS, "no-such-chart", "gone", "group-refused", "key-reused", "internal", "not-ready"
    ),
)
def chart_group_session(
    request: Request,
    body: GroupSessionBody,
    services: ServicesHere,
    who: Who,
    key: Key,
    appended: Annotated[Callable[[], Any], Depends(get_appended)],
) -> GroupAnswer:
    """Each attendee gets a SessionAttended or a SessionMissed, under one correlation id and one group id.

    Who has a session of this kind in this minute already is refused (``already_charted``), unless ``again`` is true.
    """
    if body.site and not who.at(body.site):
        raise ProblemError("not-allowed", "You do not work at the site that the session names.")
    for attendee in body.attendees:
        check_site(services, who, services.log.client_id(attendee.client))
    author = who.author(body.site or "", request_id(request.scope))
    try:
        receipts = chart_group(
            services.log, body.session(), author=author, now=services.now(), key=scoped(who, key), again=body.again
        )
    except GroupRefusedError as error:
        about(request.scope, [services.log.client_id(body.attendees[place].client) for place in error.refusals])
        raise
    appended()
    answers = [receipt_answer(a.client, r) for a, r in zip(body.attendees, receipts, strict=True)]
    return GroupAnswer(
        receipts=answers,
        position=max(receipt.position for receipt in receipts),
        replayed=all(receipt.replayed for receipt in receipts),
    )
