"""What a browser may choose for itself: its language, and times in UTC. Kept in cookies, chosen by a link."""

from __future__ import annotations

from datetime import tzinfo
from http.cookies import SimpleCookie
from urllib.parse import parse_qsl, urlencode

from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.i18n.clock import on_clock
from api.i18n.language import languages, preferred, speaking
from api.origins import cookie_name, is_https

LANGUAGE, UTC = "language", "utc"
_YEAR_SECONDS = 31_536_000
_COOKIES = {LANGUAGE: "carejourney_language", UTC: "carejourney_utc"}


def switch(request: Request, name: str, value: str) -> str:
    """The address of this page with a preference chosen; a form that was refused leads to its empty form."""
    return f"{request.url.path}?{urlencode([*parse_qsl(request.url.query, keep_blank_values=True), (name, value)])}"


class Preferences:
    """ASGI middleware: each page speaks its reader's language; a choice in the address is kept in a cookie."""

    def __init__(self, app: ASGIApp, zone: tzinfo) -> None:
        """Wrap an app; ``zone`` is the facility's."""
        self.app, self.zone = app, zone

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer in the language and the clock of who asks; the API speaks English."""
        if scope["type"] != "http" or scope["path"].startswith(("/api/", "/fhir", "/static/")):
            await self.app(scope, receive, send)
            return
        request = Request(scope)
        chosen = {name: request.query_params[name] for name in _COOKIES if _allowed(request, name)}
        kept = {name: request.cookies.get(cookie_name(request, cookie), "") for name, cookie in _COOKIES.items()}
        wanted = {**kept, **chosen}
        code = wanted[LANGUAGE] if wanted[LANGUAGE] in languages() else preferred(request.headers)

        # A page would refuse a choice as a filter that it does not know. In place: who records refusals, further out,
        # reads from this scope which route answered.
        scope["query_string"] = _without_choices(scope["query_string"])

        async def answer(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in chosen.items():
                    headers.append("set-cookie", _cookie(request, name, value))
                headers.add_vary_header("Accept-Language, Cookie")
            await send(message)

        with speaking(code), on_clock(self.zone, utc=wanted[UTC] == "1"):
            await self.app(scope, receive, answer)


def _without_choices(query: bytes) -> bytes:
    parts = query.split(b"&")
    return b"&".join(part for part in parts if part.partition(b"=")[0].decode("latin-1") not in _COOKIES)


def _allowed(request: Request, name: str) -> bool:
    given = request.query_params.get(name, "")
    return given in ("0", "1") if name == UTC else given in languages()


def _cookie(request: Request, name: str, value: str) -> str:
    key = cookie_name(request, _COOKIES[name])
    cookie: SimpleCookie = SimpleCookie({key: value})
    for attribute, setting in (("path", "/"), ("max-age", _YEAR_SECONDS), ("samesite", "lax"), ("httponly", True)):
        cookie[key][attribute] = setting
    cookie[key]["secure"] = is_https(request)
    return cookie[key].OutputString()
