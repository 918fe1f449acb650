"""Coming in and going out: the provider's sign-in, the demo's, and sign-out here and there."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import quote

import structlog
from fastapi import APIRouter, Form, Request
from fastapi.responses import JSONResponse, PlainTextResponse, RedirectResponse, Response

from api.http.correlation import request_id
from api.i18n.language import N_, _, error_text
from api.sessions import DEMO_ROLES, SIGN_IN_COOKIE, WebSessions
from api.web.frame.pages import Pages
from api.web.frame.places import home_of
from domain.vocabulary import Role
from infra.access_log.entries import Access
from infra.identity.people import ClaimsError, Principal
from infra.identity.provider import ProviderError
from infra.identity.sessions import ReplayedSignInError
from infra.identity.sign_in import SIGN_IN_SECONDS, SignInError
from infra.identity.tokens import TokenError, logout_token as check_logout

_AWAY = N_("The sign-in provider does not answer. Try again in a moment; if it stays so, tell your administrator.")
ENDED = N_("Your session has ended. What you typed was not recorded: sign in again to find it in its form.")
_REFUSED = 400
_LOG = structlog.get_logger("sign-in")


def entrance(pages: Pages, sessions: WebSessions) -> APIRouter:
    """The routes of sign-in and sign-out."""
    router = APIRouter(include_in_schema=False)
    steps = _SignIn(pages, sessions)
    router.add_api_route("/", steps.page, methods=["GET"])
    router.add_api_route("/session", steps.left, methods=["GET"])
    router.add_api_route("/sign-in", steps.start, methods=["GET"])
    router.add_api_route("/sign-in", steps.demo, methods=["POST"])
    router.add_api_route("/sign-in/callback", steps.callback, methods=["GET"])
    router.add_api_route("/sign-out", steps.leave, methods=["POST"])
    router.add_api_route("/sign-out/backchannel", steps.backchannel, methods=["POST"])
    return router


class _SignIn:
    def __init__(self, pages: Pages, sessions: WebSessions) -> None:
        self._pages, self._sessions = pages, sessions
        self._people = pages.services.people

    def page(self, request: Request, next: str = "", *, ended: bool = False) -> Response:  # noqa: A002
        """The first page, or the start page of who is signed in."""
        who = self._sessions.principal(request)
        if who:
            return RedirectResponse(home_of(who.role), 303)
        return self._page(request, 200, _(ENDED) if ended else "", local_path(next))

    def left(self, request: Request) -> Response:
        """How long the session holds: what a page asks by itself, and what its reader asks who wants to stay."""
        return JSONResponse({"left": self._sessions.left(request)}, headers={"Cache-Control": "no-store"})

    def start(self, request: Request, next: str = "") -> Response:  # noqa: A002
        """Send the browser to the provider."""
        sign_in = self._people.sign_in
        if sign_in is None:
            return RedirectResponse("/", 303)
        try:
            address, sealed = sign_in.start(local_path(next))
        except ProviderError as error:
            _LOG.warning("a sign-in was not begun", error=type(error).__name__)
            return self._page(request, 503, _AWAY)
        answer = RedirectResponse(address, 303)
        self._sessions.keep_sign_in(request, answer, sealed, SIGN_IN_SECONDS)
        return answer

    def demo(self, request: Request, role: Annotated[str, Form()] = "", next: Annotated[str, Form()] = "") -> Response:  # noqa: A002
        """Sign in as a role of the demo."""
        chosen = demo_role(role)
        if not self._sessions.demo or chosen is None:
            return self._page(request, 403, _("This sign-in is not available here."))
        answer = RedirectResponse(local_path(next) or home_of(chosen), 303)
        self._sessions.begin_demo(request, answer, chosen)
        return answer

    def callback(self, request: Request) -> Response:
        """What the provider answered: a session, or why there is none."""
        sign_in = self._people.sign_in
        if sign_in is None:
            return RedirectResponse("/", 303)
        try:
            session, onward = sign_in.finish(self._sessions.kept_sign_in(request), request.query_params)
            answer = RedirectResponse(onward or home_of(session.who.role), 303)
            self._sessions.begin(request, answer, session)
        except ProviderError as error:
            return self._refused(request, error, 503, _AWAY)
        except (SignInError, TokenError, ClaimsError, ReplayedSignInError) as error:
            return self._refused(request, error, 403, _told(error))
        self._sessions.forget(request, answer, SIGN_IN_COOKIE)
        return answer

    def leave(self, request: Request) -> Response:
        """Sign out here, and at the provider if it has a place for that."""
        session = self._sessions.session(request)
        answer = RedirectResponse(self._left(session.id_token) if session is not None else "/", 303)
        self._sessions.end(request, answer)
        return answer

    def backchannel(self, logout_token: Annotated[str, Form(max_length=16_384)]) -> Response:
        """The provider says that somebody signed out elsewhere (OpenID Connect Back-Channel Logout 1.0)."""
        sign_in = self._people.sign_in
        if sign_in is None:
            return PlainTextResponse("no provider is set\n", 400)
        try:
            claims = check_logout(logout_token, sign_in.provider, sign_in.client_id, sign_in.now)
        except (TokenError, ProviderError) as error:
            _LOG.warning("a logout was not accepted", error=type(error).__name__)
            return PlainTextResponse("the logout token does not hold\n", 400)
        issuer = str(claims["iss"])
        if claims.get("sid"):
            self._people.sessions.end_of_provider_session(issuer, str(claims["sid"]))
        else:
            self._people.sessions.end_of_person(issuer, str(claims["sub"]))
        return Response(status_code=200)

    def _left(self, id_token: str) -> str:
        sign_in = self._people.sign_in
        if sign_in is None or not id_token:
            return "/"
        try:
            return sign_in.leave(id_token, self._pages.services.settings.public_url.rstrip("/") + "/") or "/"
        except ProviderError:
            return "/"

    def _refused(self, request: Request, error: Exception, code: int, problem: str) -> Response:
        _LOG.warning("a sign-in was refused", error=type(error).__name__)
        nobody = Principal("", "system", via="web", doing=type(error).__name__)
        self._people.log.record(
            [Access("SignInRefused", nobody, self._pages.services.now(), request=request_id(request.scope))]
        )
        answer = self._page(request, code, problem)
        self._sessions.forget(request, answer, SIGN_IN_COOKIE)
        return answer

    def _page(self, request: Request, code: int, problem: str, onward: str = "") -> Response:
        number = request_id(request.scope) if code >= _REFUSED else ""
        return sign_in_page(self._pages, self._sessions, request, code, problem, onward, number=number)


def sign_in_page(
    pages: Pages, sessions: WebSessions, request: Request, code: int, problem: str, onward: str, *, number: str = ""
) -> Response:
    """The page to sign in on, with what went wrong in which request, and the path that it leads to."""
    return pages.page(
        request,
        "signin.html",
        None,
        code,
        roles=DEMO_ROLES if sessions.demo else {},
        provider=pages.services.people.sign_in is not None,
        onward=onward,
        problem=problem,
        number=number,
    )


def _told(error: Exception) -> str:
    if isinstance(error, SignInError):
        return error_text(error)
    if isinstance(error, ClaimsError):
        text = _("You are signed in there, but have no place here: {reason}. Ask your administrator.")
        return text.format(reason=error_text(error))
    if isinstance(error, ReplayedSignInError):
        return _("This sign-in was used before, or is too old. Sign in again.")
    return _("The sign-in could not be checked. Sign in again; if it stays so, tell your administrator.")


def demo_role(role: str) -> Role | None:
    """The role, if it is one of the demo's."""
    return next((known for known in DEMO_ROLES if known == role), None)


def local_path(path: str) -> str:
    """A path of this app, or nothing: a sign-in never leads to another site."""
    plain = path.isprintable() and path.startswith("/") and not path.startswith(("//", "/\\"))
    return quote(path, safe="/?&=%-_.~") if plain else ""
