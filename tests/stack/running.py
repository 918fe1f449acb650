"""The stack under test: every process of docker-compose.yml on this machine, and people who sign in to it."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import re
import secrets
import subprocess
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urljoin, urlsplit

import httpx2

ROOT = Path(__file__).parent.parent.parent
TOOL = ROOT / "tools" / "stack-local"
COMMAND = ROOT / ".venv" / "bin" / "carejourney"
PATIENCE = 120.0
COMMAND_SECONDS = 400.0  # then what it waits for does not come


def until(holds: Callable[[], object], what: str) -> None:
    """Wait until it holds; a test that waits too long fails and says for what."""
    deadline = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < deadline, f"waited too long for {what}"
        time.sleep(0.05)


class Collector:
    """Takes traces as an OpenTelemetry collector would, and keeps their bytes."""

    def __init__(self) -> None:
        self.bodies: list[bytes] = []
        bodies = self.bodies

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                bodies.append(self.rfile.read(int(self.headers["Content-Length"])))
                self.send_response(200)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class names it
                """Nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever)
        self._thread.start()
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"

    def close(self) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


@dataclass
class Stack:
    """A stack in a folder of its own."""

    folder: Path
    collector: Collector
    tokens: dict[str, str] = field(default_factory=dict[str, str])

    def tool(self, *words: str) -> str:
        """Run tools/stack-local."""
        environment = {
            **{key: value for key, value in os.environ.items() if not key.startswith("CAREJOURNEY_")},
            "CAREJOURNEY_STACK_DIR": str(self.folder),
            "CAREJOURNEY_OTLP_ENDPOINT": self.collector.url,
        }
        done = subprocess.run([TOOL, *words], env=environment, capture_output=True, text=True, timeout=400)
        assert done.returncode == 0, f"{done.stderr}\n{self.tail()}"
        return done.stdout

    def tail(self) -> str:
        """The last lines of every log, for a test that failed."""
        return "\n".join(
            f"{log.name}: {log.read_text()[-600:]}" for log in sorted((self.folder / "logs").glob("*.log"))
        )

    def status(self) -> dict[str, Any]:
        """Ports and processes."""
        return json.loads(self.tool("status", "--json"))

    def pid(self, name: str) -> int:
        """A process's id as the supervisor last wrote it, 0 while it is down: to ask for all of ``status`` starts a command."""
        return json.loads((self.folder / "state.json").read_text())[name]["pid"]

    def url(self, name: str) -> str:
        """The address of a process."""
        return f"http://127.0.0.1:{json.loads((self.folder / 'ports.json').read_text())[name]}"

    def secret(self, name: str) -> str:
        """A secret's text."""
        return (self.folder / "secrets" / name).read_text()

    def environment(self) -> dict[str, str]:
        """What the command line needs to work on the stack's database, as its owner."""
        return {
            **{key: value for key, value in os.environ.items() if not key.startswith("CAREJOURNEY_")},
            "CAREJOURNEY_DATABASE_URL": self.secret("database_url_owner"),
            "CAREJOURNEY_MASTER_KEY": self.secret("carejourney_master_key"),
            "CAREJOURNEY_ERASURE_LEDGER": str(self.folder / "ledger" / "erasures"),
            "CAREJOURNEY_HEADS_FILE": str(self.folder / "ledger" / "heads"),
            "CAREJOURNEY_SIGNING_KEY_FILE": str(self.folder / "secrets" / "signing_key.pem"),
            "CAREJOURNEY_KAFKA_BOOTSTRAP": self.url("kafka").removeprefix("http://"),
        }

    def command(self, *words: str, given: bytes = b"") -> bytes:
        """Run the command line beside the running processes."""
        done = subprocess.run(
            [COMMAND, *words],
            env=self.environment(),
            input=given,
            capture_output=True,
            cwd=self.folder,
            timeout=COMMAND_SECONDS,
        )
        assert done.returncode == 0, done.stderr.decode()
        return done.stdout

    def caught_up(self) -> bool:
        """Whether the read models hold the whole log."""
        asking = {"Authorization": f"Bearer {self.token('admin')}"}
        found = httpx2.get(self.url("api-1") + "/api/v1/projections", headers=asking)
        if found.status_code == 401:  # the token is over: with another one, the next time
            del self.tokens["admin"]
        return found.status_code == 200 and all(row["lag"] == 0 for row in found.json()["projections"])

    def token(self, user: str) -> str:
        """An access token of a person, by the code flow; asked for once."""
        if user not in self.tokens:
            until(lambda: self._signed_in(user), f"the sign-in of {user}")
        return self.tokens[user]

    def _signed_in(self, user: str) -> bool:
        """Whether the provider let them in; right after its start it may not answer as it will."""
        try:
            self.tokens[user] = self._sign_in(user)
        except (KeyError, httpx2.TransportError):
            return False
        return True

    def _sign_in(self, user: str) -> str:
        password = json.loads(self.secret("oidc_users.json"))[user]["password"]
        client = json.loads(self.secret("oidc_clients.json"))[0]
        verifier = secrets.token_urlsafe(32)
        challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
        callback = client["redirect_uris"][0]
        query = {
            "response_type": "code",
            "client_id": client["client_id"],
            "redirect_uri": callback,
            "scope": "openid profile carejourney",
            "code_challenge": challenge,
            "code_challenge_method": "S256",
        }
        with httpx2.Client() as browser:
            page = browser.get(self.url("oidc") + "/auth", params=query)
            address = urljoin(str(page.url), page.headers["location"])
            form = browser.get(address)
            action = re.search(r'action="([^"]+)"', form.text)
            assert action, form.text
            answer = browser.post(urljoin(address, action[1]), data={"user": user, "password": password})
            while not answer.headers["location"].startswith(callback):
                answer = browser.get(urljoin(str(answer.url), answer.headers["location"]))
            code = parse_qs(urlsplit(answer.headers["location"]).query)["code"][0]
            given = {
                "grant_type": "authorization_code",
                "code": code,
                "redirect_uri": callback,
                "code_verifier": verifier,
            }
            tokens = browser.post(
                self.url("oidc") + "/token", data=given, auth=(client["client_id"], client["client_secret"])
            )
        assert tokens.status_code == 200, tokens.text
        return tokens.json()["access_token"]
