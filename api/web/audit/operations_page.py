"""Operations: is everything in step, sealed and backed up, and what to do where it is not; nothing clinical."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse, Response

from api.http.access import AREAS, may, reads_reports
from api.http.correlation import request_id
from api.i18n.language import N_, _
from api.sessions import Identity
from api.web.audit.access_rows import shown as shown_access
from api.web.frame.guard import Check, Guard, Page
from api.web.frame.long_work import shown
from api.web.frame.pages import Pages
from infra.jobs.table import Job
from infra.ops.overview.overview import MANY_REFUSED, OLD_BACKUP, Overview, overview
from infra.ops.overview.quarantine import entry_ids
from infra.ops.works import REBUILD, RETRY, WORKS, NotHereError, start
from infra.readmodels.healed_letters import How
from infra.readmodels.release import RESTS, Standing
from infra.views.folder import WRITING
from infra.views.scheduled import scheduled

STANDINGS: dict[Standing, str] = {
    "current": N_("kept by this release"),
    "outdated": N_("to be built anew"),
    "newer": N_("of a newer release: this one rests"),
    "rolled_back": N_("gone back to an older release: this one rests"),
    "other_zones": N_("of other time zones: this process rests"),
    "ahead": N_("ahead of the log"),
}
HEALING: dict[How, str] = {
    "retry": N_("retry"),
    "rebuild": N_("rebuild"),
    "rollback": N_("rollback"),
    "folded": N_("with what came next"),
}
WORK_NAMES = {REBUILD: N_("Rebuild of read models"), RETRY: N_("Retry of stopped clients")}


def add_operations_pages(router: APIRouter, pages: Pages, guard: Guard) -> None:
    """Add the routes."""
    looking, operating = guard.area("projections"), guard.area("operating")
    router.add_api_route("/operations", _operations(pages, looking), methods=["GET"])
    router.add_api_route("/operations/work/{work}", _work(pages, looking), methods=["GET"])
    router.add_api_route("/operations/work/{work}", _start(pages, operating), methods=["POST"])


def _operations(pages: Pages, admit: Check) -> Page:
    def handler(request: Request) -> Response:
        return _page(pages, request, admit(request))

    return handler


def _page(pages: Pages, request: Request, who: Identity) -> Response:
    services = pages.services
    state = overview(services)
    administers = may(who.role, "operating")
    resting = sum(schedule.rests for schedule in scheduled(services, reads_reports))
    return pages.page(
        request,
        "operations.html",
        who,
        overview=state,
        states=_states(state, services.jobs.newest(WRITING), resting),
        resting=resting,
        schedules=may(who.role, "schedules"),
        standings=STANDINGS,
        healing=HEALING,
        rests=any(row.state in RESTS for row in state.projections),
        ahead=any(row.state == "ahead" for row in state.projections),
        papers=shown(services.jobs.newest(WRITING)),
        folder=services.settings.view_folder is not None,
        works={name: shown(services.jobs.newest(name)) for name in WORKS},
        operating=administers and services.reads.may_write,
        administers=administers,
        sets_aside=may(who.role, "setting-aside"),
        healed_ids=entry_ids(services, [row.position for row in state.healed]),
        streams=services.settings.streams,
        sign_ins=[shown_access(pages, entry) for entry in state.sign_ins.latest],
        settings=services.settings.rows() if administers else [],
        models=list(services.reads.models),
    )


def _states(state: Overview, papers: Job | None, resting: int) -> dict[str, str]:
    """Good, warn or bad for each block; nothing where there is nothing to judge."""
    ahead = any(row.state == "ahead" for row in state.projections)
    behind = any(row.lag or row.state != "current" for row in state.projections)
    age = state.backup_age
    stream = state.stream
    return {
        "projections": "bad" if ahead else "warn" if behind else "good",
        "quarantine": "bad" if any(row.quarantined for row in state.projections) else "good",
        "seals": "bad" if any(row.late for row in state.seals) else "good",
        "backup": "warn" if age is None else "bad" if age > OLD_BACKUP else "good",
        "stream": "" if stream is None else "good" if stream.leads else "bad",
        "papers": _of_papers(papers, resting),
        "sign_ins": "warn" if state.sign_ins.refused >= MANY_REFUSED else "good",
    }


def _of_papers(papers: Job | None, resting: int) -> str:
    if papers is not None and papers.state in {"failed", "stopped"}:
        return "bad"
    return "warn" if resting else "good"


def _work(pages: Pages, admit: Check) -> Page:
    def handler(request: Request, work: str) -> Response:
        who = admit(request)
        if work not in WORKS:
            return _message(pages, request, who, N_("No such work"), N_("Choose from the page of operations."), 404)
        job = shown(pages.services.jobs.newest(work))
        values: dict[str, Any] = {"work_name": work, "title": WORK_NAMES[work], "job": job}
        return pages.page(
            request,
            "work.html",
            who,
            operating=may(who.role, "operating") and pages.services.reads.may_write,
            operators=", ".join(sorted(_(role) for role in AREAS["operating"])),
            **values,
        )

    return handler


def _start(pages: Pages, admit: Check) -> Page:
    def handler(request: Request, work: str, subject: Annotated[str, Form(max_length=100)] = "") -> Response:
        who = admit(request)
        if work not in WORKS:
            return _message(pages, request, who, N_("No such work"), N_("Choose from the page of operations."), 404)
        try:
            start(pages.services, who, work, subject, request_id(request.scope))
        except KeyError:
            text = N_("Choose one of the read models on the page of operations.")
            return _message(pages, request, who, N_("No such read model"), text, 422)
        except NotHereError:
            text = N_("This server may not write read models: run the command as the role of the projectors.")
            return _message(pages, request, who, N_("Not from here"), text, 409)
        return RedirectResponse(f"/operations/work/{work}", 303)

    return handler


def _message(pages: Pages, request: Request, who: Identity, heading: str, text: str, code: int) -> Response:
    values = {"heading": heading, "text": text, "way_on": "/operations", "way_on_name": N_("Operations")}
    return pages.page(request, "message.html", who, code, **values)
