"""An upload is tried, which records nothing, and then imported: what it came to, and what was left over."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from fastapi import Request
from fastapi.responses import RedirectResponse, Response

from api.files import csv_of
from api.http.correlation import request_id
from api.i18n.language import N_, _
from api.sessions import Identity
from api.web.frame.guard import Check, Page as Handler
from api.web.frame.long_work import shown
from api.web.frame.pages import Pages
from api.web.imports.upload_page import KIND_NAMES, OUTCOMES, PLACE, WHATS, upload_of
from infra.ops.imports.uploads import Upload
from infra.ops.imports.work import IMPORT, LISTED, is_worked_on, job_of, start_import, start_trial, trial_of

COLUMNS = ("place", "kind", "reason")
_SHOWN = 100


def opened(pages: Pages, check: Check) -> Handler:
    """The page of one upload."""

    def handler(request: Request, upload: str) -> Response:
        who = check(request)
        return _page(pages, request, who, upload_of(pages, request, who, upload))

    return handler


def stepped(pages: Pages, check: Check) -> Handler:
    """It is tried, imported, or forgotten."""

    def handler(request: Request, upload: str, step: str) -> Response:
        who = check(request)
        kept_upload = upload_of(pages, request, who, upload)
        services, here = pages.services, f"{PLACE}/{kept_upload.key}"
        tried, is_busy = trial_of(services, kept_upload), is_worked_on(services, kept_upload)
        if step == "drop" and not is_busy:
            services.uploads.drop(kept_upload)
            return RedirectResponse(PLACE, 303)
        is_ready = kept_upload.file.exists() and (kept_upload.kind != "csv" or kept_upload.mapping.exists())
        if is_busy or not is_ready or step not in {"preview", "import"}:
            return RedirectResponse(here, 303)
        if step == "import" and (tried is None or tried.state != "done"):
            return _page(pages, request, who, kept_upload, N_("Look at the preview first: it records nothing."))
        start = start_import if step == "import" else start_trial
        job, _is_new = start(services, who, kept_upload, request_id(request.scope))
        if job.subject != kept_upload.key:
            return _page(
                pages, request, who, kept_upload, N_("Another file is being worked on: wait until it is done.")
            )
        return RedirectResponse(here, 303)

    return handler


def looked_again(pages: Pages, check: Check) -> Handler:
    """How far a step is stands on the page of the upload."""

    def handler(request: Request, upload: str, step: str) -> Response:  # noqa: ARG001 - of the address
        who = check(request)
        return RedirectResponse(f"{PLACE}/{upload_of(pages, request, who, upload).key}", 303)

    return handler


def left_over(pages: Pages, check: Check) -> Handler:
    """What was left over, as CSV."""

    def handler(request: Request, upload: str) -> Response:
        who = check(request)
        kept_upload = upload_of(pages, request, who, upload)
        return csv_of("left-over", _left(kept_upload), COLUMNS)

    return handler


def _left(upload: Upload) -> list[dict[str, Any]]:
    """Place, kind and reason of what was left over; whether it differs is for the command line's exit code."""
    left_over: list[dict[str, Any]] = upload.noted(upload.left) or []
    return [{name: row[name] for name in COLUMNS} for row in left_over]


def _page(pages: Pages, request: Request, who: Identity, upload: Upload, problem: str = "") -> Response:
    jobs = trial_of(pages.services, upload), job_of(pages.services, IMPORT, upload)
    tried, done = (shown(replace(job, subject="") if job else None) for job in jobs)
    left = _left(upload)
    return pages.page(
        request,
        "import_trial.html",
        who,
        409 if problem else 200,
        upload=upload,
        here=f"{PLACE}/{upload.key}",
        kind=KIND_NAMES[upload.kind],
        mapped=upload.kind != "csv" or upload.mapping.exists(),
        tried=tried,
        done=done,
        left=left[:_SHOWN],
        left_count=len(left),
        findings=upload.noted(upload.findings) or {"new": [], "alike": []},
        listed=LISTED,
        whats=WHATS,
        outcomes=OUTCOMES,
        problem=_(problem) if problem else "",
    )
