"""Ask a store by address, as anybody would, and take of the answer what is the same in every run."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlencode

from starlette.testclient import TestClient

from api.app import create_app
from api.sessions import COOKIE
from infra.bootstrap import Services
from infra.identity.people import Principal, operator
from infra.identity.sessions import SignedIn
from infra.interop.exporters.events import export_lines
from infra.interop.exporters.flat import export_flat
from infra.interop.exporters.process.ocel import export_ocel
from infra.interop.exporters.process.xes import export_xes
from infra.interop.exporters.teds.run import export_teds
from infra.interop.fhir.bulk import export_fhir
from infra.interop.fhir.disclosure import Recipient
from infra.publications.plan import Plan
from infra.publications.publisher import publish
from tests.answers.stores import RECIPIENT

Query = Iterable[tuple[str, str]]
# A request's own number, and what is made of a random key or nonce: the rest of every answer is held.
VOLATILE: Final = ("instance", "digest", "previous", "statement", "signature", "key_id", "public_key")
_VOLATILE: Final = re.compile(rb'"(?:%s)":"[^"]*",?' % "|".join(VOLATILE).encode())
OPERATOR: Final = operator("export")


class Asked:
    """A store behind the API, and the files of its exports. An address is ``WHO PATH?QUERY`` or ``export FILE``."""

    def __init__(self, services: Services, folder: Path, plan: Plan) -> None:
        """Publish by a plan; exports are written when the first is asked for."""
        self.services = services
        self._folder = folder / "exports"
        self._client = TestClient(create_app(services), base_url="http://127.0.0.1", raise_server_exceptions=False)
        self._cookies: dict[str, str] = {}
        publish(services, plan, OPERATOR)

    def answer(self, address: str) -> bytes:
        """The answer's bytes: status and body, or a file's content."""
        who, _, path = address.partition(" ")
        if who == "export":
            self.exports()
            return (self._folder / path).read_bytes()
        found = self._client.get(path, headers={"Cookie": f"{COOKIE}={self._cookie(who)}"})
        return b"%d\n%s" % (found.status_code, _VOLATILE.sub(b"", found.content))

    def get(self, who: str, path: str) -> Any:
        """An answer's JSON."""
        return self._client.get(path, headers={"Cookie": f"{COOKIE}={self._cookie(who)}"}).json()

    def exports(self) -> list[str]:
        """The files of every export, by name."""
        if not self._folder.exists():
            self._folder.mkdir()
            self._export()
        return sorted(str(file.relative_to(self._folder)) for file in self._folder.rglob("*") if file.is_file())

    def _export(self) -> None:
        log, folder = self.services.log, self._folder
        (folder / "events.ndjson").write_bytes(b"".join(export_lines(log)))
        export_flat(log, folder / "csv", "csv")
        export_teds(log, folder / "teds")
        export_xes(log, folder / "milestones.xes")
        export_ocel(log, folder / "entries.jsonocel", detailed=True)
        export_fhir(self.services, OPERATOR, folder / "fhir", Recipient(RECIPIENT, "treatment"))

    def _cookie(self, who: str) -> str:
        """The session of ``ROLE``, who works at every site, or of ``ROLE@SITE``."""
        if who not in self._cookies:
            role, _, site = who.partition("@")
            person = Principal(who, role, frozenset({site.replace("_", " ")}) if site else None)  # type: ignore[arg-type]
            self._cookies[who] = self.services.people.sessions.begin(SignedIn(person))
        return self._cookies[who]


def address(who: str, path: str, query: Query = ()) -> str:
    """Its parts in one order, whatever order they are named in."""
    asked = urlencode(sorted(query))
    return f"{who} {path}{'?' if asked else ''}{asked}"
