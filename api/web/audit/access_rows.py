"""Entries of the access log as rows of tables, and as CSV."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from api.i18n.language import N_, _
from api.web.audit.acts import act, via
from api.web.audit.questions import question
from api.web.frame.pages import Pages
from infra.access_log.entries import Accessed

COLUMNS = (
    "position", "at", "kind", "name", "role", "via", "doing", "purpose", "broken_glass", "in_a_list", "outcome",
    "refused", "client", "reason", "asked", "issuer", "subject",
)  # fmt: skip
DISCLOSURE_COLUMNS = ("at", "recipient", "what", "purpose", "basis", "by", "role")
KINDS: dict[str, str] = {
    "ChartsRead": N_("read"),
    "ChartRefused": N_("refused"),
    "GlassBroken": N_("broke the glass"),
    "GlassReviewed": N_("reviewed broken glass"),
    "RecordsDisclosed": N_("disclosed"),
    "DisclosureRefused": N_("disclosure refused"),
    "SignedIn": N_("signed in"),
    "SignedOut": N_("signed out"),
    "SignInRefused": N_("sign-in refused"),
    "WorkStarted": N_("started work"),
    "NumbersAsked": N_("asked for numbers"),
    "TablesPublished": N_("published tables"),
    "ScheduleStopped": N_("stopped a schedule"),
}
# Why something was refused, as the log keeps it.
REFUSALS: tuple[str, ...] = (
    N_("not allowed"),
    N_("not there"),
    N_("other site"),
    N_("changed meanwhile"),
    N_("erased or gone"),
    N_("refused by a rule"),
    N_("glass broken too often"),
)


def shown(pages: Pages, entry: Accessed, names: Mapping[str, str] | None = None) -> dict[str, Any]:
    """An entry as the tables show it, in words."""
    client = entry.clients[0] if len(entry.clients) == 1 else ""
    return {
        "at": entry.at.isoformat(),
        "name": entry.name or "–",
        "role": entry.role,
        "kind": KINDS.get(entry.kind, entry.kind),
        "how": " · ".join(part for part in (act(entry.doing), via(entry.via)) if part),
        "purpose": entry.purpose,
        "client": (names or {}).get(client, ""),
        "broken": entry.broken,
        "reason": _("(sealed)") if entry.words is None else _(_reason(entry)),
        "list": entry.in_a_list,
        "question": question(pages, entry.asked),
        "count": 0 if entry.about_everybody else len(entry.clients),
    }


def as_row(entry: Accessed, names: Mapping[str, str] | None = None) -> dict[str, Any]:
    """An entry for programs."""
    client = entry.clients[0] if len(entry.clients) == 1 else ""
    return {
        **entry.as_row(),
        "client": (names or {}).get(client, ""),
        "reason": None if entry.words is None else _reason(entry),
    }


def _reason(entry: Accessed) -> str:
    words = entry.words or {}
    return words.get("reason") or words.get("basis") or words.get("note") or entry.refused
