"""Who makes a request: a signed session cookie of the web app, or in demo mode a bearer token per role."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, cast
from uuid import UUID

from fastapi import Depends, Request
from fastapi.security import APIKeyCookie, HTTPAuthorizationCredentials, HTTPBearer

from api.http.access import AREAS, ROLES, may
from api.http.problems import ProblemError
from api.web.session import SESSION_COOKIE, Sessions
from domain.vocabulary import Role
from infra.store.log import Author

DEMO_TOKENS: dict[str, Role] = {f"demo-{role}": role for role in ROLES}

_bearer = HTTPBearer(auto_error=False, description="Demo mode only: demo-intake, demo-clinician, …")
_cookie = APIKeyCookie(name=SESSION_COOKIE, auto_error=False, description="The web app's signed session")


@dataclass(frozen=True, slots=True)
class Principal:
    """Who is asking. ``sites`` are the facilities they work at; ``None`` is every one."""

    name: str
    role: Role
    sites: frozenset[str] | None = None

    def author(self, site: str, request_id: str) -> Author:
        """As the author of entries recorded by one request."""
        only = next(iter(self.sites)) if self.sites is not None and len(self.sites) == 1 else ""
        return Author(self.name, self.role, "api", site or only, UUID(request_id))

    def at(self, site: str) -> bool:
        """Whether they work at a site; a client without one is everybody's."""
        return self.sites is None or not site or site in self.sites


Bearer = Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)]
Cookie = Annotated[str | None, Depends(_cookie)]


def principal(request: Request, bearer: Bearer, cookie: Cookie) -> Principal:
    """The signed-in person of a request.

    Raises:
        ProblemError: nobody is signed in.
    """
    sessions = cast("Sessions", request.app.state.sessions)
    if bearer is not None and sessions.demo and bearer.credentials in DEMO_TOKENS:
        return Principal(bearer.credentials, DEMO_TOKENS[bearer.credentials])
    found = sessions.read(cookie) if bearer is None else None
    if found is None:
        detail = "Sign in, or send a bearer token that is valid here."
        raise ProblemError("not-signed-in", detail, headers={"WWW-Authenticate": "Bearer"})
    return Principal(found.name, found.role)


def allowed(area: str) -> Callable[[Principal], Principal]:
    """A dependency that lets only the roles of an area through.

    Raises:
        KeyError: no such area.
    """
    roles = ", ".join(sorted(AREAS[area]))

    def check(who: Annotated[Principal, Depends(principal)]) -> Principal:
        if not may(who.role, area):
            raise ProblemError("not-allowed", f"This is for {roles}; you are signed in as {who.role}.")
        return who

    return check
