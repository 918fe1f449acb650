"""Integrity for auditors: what is sealed, checks in the background with their results, proofs and the verifier."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

import orjson
from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse, Response

from api.files import attachment
from api.http.correlation import request_id
from api.i18n.language import N_, sentence
from api.sessions import Identity
from api.web.frame.guard import Check, Guard, Page
from api.web.frame.long_work import shown
from api.web.frame.pages import Pages
from domain.entries import moment
from infra.integrity.heads import Head
from infra.integrity.package import verifier
from infra.integrity.proofs import NotSealedError, ProofError, find_entry, prove
from infra.integrity.saved_heads import lines_of
from infra.integrity.seal_setup import CARE, logs_of, seals_of
from infra.ops.overview.sealed import sealed
from infra.ops.works import CHECKS, LOGS, REPLAY, start

HEADS_SHOWN = 10
CHECK_NAMES = {LOGS: N_("Verification of the logs"), REPLAY: N_("Comparison with a fresh replay")}


def add_integrity_pages(router: APIRouter, pages: Pages, guard: Guard) -> None:
    """Add the routes."""
    admit = guard.area("audit")
    router.add_api_route("/audit/integrity", _integrity(pages, admit), methods=["GET"])
    router.add_api_route("/audit/checks/{check}", _check(pages, admit), methods=["GET"])
    router.add_api_route("/audit/checks/{check}", _start(pages, admit), methods=["POST"])
    router.add_api_route("/audit/proof", _proof(pages, admit), methods=["POST"])
    router.add_api_route("/audit/heads.ndjson", _heads(pages, admit), methods=["GET"])
    router.add_api_route("/audit/carejourney_verify.py", _verifier(admit), methods=["GET"])


def _integrity(pages: Pages, admit: Check) -> Page:
    def handler(request: Request) -> Response:
        return _page(pages, request, admit(request))

    return handler


def _page(pages: Pages, request: Request, who: Identity, problem: str = "", code: int = 200) -> Response:
    services = pages.services
    seals = seals_of(services)
    heads = [head for log in logs_of(services) for head in seals.heads(log.name, _after(seals.last(log.name)))]
    keys = seals.public_keys()
    return pages.page(
        request,
        "integrity.html",
        who,
        code,
        problem=problem,
        sealed=sealed(services),
        heads=[(head, moment(head.sealed_at).isoformat()) for head in sorted(heads, key=lambda head: -head.sealed_at)],
        first_key=keys[0].key_id if keys else "",
        checks={name: shown(services.jobs.newest(name)) for name in CHECKS},
        every=services.settings.seal_every,
    )


def _after(last: Head | None) -> int:
    """The number after which the heads that are shown begin."""
    return max(0, last.number - HEADS_SHOWN) if last else 0


def _check(pages: Pages, admit: Check) -> Page:
    def handler(request: Request, check: str) -> Response:
        who = admit(request)
        if check not in CHECKS:
            return _no_check(pages, request, who)
        job = shown(pages.services.jobs.newest(check))
        return pages.page(request, "check.html", who, check=check, title=CHECK_NAMES[check], job=job)

    return handler


def _start(pages: Pages, admit: Check) -> Page:
    def handler(request: Request, check: str) -> Response:
        who = admit(request)
        if check not in CHECKS:
            return _no_check(pages, request, who)
        start(pages.services, who, check, request=request_id(request.scope))
        return RedirectResponse(f"/audit/checks/{check}", 303)

    return handler


def _no_check(pages: Pages, request: Request, who: Identity) -> Response:
    return pages.page(
        request,
        "message.html",
        who,
        404,
        heading=N_("No such check"),
        text=N_("Choose one of the checks on the page of integrity."),
        way_on="/audit/integrity",
        way_on_name=N_("Integrity"),
    )


def _proof(pages: Pages, admit: Check) -> Page:
    def handler(request: Request, event_id: Annotated[str, Form(max_length=100)] = "") -> Response:
        who = admit(request)
        services = pages.services
        care = next(log for log in logs_of(services) if log.name == CARE)
        try:
            row = find_entry(care, UUID(event_id.strip()).hex)
            services.people.log.read(who, [row.client_id], request=request_id(request.scope))
            proof = prove(care, seals_of(services), row)
        except ValueError:
            problem = N_("This is not the id of an entry: it is a UUID, as the history and the timeline show it.")
            return _page(pages, request, who, problem, 422)
        except NotSealedError:
            problem = N_("This entry is not sealed yet: the next seal covers it.")
            return _page(pages, request, who, problem, 409)
        except ProofError as error:
            return _page(pages, request, who, sentence(error), 404)
        text = orjson.dumps(proof, option=orjson.OPT_INDENT_2) + b"\n"
        return Response(text, media_type="application/json", headers=attachment("proof.json"))

    return handler


def _heads(pages: Pages, admit: Check) -> Page:
    def handler(request: Request) -> Response:
        admit(request)
        seals = seals_of(pages.services)
        text = lines_of([*seals.public_keys(), *seals.heads()])
        return Response(text, media_type="application/x-ndjson", headers=attachment("heads.ndjson"))

    return handler


def _verifier(admit: Check) -> Page:
    def handler(request: Request) -> Response:
        admit(request)
        return Response(verifier(), media_type="text/x-python", headers=attachment("carejourney_verify.py"))

    return handler
