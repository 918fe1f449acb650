"""The page of the CTN-0094 clients: ``python -m tests.research.ctn0094_page`` writes docs/ctn0094.md, and one_in_four.txt.

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
from infra.bootstrap import Services, open_services
from infra.interop.importers.ctn0094 import Line, lines, read_tables
from infra.readmodels.fold import Folded
from infra.readmodels.writer import Writers
from infra.reporting.reports import ReportParams, Rows, run_report
from infra.settings import Settings
from projections.abstinence.fold import MODEL as ABSTINENCE
from projections.abstinence.measures import BUILT_IN
from projections.abstinence.queries import all_measures, per_client
from projections.catalogue import READ_MODELS
from projections.chart import Chart
from projections.retention.queries import MILESTONES
from projections.statistics import kaplan_meier, log_rank
from projections.stays.fold import MODEL as STAYS
from projections.time_to_event.definition import Endpoint
from projections.time_to_event.fold import MODEL as TIME_TO_EVENT
from tests import real_tables
from tests.conftest import ROOT
from tests.day import UTC_DAYS
from tests.depth import cases

# The page is of everybody; by day a test makes it of one person in four, and holds it to a file of its own.
ONE_IN = cases(4, 1)
PAGES = {1: ROOT / "docs" / "ctn0094.md", 4: Path(__file__).parent / "one_in_four.txt"}
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
FOLDED = (STAYS, ABSTINENCE, TIME_TO_EVENT)
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
carejourney report time-to-event --from randomization --to positive_screen --by program
carejourney report time-to-event --from randomization --to last_dose --by program --days 154
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
CTN-0030 wrote that down; in the other studies people stopped coming without a word, which the table above counts: their
stays never ended on the record, so they have no curve here.
"""
ABOUT_TIMES = """## How long until

`report time-to-event --from randomization`: the first dose of the arm's drug, and the first screen positive for a substance
that is not prescribed. Who has no such screen counts up to the last contact. A test holds each curve to lifelines on the
tables as they are.
"""
ABOUT_LAST_DOSE = """## The last dose

`report time-to-event --from randomization --to last_dose`: the last dose on record, once more than a week has passed without
another. Who never had a dose is followed for no day: nothing says when they stopped. Day 154 ends the 22nd of 24 weeks.
"""


def entries(chart: list[Line]) -> list[Entry]:
    """A chart's entries, as they would be recorded."""
    found: list[Entry] = []
    for place, line in enumerate(chart, start=1):
        at = microseconds(datetime.fromisoformat(line["occurred_at"]))
        meta: Meta = {"i": line["event_id"].replace("-", ""), "a": at, "r": at}
        found.append(Entry("", place, place, meta, CATALOGUE.parse(line["type"], line["data"]), UTC_DAYS))
    return found


@contextmanager
def clients(one_in: int = 1) -> Generator[Services]:
    """The read models of the 3,560 people, or of one in so many, to be asked for reports."""
    with tempfile.TemporaryDirectory() as folder:
        whole = real_tables.needed()
        tables = read_tables(whole if one_in == 1 else real_tables.some_of(whole, Path(folder) / "tables", one_in))
        url = SecretStr(f"sqlite:///{Path(folder) / 'ctn0094'}.db")
        services = open_services(Settings(database_url=url, master_key=SecretStr("ab" * 32)), lambda: NOW)
        with services.reads.writing() as connection:
            generations = services.reads.generations(connection)
            writers = Writers(connection, generations)
            for chart in lines(tables, DAY_ZERO):
                own = entries(chart)
                folded = Chart(chart[0]["client"], len(own), own)
                rows = {model.name: model.fold(folded) if model in FOLDED else {} for model in READ_MODELS}
                one = Folded(chart[0]["client"], len(own), len(own), rows)
                writers.write([one], [{} for _ in generations])
            writers.finish()
        yield services
        services.close()


def page(services: Services) -> str:
    """The page as Markdown."""
    tables = (
        (ABOUT_MEASURES, _measures),
        (ABOUT_DROPOUT, _dropout),
        (ABOUT_RETENTION, _retention),
        (ABOUT_TIMES, _times),
        (ABOUT_LAST_DOSE, _last_dose),
    )
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
    if row["median"] is None:
        return "–"
    digits = ".2f" if kind == "share" else "g"
    return f"{row['median']:{digits}} ({row['q1']:{digits}}–{row['q3']:{digits}})"


