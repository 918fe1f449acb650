"""The audit package of a chart: for whom it is, then the archive."""

from __future__ import annotations

from io import BytesIO
from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response

from api.addresses import NumberInPath
from api.files import attachment
from api.http.correlation import request_id
from api.http.routes_access import known_client
from api.http.routes_packages import FILE_NAME, ZIP
from api.i18n.language import N_
from api.sessions import Identity
from api.web.frame.guard import Check, Guard, Page
from api.web.frame.pages import Pages
from api.web.frame.responses import refusals
from infra.disclosure.disclosures import DisclosureRefusedError
from infra.identity.people import PURPOSES
from infra.integrity.package import PackageRequest, write_package
from infra.integrity.proofs import ProofError


def add_package_page(router: APIRouter, pages: Pages, guard: Guard) -> None:
    """Add the routes."""
    check = guard.area("audit")
    path = "/clients/{reference}/audit-package"
    router.add_api_route(path, _form(pages, check), methods=["GET"])
    router.add_api_route(path, _package(pages, check), methods=["POST"])


def _form(pages: Pages, check: Check) -> Page:
    def handler(request: Request, reference: NumberInPath) -> Response:
        who = check(request)
        with refusals(pages, request, who, reference):
            client_id = known_client(pages.services, reference)
        pages.services.people.log.read(who, [client_id], request=request_id(request.scope))
        return _page(pages, request, who, pages.services.log.reference(client_id) or reference)

    return handler


def _page(
    pages: Pages,
    request: Request,
    who: Identity,
    reference: str,
    wanted: PackageRequest | None = None,
    problem: str = "",
) -> Response:
    return pages.page(
        request,
        "package.html",
        who,
        403 if problem else 200,
        chart=reference,
        asked=wanted or PackageRequest(),
        purposes=PURPOSES,
        problem=problem,
    )


def _package(pages: Pages, check: Check) -> Page:
    def handler(
        request: Request,
        reference: NumberInPath,
        recipient: Annotated[str, Form(max_length=200)] = "",
        purpose: Annotated[str, Form(max_length=50)] = "audit",
    ) -> Response:
        who = check(request)
        known = purpose if purpose in PURPOSES else "audit"
        wanted = PackageRequest(recipient.strip(), known, request=request_id(request.scope))
        archive = BytesIO()
        try:
            with refusals(pages, request, who, reference):
                write_package(pages.services, who, reference, archive, wanted)
        except DisclosureRefusedError:
            problem = N_(
                "Nothing may leave: no consent of this client covers this recipient and purpose (42 CFR 2.31)."
            )
            return _page(pages, request, who, reference, wanted, problem)
        except ProofError:
            problem = N_("The log is not what was sealed: verify it now, on the page of integrity.")
            return _page(pages, request, who, reference, wanted, problem)
        return Response(archive.getvalue(), media_type=ZIP, headers=attachment(FILE_NAME))

    return handler
