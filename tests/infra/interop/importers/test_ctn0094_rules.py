"""What each row of the CTN-0094 tables becomes, on tables of a few rows."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings, strategies as st

from infra.interop.importers.ctn0094 import Account, AccountError, Line, Tables, lines, read_tables
from infra.interop.importers.ctn0094.csv_tables import Table
from infra.interop.importers.ctn0094.tables import (
    ARMS,
    VISIT_FLAGS,
    Amount,
    Arm,
    Details,
    DetoxDay,
    Member,
    OnDay,
    Reference,
    Site,
    SubstanceDay,
    Visit,
)

Folder = Callable[..., Path]
DAY_ZERO = date(2012, 1, 2)
ANN = {"everybody": "1,27", "site_masked": "1,24"}


def visit(label: str, what: str, when: object, *flags: str, who: int = 1) -> str:
    """A row of the visit table."""
    return ",".join([str(who), label, what, *("1" if flag in flags else "" for flag in VISIT_FLAGS), str(when)])


def made(directory: Path, *, account: Account | None = None) -> list[tuple[str, str, dict[str, object]]]:
    """(type, day and hour, data) of all lines but the stay's start and its medication."""
    found = [line for chart in lines(read_tables(directory), DAY_ZERO, account) for line in chart]
    shown = [line for line in found if line["type"] not in ("MedicationStarted", "ClientDetailsUpdated")]
    return [(line["type"], line["occurred_at"][:13], line["data"]) for line in shown]


def of_type(directory: Path, kind: str) -> list[tuple[str, dict[str, object]]]:
    return [(at[:10], data) for found, at, data in made(directory) if found == kind]


def remarks(account: Account) -> list[tuple[str, int, str]]:
    return [(one.table, one.row_number, one.reason) for one in account.remarks]


def leftovers(account: Account) -> list[tuple[str, int, str]]:
    return [(one.table, one.row_number, one.reason) for one in account.leftovers]


def test_envelope_and_details(folder: Folder) -> None:
    directory = folder(**ANN, demographics="1,43,No,White,Student,Yes,,,No")
    (chart,) = lines(read_tables(directory), DAY_ZERO)
    line = chart[0]
    assert (line["client"], line["site"], line["source"]) == ("ctn0094-1", "24", "public.ctn0094data")
    assert line["occurred_at"] == "2012-01-02T06:00:00+00:00"
    assert line["data"] == {
        "age": 43,
        "sex": "female",
        "race": "White",
        "hispanic": False,
        "employment": "Student",
        "living_stable": True,
    }


@pytest.mark.parametrize(
    ("project", "arm", "drug", "drug_class", "planned_end"),
    [
        (27, "Methadone", "methadone", "agonist", "2012-06-18"),
        (27, "Outpatient BUP", "buprenorphine", "partial_agonist", "2012-06-18"),
        (51, "Inpatient NR-NTX", "naltrexone", "antagonist", "2012-06-18"),
        (30, "Outpatient BUP + EMM", "buprenorphine", "partial_agonist", "2012-04-13"),
    ],
)
def test_randomisation_starts_a_stay_and_the_arms_drug(
    folder: Folder, project: int, arm: str, drug: str, drug_class: str, planned_end: str
) -> None:
    directory = folder(everybody=f"1,{project}")
    (directory / "randomization.csv").write_text(f"who,treatment,which,when\n1,{arm},1,4\n")
    (chart,) = lines(read_tables(directory), DAY_ZERO)
    assert [(line["type"], line["occurred_at"][:10], line["data"]) for line in chart] == [
        (
            "LevelOfCareStarted",
            "2012-01-06",
            {"level": "standard_outpatient", "program": arm, "planned_end_on": planned_end, "randomized": True},
        ),
        ("MedicationStarted", "2012-01-06", {"drug": drug, "class": drug_class}),
    ]


def test_a_second_randomisation_plans_24_more_weeks_in_project_30_and_is_left_over_elsewhere(
    folder: Folder,
) -> None:
    directory = folder(everybody="1,27 2,30", randomization="1,Methadone,1,4 1,Methadone,2,4")
    with (directory / "randomization.csv").open("a") as file:
        file.write("2,Outpatient BUP + SMM,1,5\n2,Outpatient BUP + EMM,2,90\n")
    account = Account()
    plans = [line for line in made(directory, account=account) if line[0] == "TreatmentPlanSet"]
    assert plans == [("TreatmentPlanSet", "2012-04-01T10", {"planned_end_on": "2012-09-16"})]
    assert leftovers(account) == [("randomization", 2, "second randomisation of project 27: it has one phase")]


