"""Levels of care, services and attendance, on paper."""

from __future__ import annotations

from collections.abc import Sequence

from api.documents.printout import Printing
from api.documents.words import days, hours, joined, level, on, table, words
from api.i18n.formats import number
from api.i18n.language import _, ngettext, translated
from domain.events import LeaveEnded, LeaveStarted, SoberLivingEntered, SoberLivingLeft
from infra.pdf.document import Block, Text
from projections.clinical_summary.course import Episode, Level, Services, services
from projections.clinical_summary.within import Within, always
from projections.timeline.summary import summary_of
from projections.timeline.words import title_of


def levels(printing: Printing, levels_shown: Sequence[Level]) -> list[Block]:
    """Levels with their dates, lengths and ends, then what was written of them."""
    head = (_("Level"), _("From"), _("To"), _("Length"), _("Program, site, clinician"), _("End"))
    rows = [_level(printing, level_shown) for level_shown in levels_shown]
    blocks = table(_("Levels of care"), head, rows, (2, 1.25, 1.25, 0.9, 2, 1.8))
    for level_shown in levels_shown:
        if level_shown.summary:
            heading = _("{level}, ended {day}:").format(
                level=level(level_shown.stay.level), day=on(level_shown.stay.end_day)
            )
            blocks.append(Text(level_shown.summary, heading))
        if level_shown.override:
            heading = _("{level}, started against a rule:").format(level=level(level_shown.stay.level))
            blocks.append(Text(level_shown.override, heading))
    return blocks


def episode_title(episode: Episode) -> str:
    """An episode in one line."""
    values = {"number": episode.number, "start": on(episode.start_day), "days": days(episode.days)}
    if episode.end_day is None:
        return _("Episode {number}: since {start}, {days}").format(**values)
    return _("Episode {number}: {start} – {end}, {days}").format(**values, end=on(episode.end_day))


def attended(printing: Printing, episode: Episode | None = None) -> list[Block]:
    """Sessions by kind."""
    services_given = services(printing.chart, episode)
    rows = [
        (
            words(service.kind),
            number(service.attended),
            hours(service.minutes),
            number(service.missed),
            number(service.excused),
        )
        for service in services_given
    ]
    head = (_("Session"), _("Attended"), _("Hours"), _("Missed"), _("of those excused"))
    blocks = table(_("Sessions"), head, rows, (3, 1, 1, 1, 1.3))
    return [*blocks, *_in_all(services_given)]


def away(printing: Printing, within: Within = always) -> list[Block]:
    """Leaves, and moves into and out of sober living; nothing where there was none."""
    chart = printing.chart
    stays_away = [
        entry for entry in chart.of(LeaveStarted, LeaveEnded, SoberLivingEntered, SoberLivingLeft) if within(entry)
    ]
    return [
        Text(joined(translated(title_of(entry.event)), translated(summary_of(entry.event))), f"{on(entry.day)}:")
        for entry in stays_away
    ]


def _level(printing: Printing, level_shown: Level) -> tuple[str, ...]:
    stay = level_shown.stay
    name = joined(level(stay.level), _("beside another") if stay.concurrent else None, words(stay.slot))
    ended = joined(
        words(stay.reason), _("next: {level}").format(level=level(stay.next_level)) if stay.next_level else None
    )
    until, length = on(stay.end_day) or _("open"), days(level_shown.days)
    return (name, on(stay.start_day), until, length, printing.place(stay), ended)


def _in_all(services_given: Sequence[Services]) -> list[Block]:
    count = sum(service.attended for service in services_given)
    offered = count + sum(service.missed for service in services_given)
    if not offered:
        return []
    text = ngettext(
        "{attended} of {offered} session offered was attended.",
        "{attended} of {offered} sessions offered were attended.",
        offered,
    )
    return [Text(text.format(attended=number(count), offered=number(offered)))]
