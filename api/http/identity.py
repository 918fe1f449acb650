"""Who makes a request: a bearer token of the OpenID provider, the web app's session, or a token of the demo."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Annotated, cast

from fastapi import Depends, Request
from fastapi.security import APIKeyCookie, HTTPAuthorizationCredentials, HTTPBearer

from api.http.access import AREAS, ROLES, may
from api.http.errors import WHO
from api.http.problems import ProblemError
from api.sessions import COOKIE, WebSessions
from domain.vocabulary import Role
from infra.identity.bearer import Bearers, LockedOutError
from infra.identity.limits import Buckets
from infra.identity.people import PURPOSES, ClaimsError, Principal as Principal, in_demo
from infra.identity.provider import ProviderError
from infra.identity.tokens import TokenError

DEMO_TOKENS: dict[str, Role] = {f"demo-{role}": role for role in ROLES}
PURPOSE_HEADER = "Purpose-Of-Use"
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})

_bearer = HTTPBearer(
    auto_error=False, description="An access token of the OpenID provider; in the demo demo-clinician, …"
)
_cookie = APIKeyCookie(name=COOKIE, auto_error=False, description="The web app's session (__Host-… under https)")

Bearer = Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)]
Cookie = Annotated[str | None, Depends(_cookie)]


def principal(request: Request, bearer: Bearer, _: Cookie) -> Principal:
    """The signed-in person of a request, with what they do and why.

    Raises:
        ProblemError: nobody is signed in, or they ask for too much at once.
    """
    sessions = cast("WebSessions", request.app.state.sessions)
    identity = _of_bearer(request, bearer.credentials) if bearer is not None else sessions.principal(request)
    if identity is None:
        raise _nobody("Sign in, or send a bearer token that is valid here.")
    request.scope[WHO] = replace(identity, via="api", doing=doing(request))
    if bearer is None and request.method not in SAFE and not sessions.is_own_form(request, identity):
        detail = (
            "A session cookie alone records nothing: send it from a page of ours (Sec-Fetch-Site or Origin), or with "
            "the page's token in X-CSRF-Token, or send a bearer token."
        )
        raise ProblemError("not-allowed", detail)
    wait = cast("Buckets", request.app.state.by_account).take(identity.person.key)
    if wait:
        raise too_many(wait)
    who = request.scope[WHO] = replace(request.scope[WHO], purpose=purpose_of(request))
    return who


def allowed(area: str) -> Callable[[Principal], Awaitable[Principal]]:
    """A dependency that lets only the roles of an area through.

    Raises:
        KeyError: no such area.
    """
    roles = ", ".join(sorted(AREAS[area]))

    async def check(who: Annotated[Principal, Depends(principal)]) -> Principal:
        if not may(who.role, area):
            raise ProblemError("not-allowed", f"This is for {roles}; you are signed in as {who.role}.")
        return who

    return check


def doing(request: Request) -> str:
    """What a request does, by method and route template: no chart number."""
    path: object = getattr(request.scope.get("route"), "path", "")
    return f"{request.method} {path}"


def purpose_of(request: Request) -> str:
    """The purpose that a request gives, or nothing.

    Raises:
        ProblemError: there is no such purpose.
    """
    purpose = request.headers.get(PURPOSE_HEADER, "")
    if purpose and purpose not in PURPOSES:
        raise ProblemError("malformed", f"{PURPOSE_HEADER} must be one of: {', '.join(PURPOSES)}.")
    return purpose


def too_many(seconds: float) -> ProblemError:
    """The answer to more requests than one caller may make."""
    after = str(max(1, round(seconds)))
    return ProblemError("too-many", f"Wait {after} s, then go on more slowly.", headers={"Retry-After": after})


def _of_bearer(request: Request, token: str) -> Principal | None:
    if token in DEMO_TOKENS:
        demo = cast("WebSessions", request.app.state.sessions).demo
        return in_demo(DEMO_TOKENS[token]) if demo else None
    bearers = cast("Bearers | None", request.app.state.services.people.bearers)
    if bearers is None:
        return None
    try:
        return bearers.person(token, request.client.host if request.client else "")
    except (TokenError, ClaimsError) as error:
        raise _nobody(f"The token is not good here: {error}.") from None
    except LockedOutError as error:
        raise too_many(error.seconds) from None
    except ProviderError:
        detail = "The sign-in provider does not answer: try again."
        raise ProblemError("not-ready", detail, headers={"Retry-After": "5"}) from None


def _nobody(detail: str) -> ProblemError:
    return ProblemError("not-signed-in", detail, headers={"WWW-Authenticate": "Bearer"})