def dropout(services: Services) -> dict[str, Counter[tuple[int, int]]]:
    """How many dropped out (1) or were followed so far (0), by week and arm."""
    params = ReportParams(measure="dropout_ctn0094", per_client=True, where=LEVEL)
    found: dict[str, Counter[tuple[int, int]]] = {arm: Counter() for arm in ARMS}
    with services.reads.reading() as connection:
        rows: Rows = per_client(connection, params.filters(()), all_measures(None), params.measure)
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
        if not row["ended"]:
            continue
        points = [_share(*(row[f"retained_{day}{end}"] for end in ("", "_low", "_high"))) for day in MILESTONES]
        said = _test(test["statistic"], test["p_value"]) if arm == STUDIES[study][0] else ""
        yield f"| {study} | {arm} | {row['stays']} | {row['ended']} | {' | '.join(points)} | {said} |"


def times(services: Services, event: str, days: tuple[int, ...] = ()) -> dict[str, dict[str, Any]]:
    """By arm, how long after randomisation an event came."""
    params = ReportParams(by=("program",), endpoint=Endpoint("randomization", event), days=days)
    return {row["program"]: row for row in run_report("time-to-event", services, params)}


def _times(services: Services) -> Iterator[str]:
    columns = ("study", "arm", "people", "ever dosed", "first dose: median day (quartiles)")
    screens = ("positive screen", "median day (quartiles)", "none by day 30", "none by day 90")
    yield f"| {' | '.join((*columns, *screens))} |\n{'|---' * (len(columns) + len(screens))}|"
    doses, found = times(services, "medication_given"), times(services, "positive_screen")
    for study, arm in _arms():
        dose, row = doses[arm], found[arm]
        shares = [_share(*(row[f"share_{day}{end}"] for end in ("", "_low", "_high"))) for day in (30, 90)]
        cells = (_dosed(dose), _days(dose), str(row["events"]), _days(row), *shares)
        yield f"| {study} | {arm} | {row['clients']} | {' | '.join(cells)} |"


def _dosed(row: dict[str, Any]) -> str:
    return f"{row['events']} ({row['events'] / row['clients']:.1%})"


def _days(row: dict[str, Any]) -> str:
    median, q1, q3 = ("–" if row[name] is None else row[name] for name in ("median_days", "q1_days", "q3_days"))
    return f"{median} ({q1}–{q3})"


def _last_dose(services: Services) -> Iterator[str]:
    yield "| study | arm | people | with a dose | days from randomisation: median (quartiles) | day 154 or later |"
    yield "|---|---|---|---|---|---|"
    rows = times(services, "last_dose", (154,))
    for study, arm in _arms():
        row = rows[arm]
        late = f"{row['at_risk_154']} of {row['clients']}"
        yield f"| {study} | {arm} | {row['clients']} | {row['events']} | {_days(row)} | {late} |"


def _arms() -> Iterator[tuple[str, str]]:
    yield from ((study, arm) for study, arms in STUDIES.items() for arm in arms)


def _head(event: str, points: list[str]) -> str:
    columns = ("study", "arm", "people", event, *points, "log-rank within the study")
    return f"| {' | '.join(columns)} |\n{'|---' * len(columns)}|"


def _share(share: float | None, low: float | None, high: float | None) -> str:
    if share is None or low is None or high is None:
        return "–"
    return f"{share:.1%} ({low:.1%}–{high:.1%})"


def _test(statistic: float | None, p_value: float | None) -> str:
    if statistic is None or p_value is None:
        return ""
    p = "< 0.001" if p_value < 0.001 else f"= {p_value:.3f}"
    return f"χ² = {statistic:.2f}, p {p}"


def main() -> None:
    """Write the page, and that of one person in four."""
    if real_tables.given() is None:
        raise SystemExit(real_tables.LEFT_OUT)
    for one_in, file in PAGES.items():
        with clients(one_in) as services:
            file.write_text(page(services), encoding="utf-8")


if __name__ == "__main__":
    main()
