"""The page of the plan: in words and as TOML, what it would publish, and publishing, which is refused in words."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from html import unescape
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from api.web.publications.plan_pages import MAKINGS, REFUSALS, refusal_of
from infra.publications import publisher as publishing
from infra.simulator.demo import fill
from tests.api.access.conftest import House, make_house

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
PLAN = 'title = "Board"\nreports = ["completion", "census"]\ngroups = ["site"]\nperiods = ["month", "quarter"]\n'


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """Simulated clients, and a plan of one report."""
    folder = tmp_path_factory.mktemp("office")
    (folder / "plan.toml").write_text(PLAN)
    house = make_house(f"sqlite:///{folder}/log.db", publication_plan_file=folder / "plan.toml")
    house.hands.now = NOW
    fill(house.services.log, 100, 7)
    house.services.catch_up()
    yield house
    for client in house.open:
        client.close()
    house.services.close()


def send(house: House, browser: TestClient, making: str) -> str:
    """Start it by its button, wait, and give the page that the browser was sent to."""
    house.hands.move(seconds=1)
    page = browser.get("/publications/plan").text
    [token, *_] = re.findall(r'name="csrf" value="(\w+)"', page)
    assert f'action="/publications/plan/{making}"' in page
    answer = browser.post(f"/publications/plan/{making}", data={"csrf": token})
    assert (answer.status_code, answer.headers["location"]) == (303, f"/publications/plan/{making}")
    house.services.jobs.wait()
    return unescape(browser.get(answer.headers["location"]).text)


def test_the_plan_is_shown_in_words_and_as_toml(office: House) -> None:
    page = unescape(office.browser("admin").get("/publications/plan").text)
    for text in (
        "Completion",
        "all together, by site",
        "months, quarters",
        'reports = ["completion", "census"]',
        "plan.toml",
    ):
        assert text in page


def test_preview_publish_and_again(office: House) -> None:
    admin = office.browser("admin")
    previewed = send(office, admin, "preview")
    assert re.search(r"It would show \d+ of \d+ numbers", previewed)
    assert "Census, all together, months" in previewed
    assert office.services.publications.all() == []
    assert "Census, all together, months" in unescape(admin.get("/publications/plan").text)
    assert "Publication 1 was made." in send(office, admin, "publish")
    assert [one.number for one in office.services.publications.all()] == [1]
    assert "/publications/1/census-month" in office.browser("reporting").get("/publications/1").text
    assert "There is nothing to publish" in send(office, admin, "publish")
    assert "There is nothing to publish" in send(office, admin, "preview")
    assert len(office.entries(kind="WorkStarted")) == 4


@pytest.mark.parametrize("making", MAKINGS)
def test_a_form_of_nobody_starts_nothing(house: House, making: str) -> None:
    assert house.browser("admin").post(f"/publications/plan/{making}").status_code == 403
    assert house.services.jobs.newest(MAKINGS[making]) is None


def test_there_is_no_other_work(house: House) -> None:
    assert house.browser("admin").get("/publications/plan/all").status_code == 404


def test_a_wrong_plan_is_named_and_starts_nothing(tmp_path: Path) -> None:
    (tmp_path / "plan.toml").write_text("reports = []\n")
    house = make_house(f"sqlite:///{tmp_path}/log.db", publication_plan_file=tmp_path / "plan.toml")
    admin = house.browser("admin")
    [token, *_] = re.findall(r'name="csrf" value="(\w+)"', admin.get("/definitions").text)
    for answer in (admin.get("/publications/plan"), admin.post("/publications/plan/publish", data={"csrf": token})):
        assert answer.status_code == 409
        assert "reports: no report at all" in unescape(answer.text)
    assert house.services.jobs.newest(MAKINGS["publish"]) is None
    admin.close()
    house.services.close()


@pytest.mark.parametrize("begin", REFUSALS)
def test_each_refusal_is_an_error_of_publishing(begin: str) -> None:
    """What is said in words is told apart by how the error begins: each beginning stands in the sources."""
    sources = Path(publishing.__file__).parent
    assert any(f'"{begin}' in path.read_text() for path in sources.glob("*.py"))
    assert refusal_of(f"{begin} and so on")
    assert refusal_of("MemoryError") == ""
