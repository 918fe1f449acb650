"""Assessments and diagnoses, on paper."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from api.web.formats import day
from api.web.language import N_, _
from api.web.printing.printing import Printing
from api.web.printing.wording import level, nothing, on, table, words, yes
from api.web.writing.fields import DIMENSIONS
from domain.entries import Entry
from domain.events import AssessmentCompleted
from infra.printing.document import Block, Section, Text
from projections.handover.clinical import diagnoses
from projections.handover.within import Within, always

# The 4th edition's names (ASAM Criteria, 2023): its sixth dimension has no rating.
FOURTH = (
    N_("Intoxication, withdrawal, addiction medications"),
    N_("Biomedical conditions"),
    N_("Psychiatric and cognitive conditions"),
    N_("Substance-use-related risks"),
    N_("Recovery environment"),
    N_("Person-centred considerations"),
)
Assessed = tuple[Entry, AssessmentCompleted]


def assessed(title: str, found: Assessed | None, later: Assessed | None = None) -> Section:
    """An assessment by its six dimensions; with a ``later`` one, both side by side."""
    if found is None:
        return Section(title, [nothing()])
    both = [found] if later is None or later[0].event_id == found[0].event_id else [found, later]
    rated = [one for one in both if not one[1].unrated]
    blocks: list[Block] = []
    if rated:
        blocks += _found(rated)
    for entry, event in both:
        if event.unrated:
            blocks.append(Text(_("An assessment took place; what it found is not recorded."), f"{on_day(entry)}:"))
    return Section(title, blocks)


def diagnosed(printing: Printing, within: Within = always) -> Section:
    """Diagnoses by code."""
    rows = [
        (event.icd10, words(event.category), event.substance or "", words(event.severity), on(entry.day))
        for entry, event in diagnoses(printing.chart, within)
    ]
    head = (_("ICD-10-CM"), _("Category"), _("Substance"), _("Severity"), _("Recorded"))
    return Section(_("Diagnoses"), table(_("Diagnoses"), head, rows, (1, 1.4, 1.4, 1, 1)))


def on_day(entry: Entry) -> str:
    """The day of an entry."""
    return day(date.fromordinal(entry.day))


def _found(rated: list[Assessed]) -> list[Block]:
    """Ratings and findings, one column an assessment."""
    names = FOURTH if all(event.edition == 4 for _entry, event in rated) else DIMENSIONS
    ratings = [
        (f"{place}. {_(name)}", *(_rating(event, place - 1) for _entry, event in rated))
        for place, name in enumerate(names, start=1)
    ]
    findings = [(_(name), *(found(event) for _entry, event in rated)) for name, found in _FINDINGS]
    head = (_("Risk from 0 (none) to 4 (very severe)"), *(on_day(entry) for entry, _event in rated))
    return table(_("Assessment by ASAM dimension"), head, [*ratings, *findings], (3, *([2] * len(rated))))


def _rating(event: AssessmentCompleted, place: int) -> str:
    rating = event.asam[place]
    return _("not rated") if rating is None else str(rating)


_FINDINGS: tuple[tuple[str, Callable[[AssessmentCompleted], str]], ...] = (
    (N_("Recommended level"), lambda event: level(event.recommended_level)),
    (N_("Needs 24-hour supervision"), lambda event: yes(event.needs_24h_supervision)),
    (N_("Mental-health severity"), lambda event: words(event.mental_health_severity)),
    (N_("Home"), lambda event: words(event.home)),
    (N_("Substance-free home"), lambda event: yes(event.substance_free_home)),
    (N_("Motivated"), lambda event: yes(event.motivated)),
    (N_("ASAM edition"), lambda event: str(event.edition)),
    (N_("Assessor"), lambda event: event.assessor),
)
