"""The page of the CTN-0094 clients: ``python -m tests.research.ctn0094_page`` writes docs/ctn0094.md.

The tables are read from the folder that ``CAREJOURNEY_SHARED`` names, made into charts by the importer, folded by the
read models into a store of their own, and asked for by the reports, as ``carejourney import ctn0094`` and
``carejourney report`` do. Only the log between the two is left out.
"""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from pydantic import SecretStr

from domain.entries import Entry, Meta, microseconds
from domain.events import CATALOGUE
from infra.importers.ctn0094 import Line, lines, read_tables
from infra.projector.folding import Folded
from infra.projector.writing import Writers
from infra.reports import ReportParams, Rows, run_report
from infra.services import Services, open_services
from infra.settings import Settings
from projections.abstinence.fold import MODEL as ABSTINENCE
from projections.abstinence.measures import BUILT_IN
from projections.abstinence.queries import all_measures, per_client
from projections.catalogue import READ_MODELS
from projections.chart import Chart
from projections.retention.queries import MILESTONES
from projections.statistics import kaplan_meier, log_rank
from projections.stays.fold import MODEL as STAYS
from tests import real_tables
from tests.conftest import ROOT
from tests.day import UTC_DAYS

PAGE = ROOT / "docs" / "ctn0094.md"
DAY_ZERO = date(2012, 1, 2)
NOW = datetime(2014, 1, 1, tzinfo=UTC)
LEVEL = {"level": "standard_outpatient"}
STUDIES = {
    "CTN-0027": ("Methadone", "Outpatient BUP"),
    "CTN-0030": ("Outpatient BUP + EMM", "Outpatient BUP + SMM"),
    "CTN-0051": ("Inpatient BUP", "Inpatient NR-NTX"),
}
WEEKS = (4, 8, 12, 16)
ARMS = tuple(arm for arms in STUDIES.values() for arm in arms)
# What weekly patterns and stays are folded from; the other entries of these charts change nothing in them.
NEEDED = {
    "LevelOfCareStarted",
    "LevelOfCareEnded",
    "MedicationStarted",
    "TreatmentPlanSet",
    "DrugScreenResulted",
    "ClientDied",
}
HEAD = """# The CTN-0094 clients

Made by `python -m tests.research.ctn0094_page` from the harmonised, de-identified records of three trials of treatment for
opioid use disorder, CTN-0027, CTN-0030 and CTN-0051 (R package public.ctn0094data 1.0.6, MIT licence; Balise, Odom, Calderon
and others 2023). `CAREJOURNEY_SHARED` names the folder that holds `data/ctn0094`. A test holds this page to what the product
gives. The same figures in a store of your own:

```
carejourney import ctn0094 shared/data/ctn0094
carejourney report abstinence --by program --where level=standard_outpatient
carejourney report abstinence --measure dropout_ctn0094 --per-client --format csv
carejourney report retention --by program --where level=standard_outpatient
carejourney report retention --by program --where level=standard_outpatient --show compare
```

Everybody who was randomised counts in the arm they were randomised to, whether they came or not. The arms of different
studies differ in more than the drug (who was let in, when the clock starts, how long treatment lasts): compare within a study.
"""
ABOUT_MEASURES = """## Every rule, by study and arm

Yes/no and week/event rules: how many have it, and the share. Counts, shares and weeks: median (quartiles). What each rule
says, and how it takes missing weeks, is in [measures.md](measures.md); `dropout_ctn0094` and `retention` are the two of
staying, and say it by weeks with a screen.
"""
ABOUT_DROPOUT = """## Staying in treatment, by Kaplan–Meier

The share who had not dropped out by the end of a week of treatment: the event is the first week of four in a row without a
screen (`dropout_ctn0094`), and who has none counts up to the last week in which such a run could begin. 95 % bands (Greenwood,
log-log); log-rank between the two arms of a study. A test holds each figure to lifelines and scipy.
"""
ABOUT_RETENTION = """## Stays that were ended

`report retention`: the share whose stay no visit has ended (left the study, jail) so many days after randomisation. Only
CTN-0030 wrote that down; in the other studies people stopped coming without a word, which the table above counts.
"""


def entries(chart: list[Line]) -> list[Entry]:
    """A chart's entries, of the types that are needed, as they would be recorded."""
    found: list[Entry] = []
    for place, line in enumerate((line for line in chart if line["type"] in NEEDED), start=1):
        at = microseconds(datetime.fromisoformat(line["occurred_at"]))
        meta: Meta = {"i": line["event_id"].replace("-", ""), "a": at, "r": at}
        found.append(Entry("", place, place, meta, CATALOGUE.parse(line["type"], line["data"]), UTC_DAYS))
    return found


@contextmanager
def clients() -> Generator[Services]:
    """The read models of all 3,560 people, to be asked for reports."""
    tables = read_tables(real_tables.needed())
    with tempfile.TemporaryDirectory() as folder:
        url = SecretStr(f"sqlite:///{Path(folder) / 'ctn0094'}.db")
        services = open_services(Settings(database_url=url, master_key=SecretStr("ab" * 32)), lambda: NOW)
        with services.reads.writing() as connection:
            generations = services.reads.generations(connection)
            writers = Writers(connection, generations)
            for chart in lines(tables, DAY_ZERO):
                own = entries(chart)
                folded = Chart(chart[0]["client"], len(own), own)
                rows = {model.name: model.fold(folded) if model in (STAYS, ABSTINENCE) else {} for model in READ_MODELS}
                one = Folded(chart[0]["client"], len(own), len(own), rows, {})
                writers.write([one], [{} for _ in generations])
            writers.finish()
        yield services
        services.close()


