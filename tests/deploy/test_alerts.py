"""Alerts and the board: every figure that they ask for is one that we give, and every alert says what to do."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import prometheus_client
import pytest
import yaml

from api.http.metrics import Metrics
from infra.bootstrap import open_services
from infra.kafka import metrics as streaming
from infra.settings import Settings
from tests.deploy.stackfiles import METRIC, ROOT, board, rules, stack

ALERTS = {rule["alert"]: rule for rule in rules()}
QUERIES = [
    *(rule["expr"] for rule in ALERTS.values()),
    *(target["expr"] for panel in board()["panels"] for target in panel["targets"]),
]


@pytest.fixture(scope="module")
def given(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    """The names of all figures that API, relay and projectors give."""
    folder: Path = tmp_path_factory.mktemp("store")
    services = open_services(Settings.model_validate({"database_url": f"sqlite:///{folder / 'log.db'}"}))
    metrics = Metrics(services)
    metrics.observe("GET", "/today", 200, 0.1)
    for counter in (streaming.RELAY_RESTARTS, streaming.RESTARTS):
        counter.labels("for the list of names").inc(0)
    pages = prometheus_client.generate_latest(metrics.registry) + prometheus_client.generate_latest()
    services.close()
    return set(re.findall(r"^(carejourney_\w+)", pages.decode(), re.MULTILINE))


@pytest.mark.parametrize("query", QUERIES)
def test_a_query_asks_for_figures_that_are_given(query: str, given: set[str]) -> None:
    assert set(METRIC.findall(query)) <= given
    assert METRIC.search(query) or "up{" in query


@pytest.mark.parametrize("name", ALERTS)
def test_an_alert_says_what_to_do(name: str) -> None:
    headings = re.findall(r"^#+ (.+)$", (ROOT / "docs/operations.md").read_text(), re.MULTILINE)
    anchors = {re.sub(r"[^\w -]", "", heading).strip().lower().replace(" ", "-") for heading in headings}
    page, _, anchor = ALERTS[name]["annotations"]["runbook_url"].partition("#")
    assert page == "docs/operations.md"
    assert anchor == name.lower()
    assert anchor in anchors


@pytest.mark.parametrize("name", ALERTS)
def test_an_alert_is_whole(name: str) -> None:
    assert ALERTS[name].keys() == {"alert", "expr", "for", "labels", "annotations"}
    assert ALERTS[name]["labels"]["severity"] in {"warning", "critical"}
    assert ALERTS[name]["annotations"]["summary"]


def test_every_process_is_scraped_where_it_listens() -> None:
    config = yaml.safe_load((ROOT / "deploy/prometheus/prometheus.yml").read_text())
    services = stack()["services"]
    for host, port in targets(config):
        if host == "127.0.0.1":
            continue
        environment = services[host]["environment"]
        command = services[host]["command"]
        assert port == environment.get("CAREJOURNEY_METRICS_PORT", command[-1]), host


def targets(config: dict[str, list[dict[str, list[dict[str, object]]]]]) -> Iterator[tuple[str, str]]:
    for job in config["scrape_configs"]:
        for static in job.get("static_configs", ()):
            for target in static["targets"]:  # type: ignore[attr-defined]
                host, _, port = str(target).partition(":")
                yield host, port
        for found in job.get("dns_sd_configs", ()):
            yield from ((str(name), str(found["port"])) for name in found["names"])  # type: ignore[attr-defined]


def test_the_board_has_no_gaps_and_no_doubles() -> None:
    panels = board()["panels"]
    assert len({panel["id"] for panel in panels}) == len(panels)
    places = [(panel["gridPos"]["x"], panel["gridPos"]["y"]) for panel in panels]
    assert len(set(places)) == len(places)
    assert all(panel["title"] and panel["description"] for panel in panels)


def test_prometheus_takes_the_rules() -> None:
    command = [ROOT / "tools/promtool", "check", "config", "prometheus.yml"]
    done = subprocess.run(command, cwd=ROOT / "deploy/prometheus", capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
