"""What endpoints share: the services, a chart's number, preconditions, waiting for a position.

A dependency that waits for nothing is ``async``: as a plain function it would be sent to a thread for each request.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime
from typing import Annotated, Any, cast

from fastapi import Depends, Header, Query, Request
from fastapi.dependencies.models import Dependant
from pydantic import AfterValidator, AwareDatetime, BeforeValidator, PlainValidator, WithJsonSchema

from api.http.errors import about
from api.http.identity import Principal
from api.http.problems import ProblemError
from infra.bootstrap import Services
from infra.disclosure.record_guard import reach
from projections.params import EARLIEST

WAIT_SECONDS = 5.0


async def get_services(request: Request) -> Services:
    """The services that the app was made with."""
    return cast("Services", request.app.state.services)


async def get_appended(request: Request) -> Callable[[], Any]:
    """What to call after an append, so that read models follow."""
    return cast("Callable[[], Any]", request.app.state.appended)


ServicesHere = Annotated[Services, Depends(get_services)]


async def expected_sequence(
    if_match: Annotated[
        str | None,
        Header(
            description='The chart\'s sequence that you saw, as an ETag: "5"',
            examples=['"5"'],
            json_schema_extra={"pattern": r'^("\d{1,15}"|\*)$'},
        ),
    ] = None,
) -> int | None:
    """The sequence of ``If-Match``; ``*`` takes any.

    Raises:
        ProblemError: it is not one ETag of this API.
    """
    if if_match is None or if_match.strip() == "*":
        return None
    match = re.fullmatch(r'"(\d{1,15})"', if_match.strip())
    if match is None:
        raise ProblemError("malformed", 'If-Match must be a chart\'s ETag: its sequence in quotes, as "5".')
    return int(match.group(1))


async def idempotency_key(
    idempotency_key: Annotated[
        str | None,
        Header(
            description="A key of your own (a UUID): a repeated request answers as the first one did",
            json_schema_extra={"pattern": r"^[\x21-\x7e]{1,200}$"},
        ),
    ] = None,
) -> str | None:
    """The request's key, if it has one.

    Raises:
        ProblemError: it is empty, too long or not visible ASCII.
    """
    if idempotency_key is None or re.fullmatch(r"[\x21-\x7e]{1,200}", idempotency_key):
        return idempotency_key
    raise ProblemError("malformed", "Idempotency-Key must be 1 to 200 visible ASCII characters (a UUID).")


Expected = Annotated[int | None, Depends(expected_sequence)]
Key = Annotated[str | None, Depends(idempotency_key)]


def at_position(
    services: ServicesHere,
    min_position: Annotated[
        int, Query(ge=0, le=2**62, description="Answer once the read models hold this position of the log")
    ] = 0,
) -> int:
    """Wait until the read models hold ``min_position``.

    Raises:
        ProblemError: they do not after five seconds, or the log itself has no such position.
    """
    if not min_position:
        return 0
    if min_position > services.log.head():
        problem = {"field": "min_position", "problem": "nothing is recorded there: take it from an answer"}
        raise ProblemError("invalid", "The position is beyond the log.", {"errors": [problem]})
    if not (projected(services, min_position) or services.wait_for(min_position, WAIT_SECONDS)):
        detail = f"Position {min_position} is not in the read models yet: ask again."
        raise ProblemError("not-ready", detail, headers={"Retry-After": "1"})
    return min_position


AtPosition = Depends(at_position)


async def known_parameters(request: Request) -> None:
    """Let no parameter go by unread: a filter that is spelt otherwise would filter nothing.

    Raises:
        ProblemError: the endpoint has no parameter of that name.
    """
    known = sorted(_query_names(request.scope["route"].dependant))
    unknown = sorted(request.query_params.keys() - {*known})
    if unknown:
        remedy = f"is no parameter here: choose from {', '.join(known)}"
        problems = [{"field": name[:40], "problem": remedy} for name in unknown[:5]]
        raise ProblemError("invalid", "A parameter is not known.", {"errors": problems})


def _query_names(dependant: Dependant) -> set[str]:
    """The query parameters of an endpoint and of all that it depends on."""
    names = {field.alias for field in dependant.query_params}
    return names.union(*(_query_names(dependency) for dependency in dependant.dependencies))


KnownParameters = Depends(known_parameters)


def projected(services: Services, position: int) -> bool:
    """Whether every read model holds a position (also when another process projects)."""
    return all(status.position >= position for status in services.projector.status())


def check_site(services: Services, who: Principal, client_id: str) -> None:
    """Refuse a chart of another site, unless the glass is broken.

    Raises:
        NotYoursError, ChartErasedError: as ``reach``.
    """
    reach(services, who, client_id)


def check_other(request: Request, services: Services, who: Principal, reference: str) -> None:
    """The same for a further chart that a command names: a refusal of the command tells of it too.

    Raises:
        NotYoursError, ChartErasedError: as ``reach``.
    """
    client_id = services.log.client_id(reference)
    check_site(services, who, client_id)
    about(request.scope, [client_id])


def check_home(who: Principal, site: str) -> None:
    """Let nobody who is bound to sites open a chart of none: they would not see it again.

    Raises:
        ProblemError: no site is named, or they have none.
    """
    if who.bound_to is None or site or who.only_site:
        return
    if not who.bound_to:
        raise ProblemError("not-allowed", "You work at no site: ask for one, then register the client there.")
    problem = {"field": "site", "problem": "missing: you work at several, so name the one that opens the chart"}
    raise ProblemError("invalid", "Nothing was written.", {"errors": [problem]})


def _iso(value: Any) -> Any:
    """ISO 8601 text only (pydantic would take a number for seconds since 1970)."""
    if isinstance(value, str) and not re.match(r"\d{4}-\d\d-\d\d", value):
        value = None
    if not isinstance(value, str):
        msg = "must be text in ISO 8601, as 2026-01-31T12:00:00Z or for a day 2026-01-31"
        raise ValueError(msg)
    return value


def _plus(value: Any) -> Any:
    """An unescaped ``+`` in a query arrives as a space: read it as what was meant."""
    return re.sub(r" (\d\d:?\d\d)$", r"+\1", value) if isinstance(value, str) else value


def _plausible(value: datetime) -> datetime:
    if value < EARLIEST:
        msg = "is before 1900: check the year"
        raise ValueError(msg)
    return value


KNOWN = Query(description="Knowledge time: what was known then", examples=["2026-01-31T12:00:00Z"])
Moment = Annotated[AwareDatetime, BeforeValidator(_iso), AfterValidator(_plausible)]
Day = Annotated[date, BeforeValidator(_iso)]


def day_or(*names: str) -> PlainValidator:
    """What reads a day, or one of these names, where a parameter takes both."""
    schema = {"anyOf": [{"type": "string", "format": "date"}, {"type": "string", "enum": list(names)}]}

    def read(given: Any) -> date | str:
        return given if given in names else date.fromisoformat(_iso(given))

    return PlainValidator(read, json_schema_input_type=Annotated[str, WithJsonSchema(schema)])


QueryMoment = Annotated[AwareDatetime, BeforeValidator(_iso), BeforeValidator(_plus)]
AsOf = Annotated[QueryMoment | None, KNOWN]
