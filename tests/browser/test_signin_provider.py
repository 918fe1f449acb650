"""A person signs in at the real provider in a real browser, breaks the glass, and signs out everywhere."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect
from pydantic import SecretStr

from api.app import create_app
from infra.bootstrap import open_services
from infra.settings import Settings
from infra.simulator.demo import fill
from tests.browser.axe import in_every_look
from tests.security.conftest import Site, serving
from tests.security.provider import AUDIENCE, CLIENT, Provider


@pytest.fixture(scope="module")
def provided(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A server with simulated clients whose people sign in at the provider."""
    folder: Path = tmp_path_factory.mktemp("provided")
    listening = socket.socket()
    listening.bind(("127.0.0.1", 0))
    url = f"http://127.0.0.1:{listening.getsockname()[1]}"
    provider = Provider(folder, url)
    provider.start()
    settings = Settings(
        database_url=SecretStr(f"sqlite:///{folder}/log.db"),
        public_url=url,
        oidc_issuer=provider.issuer,
        oidc_audience=AUDIENCE,
        oidc_client_id=CLIENT[0],
        oidc_client_secret=SecretStr(CLIENT[1]),
    )
    services = open_services(settings)
    fill(services.log, 20, 7)
    services.catch_up()
    with serving(create_app(services), listening):
        yield Site(url, services, provider)
    provider.stop()


class Person:
    """Somebody at a browser of their own."""

    def __init__(self, context: BrowserContext, site: Site) -> None:
        self.page: Page = context.new_page()
        self.site = site
        self.errors: list[str] = []
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))

    def sign_in(self, user: str) -> None:
        self.page.goto(self.site.url + "/")
        self.page.get_by_role("link", name="Sign in").click()
        self.page.get_by_label("User").fill(user)
        self.page.get_by_label("Password").fill(f"{user}-pass")
        self.page.get_by_role("button", name="Sign in").click()


@pytest.fixture
def person(browser: Browser, provided: Site, request: pytest.FixtureRequest) -> Iterator[Person]:
    context = browser.new_context(**getattr(request, "param", {}))
    yield Person(context, provided)
    context.close()


@pytest.mark.parametrize("person", [{}, {"java_script_enabled": False}], indirect=True, ids=["scripts", "no-scripts"])
def test_signing_in_and_out(person: Person) -> None:
    person.sign_in("auditor")
    expect(person.page.get_by_role("link", name="Audit", exact=True)).to_be_visible()
    assert person.page.url == person.site.url + "/today"
    person.page.get_by_role("button", name="Sign out").click()
    person.page.get_by_role("button", name="Sign out").click()  # the provider asks once more
    expect(person.page.get_by_role("link", name="Sign in")).to_be_visible()
    assert person.page.url == person.site.url + "/"
    person.page.goto(person.site.url + "/clients")
    expect(person.page.get_by_role("link", name="Sign in")).to_be_visible()
    person.page.get_by_role("link", name="Sign in").click()
    expect(person.page.get_by_label("Password")).to_be_visible()
    assert person.errors == []


def test_a_wrong_password_is_no_sign_in(person: Person) -> None:
    person.page.goto(person.site.url + "/")
    person.page.get_by_role("link", name="Sign in").click()
    person.page.get_by_label("User").fill("auditor")
    person.page.get_by_label("Password").fill("guess")
    person.page.get_by_role("button", name="Sign in").click()
    expect(person.page.get_by_role("alert")).to_be_visible()
    person.page.goto(person.site.url + "/clients")
    expect(person.page.get_by_role("link", name="Sign in")).to_be_visible()


def test_somebody_without_a_role_is_told_what_to_do(person: Person) -> None:
    person.sign_in("nobody")
    expect(person.page.get_by_role("alert")).to_contain_text("Ask your administrator")
    assert in_every_look(person.page) == []


def test_breaking_the_glass(person: Person) -> None:
    """`north` works at a site that no simulated client is at."""
    person.sign_in("north")
    person.page.goto(person.site.url + "/clients/SIM-000007")
    expect(person.page.get_by_role("heading", name="No chart that you may open")).to_be_visible()
    assert in_every_look(person.page) == []
    person.page.get_by_label("Reason").fill("Client collapsed in our waiting room")
    person.page.get_by_role("button", name="Break the glass").click()
    expect(person.page.get_by_role("heading", name="Timeline")).to_be_visible()


def test_the_auditor_reads_the_reason(person: Person) -> None:
    client_id = person.site.services.log.client_id("SIM-000008")
    from infra.identity.people import Principal

    who = Principal("north", "clinician", frozenset({"north"}), via="web")
    person.site.services.people.glass.break_for(who, client_id, "Called in by the county emergency room")
    person.sign_in("auditor")
    person.page.get_by_role("link", name="Audit", exact=True).click()
    expect(person.page.get_by_role("cell", name="Called in by the county emergency room").first).to_be_visible()
    person.page.get_by_role("link", name="SIM-000008").first.click()
    expect(person.page.get_by_role("heading", name="Disclosures of chart SIM-000008")).to_be_visible()
