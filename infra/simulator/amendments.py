"""What is put right afterwards: corrections and retractions of sessions and screens."""

from __future__ import annotations

from typing import Any, Final

from infra.simulator.calibration import CORRECTED, RETRACTED
from infra.simulator.clock import DAY
from infra.simulator.journal import Journal, Line

AMENDED: Final = frozenset({"SessionAttended", "SessionMissed", "DrugScreenResulted"})
WRONG_CHART: Final = "Charted for the wrong client (simulated)."
RIGHTED: Final = "Charted wrongly; set right from the sign-in sheet (simulated)."


def amend(journal: Journal) -> None:
    """Correct or retract a small share of what is written, one to forty days after it was recorded."""
    rng = journal.rng
    double: set[tuple[str, str]] = set()
    for known, line in journal.entries():
        if line["type"] not in AMENDED:
            continue
        what = rng.random()
        twice = line["type"] == "SessionAttended" and (line["occurred_at"], line["data"]["kind"]) in double
        double.add((line["occurred_at"], line["data"].get("kind", "")))
        if what >= CORRECTED + RETRACTED and not (twice and what > 0.4):
            continue
        at = journal.office_time(known // DAY + 1 + int(rng.random() * 40))
        data: dict[str, Any] = {"target": line["event_id"]}
        if what < CORRECTED:
            replacement = {"type": line["type"], "occurred_at": line["occurred_at"], "data": _righted(line)}
            journal.add("EntryCorrected", at, {**data, "replacement": replacement, "reason": RIGHTED}, delay=0)
        else:
            journal.add("EntryRetracted", at, {**data, "reason": WRONG_CHART}, delay=0)


def _righted(line: Line) -> dict[str, Any]:
    """What the entry should have said."""
    data: dict[str, Any] = dict(line["data"])
    match line["type"]:
        case "SessionAttended":
            data["minutes"] = max(15, data["minutes"] - 15)
        case "SessionMissed":
            data["excused"] = not data["excused"]
        case _:
            data["positive"] = data["positive"][1:] if data["positive"] else ["Thc"]
    return data
