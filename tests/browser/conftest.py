"""A real server over simulated clients, and Debian's Chromium."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Generator, Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Protocol

import pytest
import uvicorn
from fastapi import FastAPI
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright
from pydantic import SecretStr

from api.app import create_app
from infra.bootstrap import open_services
from infra.identity.people import operator
from infra.publications.publisher import plan_of, publish
from infra.settings import Settings
from infra.simulator.demo import fill
from tests.day import DAY, clock_of_the_day
from tools.stack.ports import free_port

# The shell draws no windows around its pages, which takes half the time; the whole browser does as well.
CHROMIUM = next(
    (path for path in map(shutil.which, ("chromium-headless-shell", "chromium")) if path), "/usr/bin/chromium"
)
PATIENCE = 120_000  # milliseconds; a page that is drawn late on a busy machine is drawn all the same
expect.set_options(timeout=PATIENCE)
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]


@contextmanager
def running(app: FastAPI) -> Generator[str]:
    """Serve an app; gives its address."""
    port = free_port()
    server = uvicorn.Server(uvicorn.Config(app, port=port, log_level="error", access_log=False))
    thread = threading.Thread(target=server.run)
    thread.start()
    started = threading.Event()
    while not server.started and thread.is_alive():
        started.wait(0.01)
    yield f"http://127.0.0.1:{port}"
    app.state.draining.set()  # as a signal would: whoever looks on live is let go
    server.should_exit = True
    thread.join()


@pytest.fixture(scope="session")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a server with 120 simulated clients, of whom one publication was made."""
    folder: Path = tmp_path_factory.mktemp("demo")
    settings = Settings(database_url=SecretStr(f"sqlite:///{folder / 'demo.db'}"), demo=True)
    services = open_services(settings, clock_of_the_day())
    fill(services.log, 120, 7)
    services.catch_up()
    publish(services, plan_of(services), operator("publication publish"))
    with running(create_app(services)) as url:
        yield url


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One Chromium for the session."""
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield chromium
        chromium.close()


# The browser's own calendar, so many milliseconds away from the true one; its timers stay as they are.
CALENDAR = """(() => {
  const True = Date, shift = %d;
  globalThis.Date = class extends True {
    constructor(...given) { if (given.length) super(...given); else super(True.now() + shift); }
    static now() { return True.now() + shift; }
  };
})()"""


class Begin(Protocol):
    """Opens a browser of one's own, which lives on the day of the tests; the fixture closes it."""

    def __call__(self, at: datetime = DAY, **look: Any) -> BrowserContext: ...


@pytest.fixture
def begin(browser: Browser) -> Iterator[Begin]:
    """What opens browsers; ``look`` is what Playwright calls a context's options."""
    with ExitStack() as stack:

        def new(at: datetime = DAY, **look: Any) -> BrowserContext:
            context = browser.new_context(**look)
            stack.callback(context.close)
            context.set_default_timeout(PATIENCE)
            context.add_init_script(CALENDAR % ((at - datetime.now(UTC)) / timedelta(milliseconds=1)))
            return context

        yield new


class Visitor:
    """One person at the browser: signs in, opens pages, keeps every error the browser told."""

    def __init__(self, context: BrowserContext, address: str) -> None:
        self.page: Page = context.new_page()
        self.address = address
        self.errors: list[str] = []
        self.page.on("console", lambda message: self.errors.append(message.text) if message.type == "error" else None)
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))

    def sign_in(self, role: str) -> Visitor:
        self.page.goto(self.address + "/")
        self.page.get_by_role("button", name=f"Continue as {role}").click()
        return self

    def open(self, path: str) -> int:
        response = self.page.goto(self.address + path)  # scripts are deferred: what is loaded is drawn
        assert response is not None
        return response.status


@pytest.fixture
def visitor(begin: Begin, address: str, request: pytest.FixtureRequest) -> Visitor:
    """Somebody at a fresh browser; ``@pytest.mark.parametrize('visitor', [{...}], indirect=True)`` sets its look."""
    look: dict[str, Any] = {"viewport": {"width": 1280, "height": 900}, **getattr(request, "param", {})}
    return Visitor(begin(**look), address)