def test_a_visit_counts_as_a_screen_given_and_a_find_without_visit_as_unscheduled(folder: Folder) -> None:
    rows = [visit("WK1", "visit", 7), visit("WK2", "final", 14), visit("P1Unsc", "", 16)]
    directory = folder(**ANN, uds="1,Opioid,14 1,Cocaine,14 1,Opioid,16")
    _append(directory, "visit", rows)
    assert of_type(directory, "DrugScreenResulted") == [
        ("2012-01-09", {"specimen": "urine", "positive": []}),
        ("2012-01-16", {"specimen": "urine", "positive": ["Cocaine", "Opioid"]}),
        ("2012-01-18", {"specimen": "urine", "positive": ["Opioid"], "unscheduled": True}),
    ]
    assert [at for at, _ in of_type(directory, "SessionAttended")] == ["2012-01-09", "2012-01-16"]


def test_a_screens_temperature_is_right_only_if_it_never_was_wrong(folder: Folder) -> None:
    found = " ".join(f"1,Opioid,{day}" for day in (1, 2, 3, 4))
    directory = folder(**ANN, uds=found, uds_temp="1,1,1 1,0,2 1,99,3 1,0,4 1,1,4 1,1,5 1,1,")
    account = Account()
    screens = [data.get("temperature_ok") for kind, _, data in made(directory, account=account) if "Screen" in kind]
    assert screens == [True, False, None, False]
    assert leftovers(account) == [
        ("uds_temp", 6, "temperature of a day without a screen"),
        ("uds_temp", 7, "no day"),
    ]


def test_the_first_day_that_says_left_or_jail_ends_the_stay_and_a_later_visit_reopens_nothing(
    folder: Folder,
) -> None:
    rows = [
        visit("WK3", "visit", 21),
        visit("WK2", "visit", 14, "is_left_study"),
        visit("WK1", "no visit", "", "is_in_jail"),
        visit("WK4", "MISSING", 28, "is_in_jail"),
    ]
    directory = folder(**ANN, randomization="1,Methadone,1,4")
    _append(directory, "visit", rows)
    account = Account()
    shown = made(directory, account=account)
    assert [(kind, at, data.get("reason")) for kind, at, data in shown if kind.startswith("Level")] == [
        ("LevelOfCareStarted", "2012-01-06T10", None),
        ("LevelOfCareEnded", "2012-01-16T22", "left_against_advice"),
    ]
    assert remarks(account) == [("visit", 1, "after the stay ended"), ("visit", 4, "after the stay ended")]
    assert leftovers(account) == [("visit", 3, "no day")]
    assert ("SessionMissed", "2012-01-30T11", {"kind": "medication_management", "cause": "jail"}) in shown


def test_jail_and_left_on_one_day_is_jail(folder: Folder) -> None:
    directory = folder(**ANN, randomization="1,Methadone,1,4")
    _append(directory, "visit", [visit("WK2", "visit", 14, "is_left_study", "is_in_jail")])
    assert of_type(directory, "LevelOfCareEnded") == [
        ("2012-01-16", {"level": "standard_outpatient", "reason": "incarcerated"})
    ]


def test_death_is_recorded_and_what_comes_after_it_is_remarked(folder: Folder) -> None:
    directory = folder(**ANN, randomization="1,Methadone,1,4")
    _append(directory, "visit", [visit("WK1", "no visit", 9, "is_dead"), visit("WK2", "no visit", 16)])
    account = Account()
    assert [line[:2] for line in made(directory, account=account) if line[0] == "ClientDied"] == [
        ("ClientDied", "2012-01-11T23")
    ]
    assert remarks(account) == [("visit", 2, "after the client's death")]


def test_detox_is_a_completed_stay_and_half_of_one_is_reported(folder: Folder) -> None:
    people = "1,51 2,51 3,51"
    rows = "1,discharge,5 1,admission,-2 2,admission,1 2,discharge, 3,admission, 3,discharge,4"
    account = Account()
    shown = made(folder(everybody=people, detox=rows), account=account)
    assert shown == [
        ("LevelOfCareStarted", "2011-12-31T07", {"level": "medical_detox"}),
        ("LevelOfCareEnded", "2012-01-07T08", {"level": "medical_detox", "reason": "completed"}),
        ("LevelOfCareStarted", "2012-01-03T07", {"level": "medical_detox"}),
    ]
    assert remarks(account) == [("detox", 3, "admission without a discharge: the stay stays open")]
    assert leftovers(account) == [
        ("detox", 4, "no day"),
        ("detox", 5, "no day"),
        ("detox", 6, "discharge without an admission"),
    ]


@pytest.mark.parametrize(("day", "concurrent"), [(-3, None), (-2, True), (4, True), (5, None)])
def test_a_stay_started_during_detox_is_concurrent(folder: Folder, day: int, concurrent: bool | None) -> None:
    directory = folder(everybody="1,51", detox="1,admission,-2 1,discharge,5", randomization=f"1,Methadone,1,{day}")
    (started,) = [data for _, data in of_type(directory, "LevelOfCareStarted") if "program" in data]
    assert started.get("concurrent") == concurrent


