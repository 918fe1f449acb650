"""Doses given, use reported day by day, and withdrawal scores."""

from __future__ import annotations

from typing import Final

from infra.interop.importers.ctn0094.chart import MEDICATION_GIVEN, SCORED, USED, Chart
from infra.interop.importers.ctn0094.stays import Stay, drug_of
from infra.interop.importers.ctn0094.tables import Amount, Arm, SubstanceDay

_INSTRUMENTS: Final = {"27": "cows", "30": "cows", "51": "sows"}
_INJECTION: Final = 1


def add_doses(chart: Chart, arm: Arm | None, rows: list[Amount], stays: list[Stay]) -> None:
    """``MedicationGiven``: the arm's drug in mg; naltrexone is an injection, its dose not recorded."""
    for row in rows:
        if row.day is None:
            chart.account.leave("treatment", row.row, chart.who, "no day")
            continue
        if arm is None:
            chart.account.leave("treatment", row.row, chart.who, "not randomised: which drug is not known")
            continue
        chart.account.use("treatment", row.row)
        drug = drug_of(arm.treatment).name
        data: dict[str, object] = {"drug": drug}
        if drug == "naltrexone" and row.amount == _INJECTION:
            data["route"] = "injection"
        else:
            data["dose_mg"] = row.amount
        chart.add("treatment", "MedicationGiven", row.day, MEDICATION_GIVEN, data, row.amount)
        if not any(stay.holds(row.day) for stay in stays):
            chart.account.remark("treatment", row.row, chart.who, "dose outside an open level")


def add_use(chart: Chart, rows: list[SubstanceDay]) -> None:
    """``UseReported`` on the day of the use (timeline follow-back)."""
    for row in rows:
        if row.day is None:
            chart.account.leave("tlfb", row.row, chart.who, "no day")
        elif not row.what:
            chart.account.leave("tlfb", row.row, chart.who, "no substance")
        else:
            chart.account.use("tlfb", row.row)
            data: dict[str, object] = {"substance": row.what, "on": chart.iso(row.day)}
            chart.add("tlfb", "UseReported", row.day, USED, data, row.what)


def add_withdrawal(chart: Chart, project: str, rows: list[Amount]) -> None:
    """``InstrumentScored``: the observer's scale (projects 27, 30) or the client's own (51), 0 to 3."""
    for row in rows:
        if row.day is None:
            chart.account.leave("withdrawal", row.row, chart.who, "no day")
        elif row.amount is None:
            chart.account.leave("withdrawal", row.row, chart.who, "no score")
        else:
            chart.account.use("withdrawal", row.row)
            data: dict[str, object] = {"instrument": _INSTRUMENTS[project], "score": row.amount}
            chart.add("withdrawal", "InstrumentScored", row.day, SCORED, data)
