"""The audit package: it is believed by the script in it, whatever is altered is found, and making one is on record."""

from __future__ import annotations

import hashlib
import io
import json
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings, strategies as st
from pydantic import SecretStr

from infra.bootstrap import Services, open_services
from infra.disclosure.disclosures import DisclosureRefusedError, accesses
from infra.identity.people import operator
from infra.integrity.package import PackageRequest, verifier, write_package
from infra.integrity.saved_heads import lines_of
from infra.integrity.seal_setup import CARE, seal, seals_of
from infra.settings import Settings
from infra.simulator.demo import fill
from tests.api.access.conftest import House, house as house
from tests.conftest import ROOT
from tests.day import clock_of_the_day
from tests.poison import BAD_ID, HIDDEN, POISONS, poison

WHO = operator("audit package")
Files = dict[str, bytes]


@pytest.fixture(scope="module")
def services(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Services]:
    folder = tmp_path_factory.mktemp("package")
    found = open_services(Settings(database_url=SecretStr(f"sqlite:///{folder}/log.db"), demo=True), clock_of_the_day())
    fill(found.log, 10, 7)
    found.catch_up()
    yield found
    found.close()


@pytest.fixture(scope="module")
def script() -> Any:
    namespace: dict[str, Any] = {"__name__": "carejourney_verify"}
    exec(compile(verifier(), "carejourney_verify.py", "exec"), namespace)  # as an auditor runs it
    return namespace


def packed(services: Services, reference: str, **asked: Any) -> Files:
    archive = io.BytesIO()
    written = write_package(services, WHO, reference, archive, PackageRequest(**asked))
    with zipfile.ZipFile(archive) as found:
        files = {name: found.read(name) for name in found.namelist()}
    assert len(json.loads(files["history.json"])) == written.entries
    return files


def summed(files: Files) -> Files:
    """With sums that fit, as whoever alters a package would leave it."""
    own = {name: data for name, data in files.items() if name != "SHA256SUMS"}
    lines = [f"{hashlib.sha256(data).hexdigest()}  {name}\n" for name, data in sorted(own.items())]
    return own | {"SHA256SUMS": "".join(lines).encode()}


def test_every_package_is_believed_by_the_script_that_it_holds(services: Services, script: Any) -> None:
    for number in range(1, 6):
        files = packed(services, f"SIM-{number:06d}")
        about, first, earlier = script["check_package"](files)
        assert (about["not_sealed"], len(first), earlier) == ({}, 32, 0)
        assert files["carejourney_verify.py"] == (ROOT / "docs/verify/carejourney_verify.py").read_bytes()


