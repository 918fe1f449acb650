"""Assessments and diagnoses, on paper."""

from __future__ import annotations

from collections.abc import Callable

from api.documents.printout import Printing
from api.documents.words import level, nothing, on, table, words, yes
from api.i18n.asam import RISKS, dimensions_of
from api.i18n.language import N_, _
from domain.entries import Entry
from domain.events import AssessmentCompleted
from infra.pdf.document import Block, Section, Text
from projections.clinical_summary.clinical import diagnoses
from projections.clinical_summary.within import Within, always

Assessed = tuple[Entry, AssessmentCompleted]


def assessed(printing: Printing, title: str, assessment: Assessed | None, later: Assessed | None = None) -> Section:
    """An assessment by its six dimensions; with a ``later`` one, both side by side."""
    if assessment is None:
        return Section(title, [nothing()])
    both = [assessment] if later is None or later[0].event_id == assessment[0].event_id else [assessment, later]
    rated = [each for each in both if not each[1].unrated]
    blocks: list[Block] = []
    editions = {event.edition for _entry, event in rated}
    for group in [rated] if len(editions) == 1 else [[each] for each in rated]:  # a number is another dimension in each
        blocks += _found(printing, group)
    for entry, event in both:
        if event.unrated:
            blocks.append(Text(_("An assessment took place; what it found is not recorded."), f"{on(entry.day)}:"))
    return Section(title, blocks)


def diagnosed(printing: Printing, within: Within = always) -> Section:
    """Diagnoses by code."""
    rows = [
        (event.icd10, words(event.category), event.substance or "", words(event.severity), on(entry.day))
        for entry, event in diagnoses(printing.chart, within)
    ]
    head = (_("ICD-10-CM"), _("Category"), _("Substance"), _("Severity"), _("Recorded"))
    return Section(_("Diagnoses"), table(_("Diagnoses"), head, rows, (1, 1.4, 1.4, 1, 1)))


def _found(printing: Printing, rated: list[Assessed]) -> list[Block]:
    """Ratings and findings, one column an assessment."""
    names = dimensions_of(rated[0][1].edition)
    ratings = [
        (f"{place}. {_(name)}", *(_rating(event, place - 1) for _entry, event in rated))
        for place, name in enumerate(names, start=1)
    ]
    findings = [(_(name), *(value_of(event) for _entry, event in rated)) for name, value_of in _FINDINGS]
    assessors = (_("Assessor"), *(printing.called("assessor", event.assessor) for _entry, event in rated))
    head = (_("Risk, 0 to 4"), *(on(entry.day) for entry, _event in rated))
    return table(_("Assessment by ASAM dimension"), head, [*ratings, *findings, assessors], (3, *([2] * len(rated))))


def _rating(event: AssessmentCompleted, place: int) -> str:
    rating = event.asam[place]
    return _("not rated") if rating is None else f"{rating} {_(RISKS[rating])}"


_FINDINGS: tuple[tuple[str, Callable[[AssessmentCompleted], str]], ...] = (
    (N_("Recommended level"), lambda event: level(event.recommended_level)),
    (N_("Needs 24-hour supervision"), lambda event: yes(event.needs_24h_supervision)),
    (N_("Mental-health severity"), lambda event: words(event.mental_health_severity)),
    (N_("Home"), lambda event: words(event.home)),
    (N_("Substance-free home"), lambda event: yes(event.substance_free_home)),
    (N_("Motivated"), lambda event: yes(event.motivated)),
    (N_("ASAM edition"), lambda event: str(event.edition)),
)
