"""Templates, formats and the pages' common frame."""

from __future__ import annotations

from datetime import datetime
from functools import partial
from typing import Any

import orjson
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import HTMLResponse

from api.addresses import segment
from api.http.access import may
from api.i18n.clock import in_utc, local, time_of_day
from api.i18n.formats import day as day, moment, number as number, percent as percent, words
from api.i18n.language import install_filters, install_texts, language, languages
from api.i18n.preferences import LANGUAGE, UTC, switch
from api.sessions import Identity, form_token
from api.web.frame.forms import FormTokens
from api.web.frame.places import chart_at, places_of
from api.web.frame.plain_words import plainly
from api.web.frame.static_files import HERE, file_address
from api.web.frame.tables import fit_tables
from api.web.frame.tour import is_offered
from domain.levels import title
from domain.phrases import spaced
from infra.bootstrap import Services
from projections.timeline.words import value_of


class Pages:
    """Renders a page in the frame of who is signed in."""

    def __init__(self, services: Services) -> None:
        """Prepare the templates once."""
        self.services = services
        self.zone = services.zone
        self.environment = Environment(
            loader=FileSystemLoader(HERE / "templates"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            extensions=[FormTokens, "jinja2.ext.i18n"],
        )
        install_texts(self.environment)
        filters: dict[str, Any] = {
            "percent": percent,
            "number": number,
            "words": words,
            "level": title,
            "plainly": plainly,
            "day": day,
            "when": self.when,
            "clock": self.clock,
            "spaced": spaced,
            "recorded": recorded,
            "data": data,
            "segment": segment,
        }
        install_filters(self.environment, filters)
        functions: dict[str, Any] = {"static": file_address}
        self.environment.globals.update(functions)

    def page(
        self, request: Request, template: str, who: Identity | None, code: int = 200, **values: Any
    ) -> HTMLResponse:
        """One page."""
        simulated = self.services.settings.demo
        form_key = self.services.people.form_key
        csrf = form_token(form_key, who.session) if who else ""
        finds = who is not None and may(who.role, "charts")
        html = self.environment.get_template(template).render(
            who=who,
            may=partial(may, who.role) if who else nobody_may,
            csrf=csrf,
            writer=form_token(form_key, f"drafts of {who.person.key}")[:16] if who else "",
            places=places_of(who.role, request.url.path) if who else [],
            at_chart=chart_at(request.url.path) if finds else "",
            finds=finds,
            live=who is not None and may(who.role, "live"),
            simulated=simulated,
            offers_tour=who is not None and is_offered(request, form_key, who),
            path=request.url.path,
            language=language(),
            languages=[(code, name, switch(request, LANGUAGE, code)) for code, name in languages().items()],
            in_utc=in_utc(),
            clock=switch(request, UTC, "0" if in_utc() else "1"),
            **values,
        )
        return HTMLResponse(fit_tables(html), code)

    def when(self, iso: str) -> str:
        """A moment in the facility's time zone."""
        return moment(datetime.fromisoformat(iso), self.zone)

    def clock(self, iso: str, heading: str) -> str:
        """The time of day of an entry under a day's heading; with its day where the reader's clock is on another."""
        at = local(datetime.fromisoformat(iso), self.zone)
        return time_of_day(at) if at.date().isoformat() == heading else moment(at, self.zone)


def nobody_may(area: str) -> bool:  # noqa: ARG001
    """What somebody may who is not signed in: nothing that a role is needed for."""
    return False


def recorded(value: Any, type_name: str, name: str) -> str:
    """The value of a field of an entry, as people read it."""
    return value_of(type_name, name, value)


def data(value: Any) -> Markup:
    """A value as JSON inside a script element of type application/json."""
    text = orjson.dumps(value).decode().replace("<", "\\u003c").replace("&", "\\u0026")
    return Markup(text)  # noqa: S704 - JSON with every < and & escaped


def footer(pages: Pages) -> dict[str, int]:
    """How far the read models are."""
    rows = pages.services.projector.status()
    return {"position": min((row.position for row in rows), default=0), "head": rows[0].head if rows else 0}
