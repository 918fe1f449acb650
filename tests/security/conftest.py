"""The real OpenID provider, and the whole app in front of it."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx2
import pytest
import uvicorn
from pydantic import SecretStr

from api.app import create_app
from infra.bootstrap import Services, open_services
from infra.settings import Settings
from tests.security.provider import AUDIENCE, CLIENT, Provider


@dataclass
class Site:
    """A running server whose people sign in at the provider."""

    url: str
    services: Services
    provider: Provider
    clients: list[httpx2.Client] = field(default_factory=list[httpx2.Client])

    def browser(self, **options: Any) -> httpx2.Client:
        """A browser with an empty cookie jar that follows nothing by itself."""
        self.clients.append(httpx2.Client(base_url=self.url, follow_redirects=False, **options))
        return self.clients[-1]

    def signed_in(self, user: str) -> httpx2.Client:
        """A browser after the whole sign-in."""
        browser = self.browser()
        start = browser.get("/sign-in")
        back = self.provider.sign_in(start.headers["location"], user, browser)
        answer = browser.get(back)
        assert answer.status_code == 303, answer.text
        return browser

    def api(self, user: str) -> httpx2.Client:
        """A program with that person's access token."""
        token = self.provider.tokens(user)["access_token"]
        return self.browser(headers={"Authorization": f"Bearer {token}"})


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """One provider and one server for all tests here; each test brings its own charts."""
    folder: Path = tmp_path_factory.mktemp("site")
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
    with serving(create_app(services), listening):
        yield Site(url, services, provider)
    provider.stop()


@pytest.fixture(autouse=True)
def closed(site: Site) -> Iterator[None]:
    """Every browser of a test is closed after it."""
    yield
    for client in site.clients:
        client.close()
    site.clients.clear()


class serving:  # noqa: N801 - reads as what it does
    """An app on a listening socket, until the block ends."""

    def __init__(self, app: Any, listening: socket.socket) -> None:
        config = uvicorn.Config(app, log_level="error", access_log=False, proxy_headers=False, server_header=False)
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._server.run, kwargs={"sockets": [listening]})

    def __enter__(self) -> None:
        self._thread.start()
        started = threading.Event()
        while not self._server.started and self._thread.is_alive():
            started.wait(0.01)

    def __exit__(self, *_: object) -> None:
        self._server.should_exit = True
        self._thread.join()
