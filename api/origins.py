"""Origin of a request, as the browser says: another site's page may not make our people act."""

from __future__ import annotations

from urllib.parse import urlsplit

from starlette.requests import HTTPConnection

_OURS = {"same-origin", "none"}


def is_foreign(request: HTTPConnection) -> bool:
    """Whether the browser says that another origin's page sent this (Fetch Metadata, Origin)."""
    site = request.headers.get("sec-fetch-site")
    if site is not None and site not in _OURS:
        return True
    origin = request.headers.get("origin")
    return origin is not None and urlsplit(origin).netloc != request.headers.get("host")


def is_same_origin(request: HTTPConnection) -> bool:
    """Whether the browser vouches for a page of ours; without its word the answer is no."""
    same_site = request.headers.get("sec-fetch-site") == "same-origin" or "origin" in request.headers
    return same_site and not is_foreign(request)


def is_https(request: HTTPConnection) -> bool:
    """Whether browsers reach us encrypted."""
    return request.url.scheme in {"https", "wss"}


def cookie_name(request: HTTPConnection, name: str) -> str:
    """Under https the name binds the cookie to this host: no neighbour of its domain can plant one."""
    return f"__Host-{name}" if is_https(request) else name
