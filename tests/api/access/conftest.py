"""The whole app in demo mode over a real store, with clients at two sites; and people who work at one of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr
from starlette.testclient import TestClient

from api.app import create_app
from api.http.examples import EXAMPLES
from api.sessions import COOKIE
from infra.bootstrap import Services, open_services
from infra.eventstore.log import Author
from infra.identity.people import Principal
from infra.identity.sessions import SignedIn
from infra.privacy.erasure.requests import request
from infra.settings import Settings
from tests.prepared import empty_store

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


@dataclass
class Hands:
    """The clock that tests move."""

    now: datetime = NOON

    def __call__(self) -> datetime:
        return self.now

    def move(self, **span: float) -> None:
        self.now += timedelta(**span)


@dataclass
class House:
    """What tests say to the app."""

    services: Services
    hands: Hands
    app: Any
    open: list[TestClient] = field(default_factory=list[TestClient])

    def api(self, role: str) -> TestClient:
        """A program with the demo's token of a role, who works at every site."""
        return self._client({"Authorization": f"Bearer demo-{role}"})

    def browser(self, role: str, sites: frozenset[str] | None = None, name: str = "") -> TestClient:
        """A signed-in browser."""
        who = Principal(name or f"{role}-{sorted(sites or ())}", role, sites)  # type: ignore[arg-type]
        client = self._client({})
        client.cookies.set(COOKIE, self.services.people.sessions.begin(SignedIn(who)))
        return client

    def nobody(self) -> TestClient:
        return self._client({})

    def admit(self, reference: str, site: str, level: str = "residential") -> None:
        """Register, assess and start a level at a site two days before now."""
        api, at = self.api("clinician"), (self.hands.now - timedelta(days=2)).isoformat()
        found = {**EXAMPLES["complete-assessment"], "recommended_level": level}
        start = {**EXAMPLES["start-level"], "level": level, "site": site}
        for name, data in (("register-client", None), ("complete-assessment", found), ("start-level", start)):
            body = {"occurred_at": at, "data": data or EXAMPLES[name]}
            answer = api.post(f"/api/v1/clients/{reference}/commands/{name}", json=body)
            assert answer.status_code == 201, answer.text
        self.services.catch_up()

    def register(self, reference: str) -> None:
        """Register a client at no site, as somebody who works at every site does without naming one."""
        body = {"occurred_at": self.hands.now.isoformat(), "data": EXAMPLES["register-client"]}
        answer = self.api("clinician").post(f"/api/v1/clients/{reference}/commands/register-client", json=body)
        assert answer.status_code == 201, answer.text
        self.services.catch_up()

    def erase(self, reference: str) -> None:
        """Erase a chart, as two people do."""
        who = Author("a.meyer", "admin", "api")
        how = {"ground": "court_order", "basis": None, "now": self.services.now(), "hours": 72}
        request(self.services.log, reference, author=who, **how)  # type: ignore[arg-type]
        answer = self.api("admin").post(f"/api/v1/clients/{reference}/erasure/confirmation", json={})
        assert answer.status_code == 200, answer.text
        self.services.catch_up()

    def record(self, reference: str, name: str, **data: Any) -> None:
        body = {"occurred_at": self.hands.now.isoformat(), "data": {**EXAMPLES[name], **data}}
        answer = self.api("clinician").post(f"/api/v1/clients/{reference}/commands/{name}", json=body)
        assert answer.status_code == 201, answer.text

    def entries(self, reference: str = "", kind: str = "") -> list[Any]:
        """The access log, or what is about one client in it."""
        log = self.services.people.log
        found = (
            log.of_client(self.services.log.client_id(reference), opened=True) if reference else log.every(opened=True)
        )
        return [entry for entry in found if not kind or entry.kind == kind]

    def _client(self, headers: dict[str, str]) -> TestClient:
        client = TestClient(self.app, headers=headers, follow_redirects=False, raise_server_exceptions=False)
        self.open.append(client)
        return client


def make_house(url: str, **settings: Any) -> House:
    hands = Hands()
    services = open_services(Settings(database_url=SecretStr(url), demo=True, **settings), hands)
    app = create_app(services)
    app.state.appended = services.catch_up  # no follower runs here: a form would wait for one
    return House(services, hands, app)


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    """An empty store behind API and pages."""
    found = make_house(empty_store(tmp_path))
    yield found
    for client in found.open:
        client.close()
    found.services.close()
