"""Web sessions at the browser's side: cookies, the demo's sign-in, the token that forms carry."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import replace

from starlette.requests import HTTPConnection
from starlette.responses import Response

from api.origins import cookie_name, is_https, is_same_origin
from domain.vocabulary import Role
from infra.access_log.entries import Access
from infra.bootstrap import Services
from infra.identity.people import Principal, in_demo
from infra.identity.sessions import Session, SignedIn

Identity = Principal
COOKIE = "carejourney_session"
SIGN_IN_COOKIE = "carejourney_sign_in"
CSRF_HEADER = "X-CSRF-Token"
UNATTENDED_HEADER = "X-Unattended"

DEMO_ROLES: dict[Role, str] = {
    "clinician": "Reads and writes the care timeline of clients",
    "auditor": "Replays history and checks who wrote what; writes nothing",
    "analyst": "Every dashboard, live and whole; no client. Every question is recorded",
    "reporting": "What was published, and nothing else",
    "intake": "Registers, refers, verifies coverage and assesses",
    "admin": "Projections and operation; no clinical content",
}


class WebSessions:
    """Begins, reads and ends the session of a browser."""

    def __init__(self, services: Services) -> None:
        """Over the session table of these services."""
        self._people = services.people
        self._clock = services.clock
        self.demo = services.settings.demo
        self._longest = services.settings.session_hours * 3600

    def session(self, request: HTTPConnection) -> Session | None:
        """The browser's session, if it has one that still holds."""
        return self._people.sessions.read(self._token(request), attended=not _is_by_itself(request))

    def left(self, request: HTTPConnection) -> int:
        """Seconds until the browser's session ends by itself; 0 where it has none. A person's asking keeps it alive."""
        self.session(request)
        return self._people.sessions.left(self._token(request))

    def principal(self, request: HTTPConnection) -> Principal | None:
        """Who makes a request."""
        session = self.session(request)
        return session.who if session is not None else None

    def begin(self, request: HTTPConnection, answer: Response, session: SignedIn) -> None:
        """Sign somebody in: always a new id, whatever the browser had before.

        Raises:
            ReplayedSignInError: this sign-in began a session before.
        """
        token = self._people.sessions.begin(session)
        before = self._token(request)
        if before:
            self._people.sessions.end(before)
        who = replace(session.who, via="web", doing="sign-in")
        self._people.log.record([Access("SignedIn", who, self._clock())])
        self._set(request, answer, COOKIE, token, self._longest)

    def begin_demo(self, request: HTTPConnection, answer: Response, role: Role) -> None:
        """Sign in as a role of the demo."""
        self.begin(request, answer, SignedIn(in_demo(role)))

    def renew(self, request: HTTPConnection, answer: Response) -> None:
        """Give the session another id, as whenever it may do more than before."""
        token = self._token(request)
        if token:
            self._set(request, answer, COOKIE, self._people.sessions.renew(token), self._longest)

    def end(self, request: HTTPConnection, answer: Response) -> None:
        """Sign the browser's person out."""
        session, token = self.session(request), self._token(request)
        if session is not None and token:
            who = replace(session.who, doing="sign-out")
            self._people.log.record([Access("SignedOut", who, self._clock())])
            self._people.sessions.end(token)
        self.forget(request, answer, COOKIE)

    def keep_sign_in(self, request: HTTPConnection, answer: Response, sealed: str, seconds: int) -> None:
        """What a sign-in needs when the browser comes back from the provider."""
        self._set(request, answer, SIGN_IN_COOKIE, sealed, seconds)

    def kept_sign_in(self, request: HTTPConnection) -> str:
        """What was kept for the sign-in, or nothing."""
        return request.cookies.get(cookie_name(request, SIGN_IN_COOKIE), "")

    def forget(self, request: HTTPConnection, answer: Response, name: str) -> None:
        """Take a cookie back."""
        answer.delete_cookie(cookie_name(request, name), httponly=True, samesite="lax", secure=is_https(request))

    def is_token_of(self, request: HTTPConnection, given: str) -> bool:
        """Whether a form's token belongs to the browser's session."""
        token = self._token(request)
        wanted = self._form_token(hashlib.sha256(token.encode()).hexdigest()) if token else ""
        return bool(wanted) and hmac.compare_digest(wanted.encode(), given.encode())

    def is_own_form(self, request: HTTPConnection, who: Principal) -> bool:
        """Whether a page of ours sent this: by its token, or by the browser's word."""
        given = request.headers.get(CSRF_HEADER, "")
        matches = hmac.compare_digest(self._form_token(who.session).encode(), given.encode())
        return matches or is_same_origin(request)

    def _form_token(self, session: str) -> str:
        return form_token(self._people.form_key, session)

    def _token(self, request: HTTPConnection) -> str | None:
        return request.cookies.get(cookie_name(request, COOKIE))

    def _set(self, request: HTTPConnection, answer: Response, name: str, value: str, seconds: int) -> None:
        # Lax: the provider's answer, and a link in a message, come from another site; every form has its token
        answer.set_cookie(
            cookie_name(request, name),
            value,
            seconds,
            path="/",
            httponly=True,
            samesite="lax",
            secure=is_https(request),
        )


def _is_by_itself(request: HTTPConnection) -> bool:
    """Whether a page asks, and not a person: nobody need be in front of it."""
    return request.url.path == "/api/v1/live" or UNATTENDED_HEADER in request.headers


def form_token(key: bytes, session: str) -> str:
    """What a form of this session carries: no other site can know it. ``session`` is ``Principal.session``."""
    return hmac.new(key, session.encode(), hashlib.sha256).hexdigest()
