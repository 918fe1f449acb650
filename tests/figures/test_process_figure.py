"""The figure of the process: it draws what pm4py found, and says that the clients are simulated."""

from __future__ import annotations

import re
from pathlib import Path
from xml.etree import ElementTree as ET

from domain.levels import LEVELS, title
from infra.bootstrap import Services
from infra.interop.exporters.process.xes import export_xes
from infra.reporting.reports import ReportParams, run_report
from tests.conftest import ROOT
from tests.figures.process import END, FEWEST, IMAGE, START, discovered, picture
from tests.infra.conftest import programme as programme


def test_what_is_drawn_is_what_was_found(programme: Services, tmp_path: Path) -> None:
    export_xes(programme.log, tmp_path / "journeys.xes")
    edges = discovered(tmp_path / "journeys.xes")
    entries = run_report("flow", programme, ReportParams(show="entries"))
    begun = {title(row["level"]): row["first_entries"] for row in entries if row["first_entries"]}
    assert {name: n for (one, name), n in edges.items() if one == START} == begun
    assert sum(n for (_, name), n in edges.items() if name == END) == sum(begun.values())
    image = picture(edges)
    ET.fromstring(image)
    numbers = sorted(int(n) for n in re.findall(r'paint-order="stroke">(\d+)<', image))
    assert numbers == sorted(n for n in edges.values() if n >= FEWEST)


def test_the_page_shows_a_figure_of_simulated_clients() -> None:
    image = IMAGE.read_text(encoding="utf-8")
    assert "simulated" in ET.fromstring(image)[0].text  # type: ignore[operator]
    assert all(title(level).replace("&", "&amp;") in image for level in LEVELS)
    assert "](images/process.svg)" in (ROOT / "docs" / "export.md").read_text(encoding="utf-8")
