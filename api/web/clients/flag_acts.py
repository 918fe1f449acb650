"""Acts on a flag of the work list: take it on, snooze it, mark it done with a reason."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any, Final

from fastapi import Request
from fastapi.responses import Response

from api.http.access import may
from api.sessions import Identity
from api.web.clients.row_acts import act
from api.web.frame.guard import Check, Page
from api.web.frame.pages import Pages
from api.web.writing.submission import Form, Outcome, Posted
from domain.commands import RECORDING, Command, Record
from domain.events import CATALOGUE

SNOOZES: Final = {"snooze-1": 1, "snooze-7": 7}
_COMMANDS: Final = {
    "assign": "assign-flag",
    "snooze": "snooze-flag",
    **dict.fromkeys(SNOOZES, "snooze-flag"),
    "done": "finish-flag",
}
Shown = Callable[[Request, Identity, Outcome], Response]


def may_act(who: Identity) -> bool:
    """Whether somebody's work list has buttons."""
    return all(may(who.role, f"command:{command}") for command in _COMMANDS.values())


def flag_acts(pages: Pages, check: Check, shown: Shown) -> Page:
    """The handler of the forms; ``shown`` is the page of the list with what was refused."""

    def handler(request: Request, form: Form) -> Response:
        who = check(request)
        answer = act(pages, request, who, form, lambda: _command(pages, who, form), "/today#work")
        return shown(request, who, answer) if isinstance(answer, Outcome) else answer

    return handler


def _command(pages: Pages, who: Identity, form: Posted) -> Command:
    """The command that a form says; what it leaves out is refused as in every form.

    Raises:
        InvalidDataError: a day or the reason is missing.
    """
    do = form.text("do")
    data: dict[str, Any] = {"flag": form.text("flag"), "since": form.text("since")}
    if do in SNOOZES:
        data["until"] = (pages.services.today() + timedelta(days=SNOOZES[do])).isoformat()
    elif do == "snooze":
        data["until"] = form.text("until")
    elif do == "done":
        data["reason"] = form.text("reason")
    else:
        data["to"] = who.name
    event = CATALOGUE.parse(RECORDING[_COMMANDS.get(do, "assign-flag")], {k: v for k, v in data.items() if v})
    return Record(event, pages.services.now())
