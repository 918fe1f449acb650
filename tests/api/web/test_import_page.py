"""Import in the browser: upload, mapping, a preview that records nothing, the import, and what was left over."""

from __future__ import annotations

import gzip
import re
import threading
import tomllib
from html import unescape
from pathlib import Path
from typing import Any

import orjson
import pytest
from starlette.testclient import TestClient

from infra.ops.imports.work import IMPORT
from tests.api.access.conftest import House, make_house
from tests.prepared import empty_store

PAGE = "/administration/import"
EXAMPLES = Path(__file__).parents[3] / "docs/examples"


@pytest.fixture
def office(tmp_path: Path) -> Any:
    """An empty store, and a folder for uploads."""
    found = make_house(empty_store(tmp_path), import_folder=tmp_path / "uploads", import_upload_mb=1)
    yield found
    for client in found.open:
        client.close()
    found.services.close()


def line(client: str, kind: str = "NoteAdded", at: str = "2026-01-06T10:00:00Z", **data: Any) -> bytes:
    said = {"client": client, "type": kind, "occurred_at": at, "data": data or {"text": "n"}}
    return orjson.dumps(said) + b"\n"


HISTORY = (
    line("B-1", "ClientRegistered", name="Ana Roe", birth_date="1984-05-06") + line("B-1") + line("B-2", "Nothing")
)