def test_the_script_runs_by_itself(services: Services, tmp_path: Path) -> None:
    for name, data in packed(services, "SIM-000003").items():
        target = tmp_path / "package" / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(data)
    heads = tmp_path / "heads.ndjson"
    seals = seals_of(services)
    heads.write_bytes(lines_of([*seals.public_keys(), *seals.heads()]))
    words = [sys.executable, "-I", "package/carejourney_verify.py", "package", "package", "--heads", str(heads)]
    told = subprocess.run(words, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (told.returncode, told.stderr) == (0, "")
    assert "stand in the sealed log as the history tells them" in told.stdout
    heads.write_bytes(lines_of([*seals.public_keys(), *seals.heads(CARE)[:0]]))
    told = subprocess.run(words, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (told.returncode, told.stdout[:6]) == (1, "FALSE:")


def _rows(change: Callable[[list[dict[str, Any]]], object]) -> Callable[[Files], None]:
    def alter(files: Files) -> None:
        rows = json.loads(files["history.json"])
        change(rows)
        files["history.json"] = json.dumps(rows).encode()

    return alter


def _levels(rows: list[dict[str, Any]]) -> dict[str, Any]:
    return next(row for row in rows if row["data"].get("level"))


def _open_entry(files: Files) -> int:
    """The place of an entry of which nothing is sealed."""
    rows = json.loads(files["history.json"])
    states = [json.loads(json.loads(files[row["proof"]])["entry"]["state"]) for row in rows]
    return next(place for place, state in enumerate(states) if "x" not in state)


def _without_proof(files: Files) -> None:
    """An entry in between that is said to wait for its seal."""
    row = json.loads(files["history.json"])[2]
    _rows(lambda rows: rows[2].update(proof=None))(files)
    _about(not_sealed={row["client_id"]: [row["sequence"]]})(files)


def _without_any(files: Files) -> None:
    rows = json.loads(files["history.json"])
    _rows(lambda found: [row.update(proof=None) for row in found])(files)
    _about(not_sealed={row["client_id"]: list(range(1, len(rows) + 1)) for row in rows})(files)


def _about(**values: Any) -> Callable[[Files], None]:
    def alter(files: Files) -> None:
        files["package.json"] = json.dumps({**json.loads(files["package.json"]), **values}).encode()

    return alter


ALTERATIONS: dict[str, Callable[[Files], None]] = {
    "somebody else": _rows(lambda rows: rows[2].update(actor="somebody else")),
    "another role": _rows(lambda rows: rows[2].update(role="admin")),
    "another time": _rows(lambda rows: rows[2].update(occurred_at="2020-01-01T00:00:00+00:00")),
    "recorded earlier": _rows(lambda rows: rows[2].update(recorded_at="2020-01-01T00:00:00+00:00")),
    "through something else": _rows(lambda rows: rows[2].update(source="paper")),
    "another site": _rows(lambda rows: rows[2].update(site="elsewhere")),
    "another place": _rows(lambda rows: rows[2].update(position=1)),
    "another type": _rows(lambda rows: _levels(rows).update(type="ChartClosed", data={})),
    "an earlier version": _rows(lambda rows: _levels(rows).update(version=0)),
    "a word more": lambda files: _rows(lambda rows: rows[_open_entry(files)]["data"].update(invented="yes"))(files),
    "waits in between": _without_proof,
    "nothing proved": _without_any,
    "other words": _rows(
        lambda rows: next(row for row in rows if row["data"].get("level"))["data"].update(level="alumni")
    ),
    "a line less": _rows(lambda rows: rows.pop()),
    "a line less in between": _rows(lambda rows: rows.pop(1)),
    "a line twice": _rows(lambda rows: rows.append(rows[-1])),
    "no proof": _rows(lambda rows: rows[3].update(proof=None)),
    "another's proof": _rows(lambda rows: rows[3].update(proof=rows[4]["proof"])),
    "another head": _about(head=None),
    "another format": _about(format="carejourney package 9"),
}


@pytest.mark.parametrize("name", ALTERATIONS)
def test_what_is_altered_with_sums_that_fit_is_found(one: Files, script: Any, name: str) -> None:
    files = dict(one)
    ALTERATIONS[name](files)
    with pytest.raises((script["NotTrueError"], KeyError)):
        script["check_package"](summed(files))


def test_an_earlier_form_is_counted(one: Files, script: Any) -> None:
    files = dict(one)
    _rows(lambda rows: _levels(rows).update(version=2))(files)
    assert script["check_package"](summed(files))[2] == 0  # the same data in a newer version is proved
    _rows(lambda rows: _levels(rows).update(data={"said": "otherwise"}))(files)
    assert script["check_package"](summed(files))[2] == 1


@pytest.fixture(scope="module")
def one(services: Services) -> Files:
    return packed(services, "SIM-000005")


@settings(max_examples=30)
@given(data=st.data())
def test_a_changed_byte_anywhere_is_found(one: Files, script: Any, data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(sorted(one)))
    place = data.draw(st.integers(0, len(one[name]) - 1))
    changed = one[name][:place] + bytes([one[name][place] ^ 1 << data.draw(st.integers(0, 7))]) + one[name][place + 1 :]
    with pytest.raises((script["NotTrueError"], ValueError, KeyError)):
        script["check_package"]({**one, name: changed})


def test_a_file_more_or_less_is_found(one: Files, script: Any) -> None:
    for files in ({**one, "more.txt": b""}, {name: data for name, data in one.items() if name != "accesses.json"}):
        with pytest.raises(script["NotTrueError"], match="added or removed"):
            script["check_package"](files)


def test_it_grows_from_a_head_that_was_saved(house: House, script: Any) -> None:
    house.admit("A-1", "north")
    seal(house.services)
    since = seals_of(house.services).last(CARE)
    assert since is not None
    house.record("A-1", "add-note", text="Arrived late")
    about, _, _ = script["check_package"](packed(house.services, "A-1", since=since))
    assert (about["from_head"]["number"], about["head"]["number"]) == (1, 2)


def test_a_package_within_the_programme_is_a_look(services: Services) -> None:
    client_id = services.log.client_id("SIM-000004")
    files = packed(services, "SIM-000004")
    last = accesses(services, client_id)[-1]
    assert (last.kind, last.doing) == ("ChartsRead", "audit package")
    assert json.loads(files["accesses.json"])[-1]["position"] == last.position
    assert "notice.json" not in files


def test_a_package_leaves_under_a_consent_only(house: House) -> None:
    house.admit("A-1", "north")
    services, client_id = house.services, house.services.log.client_id("A-1")
    with pytest.raises(DisclosureRefusedError):
        packed(services, "A-1", recipient="State audit office", purpose="audit")
    assert accesses(services, client_id)[-1].kind == "DisclosureRefused"
    house.record(
        "A-1", "give-consent", consent_id="c-9", recipient="State audit office", purpose="audit", expires_on=None
    )
    files = packed(services, "A-1", recipient="State audit office", purpose="audit")
    assert "42 CFR part 2" in json.loads(files["notice.json"])["notice"]
    assert json.loads(files["disclosures.json"])[-1]["recipient"] == "State audit office"
    assert b"42 CFR part 2" in files["README.txt"]


def test_what_cannot_be_sealed_is_said(house: House, script: Any) -> None:
    house.admit("A-1", "north")
    seal(house.services)
    house.record("A-1", "add-note", text="Arrived late")
    signing = house.services.settings.signing_file
    assert signing is not None
    signing.unlink()
    about, _, _ = script["check_package"](packed(house.services, "A-1"))
    assert about["not_sealed"] == {house.services.log.client_id("A-1"): [4]}


@pytest.mark.parametrize("kind", POISONS)
def test_an_entry_that_cannot_be_read_is_named_by_its_place(house: House, kind: str, tmp_path: Path) -> None:
    house.admit("A-1", "north")
    poison(house.services.log, "A-1", kind)
    house.record("A-1", "add-note", text="Arrived late")
    files = packed(house.services, "A-1")
    client_id = house.services.log.client_id("A-1")
    [place] = json.loads(files["package.json"])["unreadable"]
    assert (place["client_id"], place["sequence"], place["position"]) == (client_id, 4, 4)
    assert place["event_id"] == BAD_ID
    assert [row["effect"] for row in json.loads(files["history.json"])].index("unreadable") == 3
    readme = files["README.txt"].decode()
    assert "1 of them could not be read" in readme
    assert f"entry 4 of {client_id}, position 4" in readme
    assert HIDDEN not in readme + files["history.json"].decode() + files["package.json"].decode()
    said = told(files, tmp_path)
    assert "True: entries that stand in the sealed log as the history tells them: 5 of 5." in said
    assert f"Unreadable: entry 4 of {client_id}, position 4" in said


def told(files: Files, folder: Path) -> str:
    """What the script in a package prints of it; it must hold."""
    archive = folder / "package.zip"
    with zipfile.ZipFile(archive, "w") as target:
        for name, data in files.items():
            target.writestr(name, data)
    script = ROOT / "docs/verify/carejourney_verify.py"
    words = [sys.executable, "-I", str(script), "package", str(archive)]
    found = subprocess.run(words, capture_output=True, text=True, check=False)
    assert (found.returncode, found.stderr) == (0, ""), found.stdout
    return found.stdout


def test_an_entry_that_is_said_to_be_unreadable_is_told_and_has_its_own_place(
    one: Files, house: House, script: Any
) -> None:
    hidden = dict(one)
    _rows(lambda rows: rows[2].update(effect="unreadable", data={}))(hidden)
    said, _, _ = script["check_package"](summed(hidden))
    assert [row["sequence"] for row in said["unreadable"]] == [3]  # whatever the manifest says
    house.admit("A-1", "north")
    poison(house.services.log, "A-1")
    files = packed(house.services, "A-1")
    for change in ({"type": "NoteAdded"}, {"data": {"text": "invented"}}, {"position": 1}):
        altered = dict(files)
        _rows(lambda rows, change=change: rows[3].update(change))(altered)
        with pytest.raises(script["NotTrueError"]):
            script["check_package"](summed(altered))


def test_a_package_of_before_that_was_said_still_holds(one: Files, script: Any) -> None:
    files = dict(one)
    about = json.loads(files["package.json"])
    assert about.pop("unreadable") == []
    files["package.json"] = json.dumps(about).encode()
    script["check_package"](summed(files))
