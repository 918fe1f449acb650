"""What a chart holds as choices of a form: its goals, groups, consents, ended stays and referrals, each by its name.

An entry names them by a key that nobody reads off a screen; where the chart holds none, the key is typed as before.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date

from api.i18n.formats import day, words
from api.i18n.language import N_, _, translated
from api.web.frame.pages import Pages
from api.web.writing.fields import Field
from domain.decisions import History
from domain.entries import Entry
from domain.events import CommunityReferralMade, ReferralReceived, SessionAttended, TreatmentPlanSet
from domain.groups import memberships
from domain.handoffs import FIRSTS, handoffs
from domain.levels import title
from infra.provider.definitions import defined
from projections.clinical.at_hand import consents_in_force
from projections.timeline.words import title_of

Choices = Sequence[tuple[str, str]]
"""Keys, each with what it is called."""
NEWEST = 20
"""So many sessions and starts are offered, the newest first."""


@dataclass(frozen=True, slots=True)
class _Known:
    """What a field can name, and what its form says of it."""

    choices: Callable[[History, Pages], Choices]
    label: str
    help: str


def with_known(fields: Iterable[Field], command: str, history: History, pages: Pages) -> list[Field]:
    """The fields of a command, those that name something of the chart with that to choose from."""
    return [_chosen(field, _KNOWN.get((command, field.name)), history, pages) for field in fields]


def _chosen(field: Field, known: _Known | None, history: History, pages: Pages) -> Field:
    choices = tuple(known.choices(history, pages)) if known else ()
    if known is None or not choices:
        return field
    typed = () if not field.value or field.value in dict(choices) else ((str(field.value), str(field.value)),)
    return replace(field, kind="choice", choices=(*choices, *typed), label=known.label or field.label, help=known.help)


def _goals(history: History, _pages: Pages) -> Choices:
    """Those of the plan in force: in the client's words, or by their key where these are sealed."""
    plans = [entry.event for entry in history.care if isinstance(entry.event, TreatmentPlanSet)]
    goals = (plans[-1].goals or ()) if plans else ()
    return [(goal.goal_id, goal.text or goal.goal_id) for goal in goals]


def _groups(history: History, pages: Pages) -> Choices:
    """Those that the client is in."""
    names = {group.key: group.name for group in defined(pages.services, "group", pages.services.now())}
    groups = [member.group_id for member in memberships(history.care, history.journey).all if member.until is None]
    return [(key, names.get(key, key)) for key in groups]


def _consents(history: History, pages: Pages) -> Choices:
    """Those in force: to whom, what for, until when."""
    return [
        (consent.consent_id, _joined(consent.recipient, words(consent.purpose), _until(consent.expires_on)))
        for consent in consents_in_force(history.journey, pages.services.today().toordinal())
    ]


def _until(last: date | None) -> str:
    return _("until {day}").format(day=day(last)) if last else ""


def _stays(history: History, _pages: Pages) -> Choices:
    """Ended stays whose hand-off nobody has closed, the latest first."""
    closed = _closed(history)
    ended = [stay for stay in history.journey.stays if stay.end_day is not None and stay.event_id not in closed]
    ended.sort(key=lambda stay: stay.end or 0, reverse=True)
    return [(stay.event_id, _joined(translated(title(stay.level)), _on(stay.end_day or 0))) for stay in ended]


def _referrals(history: History, _pages: Pages) -> Choices:
    """Referrals whose hand-off nobody has closed, the latest first."""
    closed, kinds = _closed(history), (ReferralReceived, CommunityReferralMade)
    return [
        _entry(entry)
        for entry in reversed(history.care)
        if isinstance(entry.event, kinds) and entry.event_id not in closed
    ]


def _firsts(history: History, _pages: Pages) -> Choices:
    """What care can have gone on with."""
    return [_entry(entry) for entry in reversed(history.care) if isinstance(entry.event, FIRSTS)][:NEWEST]


def _closed(history: History) -> set[str]:
    known = handoffs(history.care, history.journey).by_key
    return {key for key, handoff in known.items() if handoff.outcome is not None}


def _entry(entry: Entry) -> tuple[str, str]:
    more = words(entry.event.modality) if isinstance(entry.event, SessionAttended) else ""
    return entry.event_id, _joined(translated(title_of(entry.event)), more, _on(entry.day))


def _on(ordinal: int) -> str:
    return day(date.fromordinal(ordinal))


def _joined(*parts: str | None) -> str:
    return " · ".join(part for part in parts if part)


_STAY = _Known(_stays, "", N_("The level that ended, by the day of its end"))
_REFERRAL = _Known(_referrals, "", N_("Where it is not about a stay"))
_KNOWN: dict[tuple[str, str], _Known] = {
    ("progress-goal", "goal_id"): _Known(_goals, N_("Goal"), N_("Of the treatment plan in force")),
    ("leave-group", "group_id"): _Known(_groups, N_("Group"), N_("Those that the client is in")),
    ("revoke-consent", "consent_id"): _Known(_consents, N_("Consent"), N_("Those in force")),
    ("assign-handoff", "stay"): _STAY,
    ("assign-handoff", "referral"): _REFERRAL,
    ("close-handoff", "stay"): _STAY,
    ("close-handoff", "referral"): _REFERRAL,
    ("close-handoff", "first_session"): _Known(
        _firsts, N_("Care went on with"), N_("Where it was kept: the first session, or the start of the next level.")
    ),
}
