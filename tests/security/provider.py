"""The certified OpenID provider as a process of its own: started for the tests, restarted with other keys."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urljoin, urlsplit

import httpx2
from joserfc.jwk import RSAKey

from tools.stack.ports import free_port

ROOT = Path(__file__).parent.parent.parent
HERE = ROOT / "tools" / "oidc-provider"
CLIENT = ("carejourney", "only-for-these-tests-0123456789")
AUDIENCE = "carejourney-api"
ROLES = ("intake", "clinician", "auditor", "analyst", "reporting", "admin")


def fresh_key(kid: str) -> RSAKey:
    return RSAKey.generate_key(2048, {"kid": kid, "use": "sig", "alg": "RS256"}, private=True)


@dataclass
class Provider:
    """One issuer with one person per role, and a few with odd claims."""

    folder: Path
    app_url: str
    port: int = field(default_factory=free_port)
    keys: list[RSAKey] = field(default_factory=lambda: [fresh_key("first")])
    process: subprocess.Popen[str] | None = None

    @property
    def issuer(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        subprocess.run([HERE.parent / "npm", HERE], check=True, capture_output=True)
        people = {role: {"password": f"{role}-pass", "roles": [role], "sites": ["*"]} for role in ROLES}
        people["north"] = {"password": "north-pass", "roles": ["clinician"], "sites": ["north"]}
        people["nobody"] = {"password": "nobody-pass", "roles": ["gardener"]}
        people["both"] = {"password": "both-pass", "roles": ["clinician", "auditor"]}
        client = {
            "client_id": CLIENT[0],
            "client_secret": CLIENT[1],
            "redirect_uris": [f"{self.app_url}/sign-in/callback"],
            "post_logout_redirect_uris": [f"{self.app_url}/"],
            "backchannel_logout_uri": f"{self.app_url}/sign-out/backchannel",
            "backchannel_logout_session_required": True,
        }
        environment = {
            **os.environ,
            "OIDC_PROVIDER_PORT": str(self.port),
            "OIDC_PROVIDER_AUDIENCE": AUDIENCE,
            "OIDC_PROVIDER_CLIENTS": self._write("clients", [client]),
            "OIDC_PROVIDER_USERS": self._write("users", people),
            "OIDC_PROVIDER_KEYS": self._write("keys", {"keys": [key.as_dict(private=True) for key in self.keys]}),
        }
        node = shutil.which("node")
        assert node, "node is missing: apt-get install nodejs npm"
        self.process = subprocess.Popen(
            [node, "server.mjs"],
            cwd=HERE,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        assert self.process.stdout is not None
        assert self.process.stdout.readline().startswith("ready"), "the provider did not start"

    def stop(self) -> None:
        if self.process is not None:
            self.process.terminate()
            self.process.wait()
            assert self.process.stdout is not None
            self.process.stdout.close()

    def rotate(self, kid: str) -> None:
        """Sign with a new key only, as after a leak."""
        self.stop()
        self.keys = [fresh_key(kid)]
        self.start()

    def sign_in(self, address: str, user: str, browser: httpx2.Client) -> str:
        """Follow a sign-in as a browser would; the answer is where the provider sends the browser back to."""
        page = browser.get(address)
        while page.is_redirect:
            address = urljoin(address, page.headers["location"])
            if address.startswith(self.app_url):
                return address
            page = browser.get(address)
        action = re.search(r'action="([^"]+)"', page.text)
        assert action, page.text
        answer = browser.post(urljoin(address, action[1]), data={"user": user, "password": f"{user}-pass"})
        while answer.is_redirect:
            address = urljoin(address, answer.headers["location"])
            if address.startswith(self.app_url):
                return address
            answer = browser.get(address)
        msg = f"the provider answered {answer.status_code}: {answer.text}"
        raise AssertionError(msg)

    def tokens(self, user: str) -> dict[str, Any]:
        """An access token and an ID token of a person, by the code flow."""
        import base64
        import hashlib
        import secrets

        verifier = secrets.token_urlsafe(32)
        challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
        callback = f"{self.app_url}/sign-in/callback"
        query = {
            "response_type": "code",
            "client_id": CLIENT[0],
            "redirect_uri": callback,
            "scope": "openid profile carejourney",
            "nonce": secrets.token_urlsafe(8),
            "code_challenge": challenge,
            "code_challenge_method": "S256",
        }
        with httpx2.Client() as browser:
            address = str(httpx2.URL(f"{self.issuer}/auth", params=query))
            back = self.sign_in(address, user, browser)
            code = parse_qs(urlsplit(back).query)["code"][0]
            form = {
                "grant_type": "authorization_code",
                "code": code,
                "redirect_uri": callback,
                "code_verifier": verifier,
            }
            answer = browser.post(f"{self.issuer}/token", data=form, auth=CLIENT)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def _write(self, name: str, content: Any) -> str:
        path = self.folder / f"{name}.json"
        path.write_text(json.dumps(content))
        return str(path)