def page(services: Services) -> str:
    """The page as Markdown."""
    tables = ((ABOUT_MEASURES, _measures), (ABOUT_DROPOUT, _dropout), (ABOUT_RETENTION, _retention))
    return "\n".join([HEAD, *(line for about, table in tables for line in (about, *table(services), ""))])


def _measures(services: Services) -> Iterator[str]:
    by_arm = run_report("abstinence", services, ReportParams(by=("program",), where=LEVEL))
    everybody = run_report("abstinence", services, ReportParams(by=("all",), where=LEVEL))
    yield f"| rule | {' | '.join(f'{s}: {arm}' for s, arms in STUDIES.items() for arm in arms)} | all |"
    yield "|---" * (len(ARMS) + 2) + "|"
    first = BUILT_IN[0].id
    yield f"| people | {' | '.join(str(row['stays']) for row in _cells(by_arm, everybody, 'measure', first))} |"
    for measure in BUILT_IN:
        cells = [_result(measure.result, row) for row in _cells(by_arm, everybody, "measure", measure.id)]
        yield f"| `{measure.id}` | {' | '.join(cells)} |"


def _cells(by_arm: Rows, everybody: Rows, name: str, value: str) -> list[dict[str, Any]]:
    own = {row["program"]: row for row in by_arm if row[name] == value}
    return [*(own[arm] for arm in ARMS), next(row for row in everybody if row[name] == value)]


def _result(kind: str, row: dict[str, Any]) -> str:
    if kind in {"yes_no", "week_event"}:
        return f"{row['numerator']} ({row['share']:.1%})"
    digits = ".2f" if kind == "share" else "g"
    return f"{row['median']:{digits}} ({row['q1']:{digits}}–{row['q3']:{digits}})"


def dropout(services: Services) -> dict[str, Counter[tuple[int, int]]]:
    """How many dropped out (1) or were followed so far (0), by week and arm."""
    params = ReportParams(measure="dropout_ctn0094", per_client=True, where=LEVEL)
    found: dict[str, Counter[tuple[int, int]]] = {arm: Counter() for arm in ARMS}
    with services.reads.reading() as connection:
        rows = per_client(connection, params.filters(()), all_measures(None), params.measure)
    for row in rows:
        found[row["program"]][row["value"], row["event"]] += 1
    return found


def _dropout(services: Services) -> Iterator[str]:
    weeks = dropout(services)
    yield _head("dropped out", [f"week {week}" for week in WEEKS])
    for study, arm in _arms():
        curve = kaplan_meier(weeks[arm])
        points = [_share(*(getattr(curve.at(week), name) for name in ("survival", "low", "high"))) for week in WEEKS]
        one, other = STUDIES[study]
        test = log_rank(weeks[one], weeks[other]) if arm == one else None
        said = _test(test.statistic, test.p_value) if test else ""
        yield f"| {study} | {arm} | {curve.total} | {curve.ended} | {' | '.join(points)} | {said} |"


def _retention(services: Services) -> Iterator[str]:
    found = run_report("retention", services, ReportParams(by=("program",), where=LEVEL))
    rows = {row["program"]: row for row in found}
    params = ReportParams(by=("program",), where=LEVEL, show="compare")
    tests = {(row["first"], row["second"]): row for row in run_report("retention", services, params)}
    yield _head("ended", [f"{day} days" for day in MILESTONES])
    for study, arm in _arms():
        row, test = rows[arm], tests[STUDIES[study]]
        points = [_share(*(row[f"retained_{day}{end}"] for end in ("", "_low", "_high"))) for day in MILESTONES]
        said = _test(test["statistic"], test["p_value"]) if arm == STUDIES[study][0] else ""
        yield f"| {study} | {arm} | {row['stays']} | {row['ended']} | {' | '.join(points)} | {said} |"


def _arms() -> Iterator[tuple[str, str]]:
    yield from ((study, arm) for study, arms in STUDIES.items() for arm in arms)


def _head(event: str, points: list[str]) -> str:
    columns = ("study", "arm", "people", event, *points, "log-rank within the study")
    return f"| {' | '.join(columns)} |\n{'|---' * len(columns)}|"


def _share(share: float, low: float, high: float) -> str:
    return f"{share:.1%} ({low:.1%}–{high:.1%})"


def _test(statistic: float | None, p_value: float | None) -> str:
    if statistic is None or p_value is None:
        return ""
    p = "< 0.001" if p_value < 0.001 else f"= {p_value:.3f}"
    return f"χ² = {statistic:.2f}, p {p}"


def main() -> None:
    """Write the page."""
    if real_tables.given() is None:
        raise SystemExit(real_tables.LEFT_OUT)
    with clients() as services:
        PAGE.write_text(page(services), encoding="utf-8")


if __name__ == "__main__":
    main()
