"""The guard of the pages: signed in, in a role that may open the page, and every form one of ours."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import cast
from urllib.parse import parse_qs, quote, urlencode

from fastapi import Request
from fastapi.responses import PlainTextResponse, RedirectResponse, Response
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.http.access import AREAS, UPLOADS, may
from api.http.errors import WHO
from api.http.identity import doing
from api.http.problems import ProblemError
from api.i18n.language import _
from api.origins import is_foreign
from api.sessions import Identity, WebSessions
from api.web.frame.pages import Pages
from api.web.frame.responses import AnsweredError
from api.web.frame.sign_in import ENDED, local_path, sign_in_page
from api.web.frame.uploads import RECEIVED, Received, is_upload, received
from infra.identity.limits import Buckets

LARGEST_FORM = 200_000
# Those that come without a session of ours: signing in, and the provider's own call.
WITHOUT_TOKEN = frozenset({"/sign-in", "/sign-out/backchannel"})
_BY_PROVIDER = frozenset({"/sign-out/backchannel"})
Check = Callable[[Request], Identity]
Page = Callable[..., Response]


class Guard:
    """Gives the identity of a request; raises the answer of one that must go elsewhere (``AnsweredError``)."""

    def __init__(self, pages: Pages, sessions: WebSessions) -> None:
        """Check with these sessions, answer with these pages."""
        self._pages = pages
        self._sessions = sessions

    def chart(self, request: Request) -> Identity:
        """For pages that show clients."""
        return self._check(request, "charts")

    def dashboard(self, request: Request) -> Identity:
        """For pages that show aggregates."""
        return self._check(request, "reports")

    def area(self, area: str) -> Check:
        """For the pages of an area of the table.

        Raises:
            KeyError: no such area.
        """
        assert AREAS[area] is not None
        return lambda request: self._check(request, area)

    def _check(self, request: Request, area: str) -> Identity:
        who = self._sessions.principal(request)
        if who is None and request.method == "POST":
            # no bare redirect: it would not say that nothing was recorded
            onward = request.url.path + (f"?{request.url.query}" if request.url.query else "")
            page = sign_in_page(self._pages, self._sessions, request, 403, _(ENDED), local_path(onward))
            raise AnsweredError(page)
        if who is None:
            raise AnsweredError(RedirectResponse(f"/?next={quote(request.url.path)}", 303))
        wait = cast("Buckets", request.app.state.by_account).take(who.person.key)
        if wait:
            raise AnsweredError(_wait(wait))
        who = request.scope[WHO] = replace(who, doing=doing(request))
        if not may(who.role, area):
            raise AnsweredError(self._not_for(request, who, area))
        return who

    def _not_for(self, request: Request, who: Identity, area: str) -> Response:
        allowed = ", ".join(sorted(_(role) for role in AREAS[area]))
        text = _("Your role is {role}; this page is for: {roles}. Sign in with another role to open it.")
        return self._pages.page(
            request,
            "message.html",
            who,
            403,
            heading="Not for your role",
            text=text.format(role=_(who.role), roles=allowed),
            way_on="/",
            way_on_name="Go to your start page",
        )


class FormGuard:
    """ASGI middleware: a form of the web app must come from a page of ours, with its session's token.

    The API's own paths pass: they take no forms, and check the session's word themselves.
    """

    def __init__(self, app: ASGIApp, sessions: WebSessions, most: int) -> None:
        """Wrap an app; a file that is uploaded may have ``most`` bytes."""
        self.app = app
        self._sessions = sessions
        self._most = most

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Check a form, then hand it on."""
        reads = scope["type"] != "http" or scope["method"] in {"GET", "HEAD"}
        if reads or scope["path"].startswith(("/api/", "/fhir/")):
            await self.app(scope, receive, send)
            return
        request = Request(scope)
        if is_upload(scope):
            await self._uploaded(request, scope, receive, send)
            return
        try:
            body = await _body(scope, receive)
        except ProblemError as problem:
            await PlainTextResponse(f"{problem.detail}\n", 408)(scope, receive, send)
            return
        refusal = _unreadable(scope, body) or self._not_ours(request, scope["path"], body or b"")
        if refusal is not None:
            await refusal(scope, receive, send)
            return
        await self.app(scope, _replay(body or b""), send)

    async def _uploaded(self, request: Request, scope: Scope, receive: Receive, send: Send) -> None:
        """Read a form with files only from who may send one; everybody else's page says why not, by its own check."""
        received_form, refusal = Received(), None
        if is_foreign(request):
            refusal = self._not_ours(request, scope["path"], b"")
        elif self._may_upload(await run_in_threadpool(self._sessions.principal, request), scope["path"]):
            try:
                received_form = await received(scope, receive, self._most)
            except ProblemError as problem:
                refusal = PlainTextResponse(f"{problem.detail}\n", 408)
            else:
                token = urlencode({"csrf": received_form.fields.get("csrf", "")}).encode()
                refusal = None if received_form.fault else self._not_ours(request, scope["path"], token)
        scope[RECEIVED] = received_form
        try:
            await (refusal(scope, receive, send) if refusal else self.app(scope, _replay(b""), send))
        finally:
            received_form.close()

    def _may_upload(self, who: Identity | None, path: str) -> bool:
        return who is not None and may(who.role, UPLOADS[path])

    def _not_ours(self, request: Request, path: str, body: bytes) -> Response | None:
        if path in _BY_PROVIDER:
            return None
        token = parse_qs(body.decode(), max_num_fields=1_000).get("csrf", [""])[0]
        if is_foreign(request) or not (path in WITHOUT_TOKEN or self._sessions.is_token_of(request, token)):
            text = _("This form did not come from a page of your session. Open the page again and send it from there.")
            return PlainTextResponse(f"{text}\n", 403)
        return None


def _wait(seconds: float) -> Response:
    after = str(max(1, round(seconds)))
    text = _("Too many requests: wait {seconds} s.").format(seconds=after) + "\n"
    return PlainTextResponse(text, 429, {"Retry-After": after})


async def _body(scope: Scope, receive: Receive) -> bytes | None:
    """A form's body, or None when it is too large."""
    declared = Headers(scope=scope).get("content-length", "0")
    if declared.isdigit() and int(declared) > LARGEST_FORM:
        return None
    body, more = b"", True
    while more:
        message = await receive()
        body += cast("bytes", message.get("body", b""))
        more = bool(message.get("more_body", False))
        if len(body) > LARGEST_FORM:
            return None
    return body


def _unreadable(scope: Scope, body: bytes | None) -> Response | None:
    if body is None:
        return PlainTextResponse(f"A form may hold {LARGEST_FORM:,} bytes.\n", 413)
    media_type = Headers(scope=scope).get("content-type", "").partition(";")[0].strip().lower()
    if body and media_type != "application/x-www-form-urlencoded":
        return PlainTextResponse("Send a form as application/x-www-form-urlencoded.\n", 415)
    try:
        text = parse_qs(body.decode("ascii"), max_num_fields=1_000, errors="strict")
    except ValueError:
        return PlainTextResponse("The form cannot be read.\n", 400)
    if any("\x00" in value for values in text.values() for value in values):
        return PlainTextResponse("A field holds a NUL character: remove it.\n", 400)
    return None


def _replay(body: bytes) -> Receive:
    messages: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def receive() -> Message:
        return messages.pop() if messages else {"type": "http.disconnect"}

    return receive
