"""Style sheet, scripts and chart library: each at an address of its content, packed for who can unpack it.

A browser keeps such a file for a year without asking, and a release that changes it has another address for it: nobody
meets new pages with old scripts. While two releases run side by side either gives what it has to a page of the other,
to be used once. Only these files are packed: they hold nothing secret.
"""

from __future__ import annotations

import gzip
import hashlib
import re
from functools import cache
from importlib.resources import files
from pathlib import Path

from fastapi import HTTPException, Request
from starlette.responses import FileResponse, Response

HERE = Path(__file__).parents[1]
ROUTE = "/static/{digest}/{name}"
FILES = {
    **{path.name: path for path in (HERE / "static").iterdir()},
    "plotly.min.js": Path(str(files("plotly").joinpath("package_data", "plotly.min.js"))),
}
"""Every file that is given out, by its name."""
_KINDS = {".css": "text/css", ".js": "text/javascript"}
_REFUSED = re.compile(r"q\s*=\s*0(?:\.0*)?$")


def file_address(name: str) -> str:
    """Where the file of this name stands as long as its content is what it is."""
    return ROUTE.format(digest=digest_of(name), name=name)


@cache
def digest_of(name: str) -> str:
    """SHA-256 of a file's content, as far as an address needs it."""
    return hashlib.sha256(FILES[name].read_bytes()).hexdigest()[:16]


def static_file(request: Request, digest: str, name: str) -> Response:
    """A file for a page."""
    path = FILES.get(name)
    if path is None:
        raise HTTPException(404)
    kept = "public, max-age=31536000, immutable" if digest == digest_of(name) else "no-cache"
    headers = {"Cache-Control": kept, "Vary": "Accept-Encoding"}
    kind = _KINDS[path.suffix]
    if _unpacks(request.headers.get("accept-encoding", "")):
        return Response(_packed(name), media_type=kind, headers={**headers, "Content-Encoding": "gzip"})
    return FileResponse(path, media_type=kind, headers=headers)


@cache
def _packed(name: str) -> bytes:
    return gzip.compress(FILES[name].read_bytes(), mtime=0)


def _unpacks(accepted: str) -> bool:
    """Whether a browser takes gzip (RFC 9110, 12.5.3)."""
    codings = (coding.strip().partition(";") for coding in accepted.lower().split(","))
    return any(name.strip() == "gzip" and not _REFUSED.search(weight.strip()) for name, _, weight in codings)