def words(page: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>|[⁨⁩]", " ", page.partition("<main")[2])).split())


def token(browser: TestClient) -> str:
    return re.findall(r'name="csrf" value="(\w+)"', browser.get(PAGE).text)[0]


def upload(browser: TestClient, content: bytes, kind: str = "events", mapping: bytes = b"", **typed: str) -> Any:
    files = {"file": ("history of Jane.csv", content)} | ({"mapping": ("m.toml", mapping)} if mapping else {})
    return browser.post(PAGE, data={"csrf": token(browser), "kind": kind, **typed}, files=files)


def step(house: House, browser: TestClient, at: str, name: str) -> str:
    """Start a step, wait for it, and read the page that it leads to."""
    house.hands.move(seconds=1)
    answer = browser.post(f"{at}/{name}", data={"csrf": token(browser)})
    assert (answer.status_code, answer.headers.get("location")) == (303, at), words(answer.text)
    house.services.jobs.wait()
    return words(browser.get(at).text)


def test_a_file_is_tried_then_imported(office: House) -> None:
    admin = office.browser("admin")
    answer = upload(admin, HISTORY)
    at = answer.headers["location"]
    assert (answer.status_code, bool(re.fullmatch(PAGE + "/[0-9a-f]{32}", at))) == (303, True)
    early = admin.post(f"{at}/import", data={"csrf": token(admin)})
    assert (early.status_code, "Look at the preview first" in words(early.text)) == (409, True)
    head = office.services.log.head()
    page = step(office, admin, at, "preview")
    for text in ("New charts 1", "Left over 1", "Charts that would be new B-1", "Lines read 3", "line 3", "Import now"):
        assert text in page, page
    assert office.services.log.head() == head
    page = step(office, admin, at, "import")
    for text in ("Imported.", "Lines recorded 2", "Client registered recorded 1", "line 3"):
        assert text in page, page
    assert "Import now" not in page
    left = admin.get(f"{at}/left.csv")
    assert left.text.splitlines()[0] == "place,kind,reason"
    assert left.text.splitlines()[1].startswith("line 3,line,")
    assert [one.type for one in office.services.log.stream(office.services.log.client_id("B-1"))] == [
        "ClientRegistered",
        "NoteAdded",
    ]
    assert "Lines recorded 2" in words(admin.get(PAGE).text)
    assert admin.post(f"{at}/drop", data={"csrf": token(admin)}).headers["location"] == PAGE
    assert admin.get(at).status_code == 404
    assert list((office.services.uploads.folder).iterdir()) == []


def test_a_packed_file_and_options(office: House) -> None:
    admin = office.browser("admin")
    packed = gzip.compress(line("B-1", at="2026-01-06T10:00:00"))
    at = upload(admin, packed, zone="America/Chicago", site="North").headers["location"]
    step(office, admin, at, "preview")
    step(office, admin, at, "import")
    [entry] = office.services.log.stream(office.services.log.client_id("B-1"))
    assert (entry.occurred_at.isoformat(), entry.meta.get("f")) == ("2026-01-06T10:00:00-06:00", "North")


def test_columns_get_their_meaning(office: House) -> None:
    admin = office.browser("admin")
    at = upload(admin, (EXAMPLES / "sessions.csv").read_bytes(), "csv").headers["location"]
    assert at.endswith("/mapping")
    page = admin.get(at).text
    for name, column in (("client", "chart"), ("id", "visit"), ("0.day", "date"), ("0.time", "time")):
        [chosen] = re.findall(rf'<select id="{re.escape(name)}".*?</select>', page, re.S)
        assert f'<option value="{column}" selected>' in chosen
    assert "Suggested by its name" in words(page)
    typed: dict[str, str] = {
        "csrf": token(admin),
        "client": "chart",
        "id": "visit",
        "site": "clinic",
        "time_zone": "America/Chicago",
        "entries": "1",
        "0.type": "SessionAttended",
        "0.when": "status",
        "0.cells": "attended\nlate",
        "0.day": "date",
        "0.time": "time",
        "0.format": "%m/%d/%Y %H:%M",
    }
    page = admin.post(at, data={**typed, "do": "look"}).text
    assert "GRP = \n" in unescape(page)
    assert '<option value="minutes" selected>' in page
    typed |= {
        "0.shown": "SessionAttended",
        "0.f.kind.column": "service",
        "0.f.kind.values": "GRP = group\nIND = individual",
        "0.f.minutes.column": "minutes",
        "0.f.topic.column": "topic",
    }
    page = words(admin.post(at, data={**typed, "do": "look"}).text)
    assert "line 2 C-1001 Session attended" in page, page
    assert '"minutes":"180"' in page
    answer = admin.post(at, data={**typed, "do": "add"})
    assert "Kind of entry 2" in words(answer.text)
    typed |= {
        "entries": "2",
        "1.type": "SessionMissed",
        "1.shown": "SessionMissed",
        "1.when": "status",
        "1.cells": "no show",
        "1.day": "date",
        "1.time": "time",
        "1.format": "%m/%d/%Y %H:%M",
        "1.f.kind.column": "service",
        "1.f.kind.values": "GRP = group\nIND = individual\nFAM =",
        "1.f.cause.fixed": "no_show",
    }
    saved = admin.post(at, data={**typed, "do": "save"})
    file = admin.get(saved.headers["location"])
    made = tomllib.loads(file.text)
    ours = tomllib.loads((EXAMPLES / "sessions.toml").read_text())
    for mapping in (made, ours):
        for entry in mapping["entry"]:
            entry["when"] = {
                name: [cells] if isinstance(cells, str) else cells for name, cells in entry["when"].items()
            }
            entry["data"]["kind"]["values"].pop("FAM", None)
    assert made == ours
    used = admin.post(at, data={**typed, "do": "use"})
    assert used.headers["location"] == at.removesuffix("/mapping")
    page = step(office, admin, used.headers["location"], "preview")
    assert "Rows used 3" in page
    assert "Rows left over 1" in page
    page = step(office, admin, used.headers["location"], "import")
    assert "Session attended recorded 2" in page
    assert "no rule of the mapping takes this row" in page


def test_a_mapping_of_ones_own_comes_with_the_table(office: House) -> None:
    admin = office.browser("admin")
    table, mapping = ((EXAMPLES / f"sessions.{end}").read_bytes() for end in ("csv", "toml"))
    at = upload(admin, table, "csv", mapping).headers["location"]
    assert "Rows used 3" in step(office, admin, at, "preview")
    assert "line 2 C-1001 Session attended" in words(admin.get(f"{at}/mapping").text)
    assert admin.get(f"{at}/mapping.toml").text.encode() == mapping


def test_a_mapping_that_cannot_be_used_says_why(office: House) -> None:
    admin = office.browser("admin")
    at = upload(admin, b"chart,day\nA,2026-01-05\n", "csv").headers["location"]
    typed = {"csrf": token(admin), "entries": "1", "0.type": "UseReported", "client": "chart"}
    answer = admin.post(at, data={**typed, "do": "use"})
    assert (answer.status_code, "Substance required" in words(answer.text)) == (200, True)  # suggestions are seen first
    answer = admin.post(at, data={**typed, "0.shown": "UseReported", "do": "use"})
    assert (answer.status_code, "occurred_at: missing" in words(answer.text)) == (422, True)
    row = {"0.day": "day", "0.shown": "UseReported", "0.f.substance.fixed": "alcohol"}
    answer = admin.post(at, data={**typed, **row, "do": "look"})
    assert "line 2 left over" in words(answer.text), words(answer.text)


@pytest.mark.parametrize(
    ("kind", "content", "typed", "field", "text"),
    [
        ("", HISTORY, {}, "kind", "Choose one."),
        ("events", b"", {}, "file", "Choose a file that is not empty."),
        ("events", b"x" * 1_200_000, {}, "file", "larger than 1 MB"),
        ("events", HISTORY, {"zone": "Nowhere"}, "zone", "no such time zone"),
        ("events", HISTORY, {"ignore_offsets": "yes"}, "zone", "Say where the times were written."),
        ("csv", b"a,b\n", {"mapping": "nothing = 1"}, "mapping", "no such key"),
    ],
)
def test_what_is_wrong_with_an_upload_is_said_at_its_field(
    office: House, kind: str, content: bytes, typed: dict[str, str], field: str, text: str
) -> None:
    admin = office.browser("admin")
    mapping = typed.pop("mapping", "").encode()
    answer = upload(admin, content, kind, mapping, **typed)
    assert answer.status_code == (413 if "larger" in text else 422)
    page = unescape(answer.text)
    [marked] = re.findall(r'<input[^>]*aria-invalid="true"[^>]*>', page)
    assert f'aria-describedby="e-{field}"' in marked
    assert text in re.findall(rf'id="e-{field}">([^<]*)<', page)[0]
    assert "<title>Not uploaded: Import" in page
    assert not office.services.uploads.folder.exists()


def test_only_an_administrators_own_upload_is_seen(office: House) -> None:
    mine, other = office.browser("admin", name="a.meyer"), office.browser("admin", name="b.okafor")
    at = upload(mine, HISTORY).headers["location"]
    for address in (at, f"{at}/left.csv", f"{at}/mapping", f"{at}/mapping.toml"):
        assert other.get(address).status_code == 404
    for name in ("preview", "import", "drop", "mapping"):
        assert other.post(f"{at}/{name}", data={"csrf": token(other)}).status_code == 404
    assert mine.get(at).status_code == 200


@pytest.mark.parametrize("role", ["clinician", "intake", "auditor", "analyst", "reporting"])
def test_other_roles_upload_nothing(office: House, role: str) -> None:
    browser = office.browser(role)
    answer = browser.post(PAGE, data={"kind": "events"}, files={"file": ("f", HISTORY)})
    assert (answer.status_code, browser.get(PAGE).status_code) == (403, 403)
    assert not office.services.uploads.folder.exists()


def test_an_upload_of_nobody_or_from_elsewhere_is_refused(office: House) -> None:
    admin = office.browser("admin")
    own = token(admin)
    files = {"file": ("f", HISTORY)}
    for given, headers in (({}, {}), ({"csrf": "0" * 64}, {}), ({"csrf": own}, {"Sec-Fetch-Site": "cross-site"})):
        answer = admin.post(PAGE, data={"kind": "events", **given}, files=files, headers=headers)
        assert answer.status_code == 403
    assert office.nobody().post(PAGE, data={"kind": "events"}, files=files).status_code == 403
    assert admin.post("/today/flags", data={"csrf": own}, files=files).status_code == 415
    assert not office.services.uploads.folder.exists()
    assert upload(admin, HISTORY).status_code == 303


def test_what_is_worked_on_stays_and_another_mapping_is_tried_anew(office: House) -> None:
    admin = office.browser("admin")
    table, mapping = ((EXAMPLES / f"sessions.{end}").read_bytes() for end in ("csv", "toml"))
    at = upload(admin, table, "csv", mapping).headers["location"]
    assert "Rows used 3" in step(office, admin, at, "preview")
    [kept] = office.services.uploads.folder.iterdir()
    going = threading.Event()
    said: dict[str, Any] = {"rows": [], "left": 0, "followed": 0, "alike": 0, "unmet": {}}
    office.services.jobs.start(IMPORT, "somebody", lambda _: said if going.wait(10) else {}, kept.name)
    answer = upload(admin, HISTORY)
    assert (answer.status_code, "being worked on" in words(answer.text)) == (422, True)
    going.set()
    office.services.jobs.wait()
    assert kept.exists()
    again = upload(admin, table, "csv", mapping).headers["location"]
    assert "Rows used 3" in step(office, admin, again, "preview")
    (office.services.uploads.folder / again.rpartition("/")[2] / "mapping.toml").write_bytes(mapping + b"# other\n")
    early = admin.post(f"{again}/import", data={"csrf": token(admin)})
    assert (early.status_code, "Look at the preview first" in words(early.text)) == (409, True)
    assert "Import now" not in words(admin.get(again).text)
