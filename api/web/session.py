"""Web sessions: a signed cookie that says who is signed in, in which role."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass

from itsdangerous import BadSignature, URLSafeTimedSerializer
from starlette.requests import Request

from domain.vocabulary import Role
from infra.services import Services

SESSION_COOKIE = "carejourney_session"
SESSION_SECONDS = 8 * 3600


@dataclass(frozen=True, slots=True)
class Identity:
    """Who is signed in: a name for the record, and the role."""

    name: str
    role: Role


DEMO_ROLES: dict[Role, str] = {
    "clinician": "Reads and writes the care timeline of clients",
    "auditor": "Replays history and checks who wrote what; writes nothing",
    "reporting": "Dashboards only: aggregates, small groups hidden",
    "intake": "Registers, refers, verifies coverage and assesses",
    "admin": "Projections and operation; no clinical content",
}


class Sessions:
    """Issues and reads session tokens."""

    def __init__(self, services: Services) -> None:
        """Sign with the session secret, or with one derived from the master key."""
        settings = services.settings
        given = settings.session_secret.get_secret_value() if settings.session_secret else None
        secret = given or hmac.digest(settings.key(), b"web-session", hashlib.sha256).hex()
        self._serializer = URLSafeTimedSerializer(secret, salt="carejourney-session")
        self.demo = settings.demo

    def issue(self, role: Role) -> str:
        """A token for a demo sign-in."""
        return self._serializer.dumps({"name": f"demo-{role}", "role": role})

    def read(self, token: str | None) -> Identity | None:
        """Who a token stands for; None when it is missing, altered or older than eight hours."""
        if not token:
            return None
        try:
            content = self._serializer.loads(token, max_age=SESSION_SECONDS)
        except BadSignature:
            return None
        return Identity(content["name"], content["role"]) if content.get("role") in DEMO_ROLES else None

    def identity(self, request: Request) -> Identity | None:
        """Who makes a request."""
        return self.read(request.cookies.get(SESSION_COOKIE))
