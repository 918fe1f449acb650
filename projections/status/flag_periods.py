"""Periods of flags: when each begins and ends, from what is recorded, for all days.

Days are proleptic ordinals. Nothing here asks what day it is.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple

from domain.entries import Entry
from domain.levels import TWENTY_FOUR_HOUR_LEVELS
from domain.vocabulary import MILESTONES
from projections.clinical.course import MISSED_IN_A_ROW
from projections.clinical.due import CONSENT_DAYS
from projections.clinical.flag_work import work_on
from projections.status.flags import POSITIVE_SCREEN_DAYS, URGENCIES

AUTHORIZATION_DAYS = 7
ASSESSMENT_DAYS = 30
NO_CONTACT_DAYS = 14
STEP_AHEAD_DAYS = 7
_FIRST, _LAST = date.min.toordinal(), date.max.toordinal()


class Since(NamedTuple):
    """The day of the entry by which a flag stands that has no day of its own; 0 where it does not."""

    missed: int = 0
    leave: int = 0
    authorized: int = 0
    screened: int = 0


class Standing(NamedTuple):
    """A flag from a day until another (excluded; None: until something is recorded).

    ``since_day`` is that from which it stands; ``from_day`` is the same, or the first there is where the flag is up
    whatever the day. ``of_day`` is the day that its reason counts from, ``detail`` what it names beside. From
    ``adds_from_day`` on no flag that began before it stands any more: counted from there, a client with several flags
    is one client. While ``snoozed`` (until the day ``snoozed_until``, or until it goes) it has nobody on the list.
    """

    flag: str
    urgency: int
    from_day: int
    until_day: int | None
    since_day: int
    of_day: int
    detail: str
    adds_from_day: int | None
    assigned_to: str = ""
    snoozed: bool = False
    snoozed_until: int | None = None


_PLACES = {(urgency.flag, urgency.lasts is None, urgency.dated): place for place, urgency in enumerate(URGENCIES)}


def standings(row: Mapping[str, Any], since: Since, about: Sequence[Entry] = ()) -> list[Standing]:
    """Every flag of a status row, whenever it stands; none after a death.

    ``about`` are the entries about flags (``flag_entries``): what is done is left out, what is snoozed stands apart.
    """
    if row["state"] == "died":
        return []
    candidates = [*_positive(since), *_review(row), *_assessment(row), *_overlap(row), *_follow_ups(row)]
    if row["state"] in {"in_treatment", "alumni"}:
        candidates += _consent(row)
    if row["on_leave"]:
        candidates.append(_undated("on_leave", since.leave, since.leave, row["on_leave"]))
    if row["state"] == "in_treatment":
        candidates += [*_missed(row, since), *_no_contact(row), *_plan_end(row), *_authorization(row, since)]
    parts = [part for standing in candidates for part in _parts(standing, about)]
    ever = filter(_stands_ever, parts)
    return list(_once(sorted(ever, key=lambda standing: (standing.from_day, standing.urgency))))


def _stands_ever(standing: Standing) -> bool:
    return standing.from_day <= _LAST and (standing.until_day is None or standing.until_day > standing.from_day)


def _parts(standing: Standing, about: Sequence[Entry]) -> Iterator[Standing]:
    """A flag in the light of what was done about it: nothing, or as it is, or first snoozed and then back."""
    work = work_on(about, standing.flag, standing.since_day)
    if work.done is not None:
        return
    mine = standing._replace(assigned_to=work.to)
    if work.until is None:
        yield mine
        return
    ends = work.until if standing.until_day is None else min(work.until, standing.until_day)
    yield mine._replace(until_day=ends, snoozed=True, snoozed_until=work.until)
    yield mine._replace(from_day=max(standing.from_day, work.until))


def _once(standings: Iterable[Standing]) -> Iterator[Standing]:
    """The same flags, in order of their beginning, each with the day from which it adds its client."""
    covered: int | None = _FIRST
    for standing in standings:
        adds = None if covered is None or standing.snoozed else max(standing.from_day, covered)
        if adds is None or (standing.until_day is not None and standing.until_day <= adds):
            yield standing._replace(adds_from_day=None)
        else:
            yield standing._replace(adds_from_day=adds)
            covered = standing.until_day


def _dated(flag: str, day: int, of_day: int, until: int | None = None, detail: str = "") -> Standing:
    """Within the days that there are: a plan may end on the last of them."""
    begins, ends = max(day, _FIRST), None if until is None else min(until, _LAST)
    return Standing(flag, _PLACES[flag, until is None, True], begins, ends, begins, of_day, detail, None)


def _undated(flag: str, since_day: int, of_day: int, detail: str = "") -> Standing:
    return Standing(flag, _PLACES[flag, True, False], _FIRST, None, since_day, of_day, detail, None)


def _missed(row: Mapping[str, Any], since: Since) -> Iterator[Standing]:
    if row["missed_in_a_row"] >= MISSED_IN_A_ROW:
        yield _undated("missed_in_a_row", since.missed, since.missed, str(row["missed_in_a_row"]))


def _positive(since: Since) -> Iterator[Standing]:
    """What is prescribed is no use, and nobody needs to act on it."""
    if day := since.screened:
        yield _dated("positive_screen", day, day, day + POSITIVE_SCREEN_DAYS + 1)


def _no_contact(row: Mapping[str, Any]) -> Iterator[Standing]:
    """Nobody has seen the client since the last contact, or since the level began."""
    if row["level"] not in TWENTY_FOUR_HOUR_LEVELS and not row["on_leave"]:
        day = max(row["last_contact_day"] or 0, row["since_day"])
        yield _dated("no_contact", day + NO_CONTACT_DAYS, day)


def _assessment(row: Mapping[str, Any]) -> Iterator[Standing]:
    """A level opens only on an assessment of the last 30 days: one is due for who waits, or is about to step."""
    day, planned = row["last_assessment_day"], row["planned_end"]
    if day is None:
        return
    outdated = day + ASSESSMENT_DAYS + 1
    if row["state"] == "not_admitted":
        yield _dated("assessment_outdated", outdated, day)
    elif row["state"] == "in_treatment" and planned is not None:
        yield _dated("assessment_outdated", max(outdated, planned - STEP_AHEAD_DAYS), day)


def _review(row: Mapping[str, Any]) -> Iterator[Standing]:
    if row["review_due"] is not None:
        yield _dated("plan_review_due", row["review_due"], row["review_due"])


def _plan_end(row: Mapping[str, Any]) -> Iterator[Standing]:
    if row["planned_end"] is not None:
        yield _dated("plan_ended", row["planned_end"] + 1, row["planned_end"])


def _authorization(row: Mapping[str, Any], since: Since) -> Iterator[Standing]:
    until, left = row["authorized_to"], row["authorized_left"]
    if left is not None and left <= 0:
        yield _undated("authorization_ends", since.authorized, since.authorized, "no session")
    elif until is not None:
        yield _dated("authorization_ends", until - AUTHORIZATION_DAYS, until)


def _consent(row: Mapping[str, Any]) -> Iterator[Standing]:
    """Until its last day it can be renewed in time; from then on it stands last."""
    last = row["consent_expires"]
    if last is not None:
        yield _dated("consent_expiring", last - CONSENT_DAYS, last, last + 1)
        yield _dated("consent_expiring", last + 1, last)


def _overlap(row: Mapping[str, Any]) -> Iterator[Standing]:
    """One person is in one bed: an admission was entered twice, or an end is missing or late."""
    if row["overlap_day"] is not None:
        yield _undated("overlapping_stays", row["overlap_day"], row["overlap_day"])


def _follow_ups(row: Mapping[str, Any]) -> Iterator[Standing]:
    """The interviews that nobody settled, each until the next is due."""
    discharged = row["discharged_day"]
    if discharged is None:
        return
    settled = {int(part) for part in row["followed_up"].split(",") if part}
    for days, later in zip(MILESTONES, (*MILESTONES[1:], None), strict=True):
        if days not in settled:
            until = None if later is None else discharged + later
            yield _dated("follow_up_due", discharged + days, discharged + days, until, str(days))
