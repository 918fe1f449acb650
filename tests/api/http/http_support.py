"""What the tests of the API share: a client per role, a clock that tests move, readers of problems."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from httpx2 import Response
from starlette.testclient import TestClient

from api.http.examples import EXAMPLES
from infra.bootstrap import Services

START = datetime(2026, 3, 2, 12, tzinfo=UTC)


@dataclass
class Clock:
    """Stands still until it is moved."""

    now: datetime = START

    def __call__(self) -> datetime:
        return self.now

    def move(self, **span: float) -> None:
        self.now += timedelta(**span)


@dataclass
class Api:
    """What tests say to the API."""

    services: Services
    clock: Clock
    app: Any
    clients: dict[str, TestClient] = field(default_factory=dict[str, TestClient])

    def as_(self, role: str) -> TestClient:
        """A client with that role's demo token."""
        if role not in self.clients:
            headers = {"Authorization": f"Bearer demo-{role}"}
            self.clients[role] = TestClient(self.app, headers=headers, raise_server_exceptions=False)
        return self.clients[role]

    def get(self, path: str, role: str = "clinician", **options: Any) -> Response:
        return self.as_(role).get(path, **options)

    def command(self, reference: str, name: str, data: Any = None, **options: Any) -> Response:
        """Post a command: the example's data, at the clock's time, unless told otherwise; ``asking`` of duplicates."""
        role = options.pop("role", "clinician")
        body = {"occurred_at": options.pop("at", self.clock.now.isoformat())}
        body["data"] = EXAMPLES[name] if data is None else data
        if name == "register-client":  # the examples are one person under many numbers
            body |= {"confirm_new_person": not asking} if (asking := options.pop("asking", False)) is not None else {}
        return self.as_(role).post(f"/api/v1/clients/{reference}/commands/{name}", json=body, **options)

    def done(self, reference: str, name: str, data: Any = None, **options: Any) -> dict[str, Any]:
        """Post a command that must be recorded."""
        answer = self.command(reference, name, data, **options)
        assert answer.status_code == 201, answer.text
        return answer.json()

    def admit(self, reference: str, level: str = "residential") -> None:
        """Register, assess and start a level two days before now."""
        at = (self.clock.now - timedelta(days=2)).isoformat()
        self.done(reference, "register-client", at=at)
        found = {**EXAMPLES["complete-assessment"], "recommended_level": level}
        self.done(reference, "complete-assessment", found, at=at)
        self.done(reference, "start-level", {**EXAMPLES["start-level"], "level": level}, at=at)

    def entries(self, reference: str) -> int:
        """How many entries a chart has in the log."""
        return len(self.services.log.stream(self.services.log.client_id(reference)))


def criteria(answer: Response) -> list[str]:
    """The criteria that a refusal names."""
    assert answer.status_code == 422, answer.text
    return [refusal["criterion"] for refusal in answer.json()["refusals"]]


def fields(answer: Response) -> dict[str, str]:
    """Problem by field of an invalid request."""
    assert answer.status_code == 422, answer.text
    return {error["field"]: error["problem"] for error in answer.json()["errors"]}
