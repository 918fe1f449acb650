"""The summary of a client's record: what the next person who cares for them must know."""

from __future__ import annotations

from collections.abc import Sequence

from api.documents.assessments import assessed, diagnosed
from api.documents.clinical import happened, medication, scored, screened, used
from api.documents.course import attended, away, episode_title, levels
from api.documents.frame import framed
from api.documents.person import person
from api.documents.plans import alumni, due, planned, prevention, referred
from api.documents.printout import Printing
from api.documents.status import attention, consents, standing, status_of
from api.documents.words import nothing
from api.i18n.language import _
from infra.pdf.document import Block, Document, Section, Text
from projections.clinical.course import main_stay
from projections.clinical_summary.course import Episode, assessment, episodes, without_episode


def summary(printing: Printing) -> Document:
    """The summary of a chart."""
    chart = printing.chart
    episodes_of_chart = episodes(chart, printing.today)
    status = status_of(printing)
    sections = [
        person(printing),
        standing(printing, status),
        *attention(printing, status),
        _journey(printing, episodes_of_chart),
        diagnosed(printing),
        assessed(printing, _("Latest assessment"), assessment(chart)),
        *medication(printing),
        planned(printing, _("Plan and goals"), main_stay(chart.journey)),
        prevention(printing),
        Section(_("Drug screens"), screened(printing)),
        Section(_("Scores"), scored(printing)),
        Section(_("Known use"), used(printing)),
        Section(_("Attendance"), attended(printing)),
        Section(_("Incidents"), happened(printing)),
        Section(
            _("Follow-ups"), [*due(printing, episodes_of_chart[-1] if episodes_of_chart else None), *alumni(printing)]
        ),
        Section(_("Community referrals"), referred(printing)),
        *consents(printing),
    ]
    return framed(printing, _("Summary of care"), sections)


def _journey(printing: Printing, episodes_of_chart: Sequence[Episode]) -> Section:
    """Each episode with its levels, then times away."""
    blocks: list[Block] = []
    for episode in episodes_of_chart:
        blocks += [Text("", episode_title(episode)), *levels(printing, episode.levels)]
    alone = without_episode(printing.chart, printing.today)
    if alone:
        blocks += [Text("", _("Aftercare without treatment here before it")), *levels(printing, alone)]
    leaves = away(printing)
    if leaves:
        blocks += [Text("", _("Leaves and sober living")), *leaves]
    return Section(_("The journey so far"), blocks or [nothing()])