def test_doses_reports_and_scores(folder: Folder) -> None:
    directory = folder(
        everybody="1,51 2,27",
        treatment="1,1,6 2,60,7",
        tlfb="1,Heroin,-3",
        withdrawal="1,3,8 2,1,8 2,,9 2,2,",
    )
    arms = "1,Inpatient NR-NTX,1,4\n2,Methadone,1,4\n"
    (directory / "randomization.csv").write_text("who,treatment,which,when\n" + arms)
    assert of_type(directory, "MedicationGiven") == [
        ("2012-01-08", {"drug": "naltrexone", "route": "injection"}),
        ("2012-01-09", {"drug": "methadone", "dose_mg": 60}),
    ]
    assert of_type(directory, "UseReported") == [("2011-12-30", {"substance": "Heroin", "on": "2011-12-30"})]
    assert of_type(directory, "InstrumentScored") == [
        ("2012-01-10", {"instrument": "sows", "score": 3}),
        ("2012-01-10", {"instrument": "cows", "score": 1}),
    ]


def test_a_screening_says_only_that_it_took_place(folder: Folder) -> None:
    directory = folder(**ANN, screening_date="1,2,0")
    ((at, data),) = of_type(directory, "AssessmentCompleted")
    assert (at, data["unrated"]) == ("2012-01-04", True)


def test_rows_of_strangers_and_second_rows_of_a_person_are_left_over(folder: Folder) -> None:
    directory = folder(everybody="1,27 1,30", site_masked="1,24 1,25", tlfb="7,Heroin,1", first_survey="1,0")
    account = Account()
    assert made(directory, account=account) == []
    assert leftovers(account) == [
        ("site_masked", 2, "a second row of the person"),
        ("everybody", 2, "a second row of the person"),
        ("first_survey", 1, "reference table"),
        ("tlfb", 1, "the person is not in everybody"),
    ]


def test_an_account_that_is_asked_too_early_says_so(folder: Folder) -> None:
    account = Account()
    account.open(read_tables(folder(**ANN)))
    with pytest.raises(AccountError, match="everybody: 1 rows in, but 0 used and 0 left over"):
        account.report()


def _append(directory: Path, table: str, rows: list[str]) -> None:
    with (directory / f"{table}.csv").open("a") as file:
        file.write("\n".join(rows) + "\n")


days = st.none() | st.integers(-3, 12)
people = st.integers(1, 3)
amounts = st.builds(Amount, st.just(0), st.none() | st.sampled_from([0, 1, 99]), days)
found = st.builds(SubstanceDay, st.just(0), st.sampled_from(["Opioid", "Thc", ""]), days)
on_days = st.builds(OnDay, st.just(0), days)
outcomes = st.sampled_from(["visit", "final", "MISSING", "no visit", ""])
flags = st.frozensets(st.sampled_from(VISIT_FLAGS), max_size=2)
ROWS = {
    "everybody": st.builds(Member, st.just(0), st.sampled_from(["27", "30", "51"])),
    "site_masked": st.builds(Site, st.just(0), st.just("9")),
    "demographics": st.builds(
        Details, st.just(0), st.none() | st.just(40), *[st.just("")] * 6, st.sampled_from(["", "No"])
    ),
    "screening_date": on_days,
    "randomization": st.builds(Arm, st.just(0), st.sampled_from(ARMS), st.sampled_from("12"), days),
    "detox": st.builds(DetoxDay, st.just(0), st.sampled_from(["admission", "discharge"]), days),
    "visit": st.builds(Visit, st.just(0), st.just("WK1"), outcomes, flags, days),
    "uds": found,
    "uds_temp": amounts,
    "treatment": amounts,
    "tlfb": found,
    "withdrawal": amounts,
    "first_survey": on_days,
    "meta_study_length": st.builds(Reference, st.just(0)),
    "meta_substance_groups_uds": st.builds(Reference, st.just(0)),
}


@st.composite
def any_tables(draw: st.DrawFn) -> Tables:
    """Tables with any rows of three people in any order, repeated rows and missing days among them."""
    tables: dict[str, Table[object]] = {}
    for name, row in ROWS.items():
        table = Table[object](name)
        for who, cells in draw(st.lists(st.tuples(people, row), max_size=6)):
            table.count += 1
            table.by_who.setdefault(who, []).append(cells._replace(row=table.count))
        tables[name] = table
    return Tables(**tables)  # type: ignore[arg-type]


@settings(deadline=None)
@given(any_tables())
def test_whatever_the_rows_the_account_balances_and_the_lines_are_the_same_again(tables: Tables) -> None:
    account = Account()
    charts = list(lines(tables, DAY_ZERO, account))
    made_lines: list[Line] = [line for chart in charts for line in chart]
    assert sum(account.events().values()) == len(made_lines) == len({line["event_id"] for line in made_lines})
    assert all(one.rows == one.used + one.left_over for one in account.tables())
    assert list(lines(tables, DAY_ZERO)) == charts
    for chart in charts:
        times = [line["occurred_at"] for line in chart]
        assert times == sorted(times)
        assert len({line["client"] for line in chart}) <= 1
