"""Every proof verifies without this program, and no altered one does."""

from __future__ import annotations

import copy
import random
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import orjson
import pytest

from infra.eventstore.setup import open_log
from infra.integrity.key_rotation import rotate, signing_key
from infra.integrity.proofs import NoSuchEntryError, NotSealedError, ProofError, find_entry, prove
from infra.integrity.saved_heads import lines_of
from infra.integrity.signing_key import SigningKey
from tests.conftest import ROOT
from tests.day import UTC_DAYS
from tests.infra.integrity.sealed import SealedLog, file_log, holds, sealed_log
from tests.spec import KEY, NOW


@pytest.mark.parametrize("entries", [1, 2, 3, 1023, 1024, 1025, 2_100])
def test_every_kind_of_place_in_the_tree_has_a_proof(tmp_path: Path, entries: int) -> None:
    log = file_log(tmp_path, entries)
    places = {0, 1, 2, 1022, 1023, 1024, 1025, 2047, 2048, entries - 2, entries - 1}
    for place in sorted(places & set(range(entries))):
        assert holds(log.proof(log.event_ids[place]))


def test_every_entry_of_a_log_that_grew_has_one_from_every_head(tmp_path: Path) -> None:
    log = file_log(tmp_path, 5)
    for _ in range(4):
        log.write(7)
        log.seal()
    heads = log.seals.heads("care")
    assert [head.size for head in heads] == [5, 12, 19, 26, 33]
    for event_id in log.event_ids:
        for since in heads:
            assert holds(log.proof(event_id, since))


def test_a_proof_over_several_tiles_shows_that_the_log_only_grew(tmp_path: Path) -> None:
    log = file_log(tmp_path, 1_500)
    log.write(1_600)
    log.seal()
    first, _ = log.seals.heads("care")
    assert holds(log.proof(log.event_ids[1_400], first))


def test_no_bit_of_a_proof_can_be_turned(tmp_path: Path) -> None:
    log = file_log(tmp_path, 40)
    [first] = log.seals.heads("care")
    log.write(20)
    log.seal()
    proof = log.proof(log.event_ids[17], first)
    assert holds(proof)
    for place in range(len(proof)):
        altered = bytearray(proof)
        altered[place] ^= 1 << (place % 8)
        assert not holds(bytes(altered)), place


def _foreign_key(proof: dict[str, Any], _: dict[str, Any]) -> None:
    key = SigningKey.generate()
    proof["keys"][0] |= {"key_id": key.key_id, "public_key": key.public_key, "certified_by": key.key_id}


ALTERATIONS: dict[str, Callable[[dict[str, Any], dict[str, Any]], None]] = {
    "the entry of another proof": lambda proof, other: proof.update(entry=other["entry"]),
    "the index of another proof": lambda proof, other: proof.update(index=other["index"]),
    "the path of another proof": lambda proof, other: proof.update(path=other["path"]),
    "a path with one more": lambda proof, _: proof["path"].append(proof["path"][-1]),
    "a path with one less": lambda proof, _: proof["path"].pop(),
    "a path in another order": lambda proof, _: proof["path"].reverse(),
    "a larger tree": lambda proof, _: proof["head"].update(size=proof["head"]["size"] + 1),
    "a later time": lambda proof, _: proof["head"].update(sealed_at=proof["head"]["sealed_at"] + 1),
    "another log": lambda proof, _: proof["head"].update(log="access"),
    "another number of the head": lambda proof, _: proof["head"].update(number=9),
    "another position": lambda proof, _: proof["entry"].update(position=proof["entry"]["position"] + 1),
    "another stream": lambda proof, other: proof["entry"].update(client_id=other["entry"]["client_id"][::-1]),
    "an empty signature": lambda proof, _: proof["head"].update(signature=""),
    "no keys": lambda proof, _: proof.update(keys=[]),
    "a foreign key": _foreign_key,
    "a member too many": lambda proof, _: proof.update(note="true"),
    "a number that is true": lambda proof, _: proof["entry"].update(sequence=True),
}


@pytest.mark.parametrize("name", ALTERATIONS)
def test_no_part_of_a_proof_can_be_replaced(tmp_path: Path, name: str) -> None:
    log = file_log(tmp_path, 30)
    proof, other = (orjson.loads(log.proof(log.event_ids[place])) for place in (4, 21))
    before = copy.deepcopy(proof)
    ALTERATIONS[name](proof, other)
    assert proof != before
    assert not holds(orjson.dumps(proof, option=orjson.OPT_INDENT_2) + b"\n")


def test_what_is_not_there_or_not_sealed_has_no_proof(tmp_path: Path) -> None:
    log = file_log(tmp_path, 3)
    with pytest.raises(NoSuchEntryError):
        find_entry(log.named, "0" * 32)
    log.write(1)
    with pytest.raises(NotSealedError, match="not sealed yet"):
        log.proof(log.event_ids[-1])


def test_nothing_is_proved_of_an_altered_log(tmp_path: Path) -> None:
    log = file_log(tmp_path, 30)
    with log.log.recorder.writing() as tx:
        tx.rows(f"UPDATE {tx.events_table} SET topic='NoteAdded.2' WHERE {tx.position_column}=9")
    with pytest.raises(ProofError, match="audit verify"):
        log.proof(log.event_ids[3])


def test_proofs_hold_over_a_rotation_of_the_key(tmp_path: Path) -> None:
    log = file_log(tmp_path, 10)
    log.key.write(tmp_path / "signing")
    [first] = log.seals.heads("care")
    for _ in range(2):
        rotate(tmp_path / "signing", log.seals, lambda: NOW)
        log.key = signing_key(tmp_path / "signing", log.seals, create=False)
        log.write(3)
        log.seal()
    assert [key.number for key in log.seals.public_keys()] == [1, 2, 3]
    assert holds(log.proof(log.event_ids[2], first))


def run(*arguments: str) -> tuple[int, str]:
    """The script as an auditor runs it."""
    script = ROOT / "docs/verify/carejourney_verify.py"
    done = subprocess.run([sys.executable, str(script), *arguments], capture_output=True, text=True, check=False)
    return done.returncode, done.stdout + done.stderr


def kept(log: SealedLog, folder: Path) -> str:
    path = folder / "heads.ndjson"
    path.write_bytes(lines_of([*log.seals.public_keys(), *log.seals.heads()]))
    return str(path)


def test_an_auditor_runs_the_script(tmp_path: Path) -> None:
    log = file_log(tmp_path, 12)
    heads, proof = kept(log, tmp_path), tmp_path / "proof.json"
    proof.write_bytes(log.proof(log.event_ids[5]))
    code, said = run("proof", str(proof))
    assert (code, log.key.key_id in said) == (0, True)
    assert run("proof", str(proof), "--key", log.key.key_id, "--heads", heads)[0] == 0
    assert run("proof", str(proof), "--key", "0" * 32)[0] == 1
    assert run("heads", heads, "--key", log.key.key_id)[0] == 0
    code, said = run("heads", str(proof))
    assert (code, said.startswith("FALSE: ")) == (1, True)


def test_a_proof_of_another_history_does_not_pass_saved_heads(tmp_path: Path) -> None:
    log = file_log(tmp_path, 12)
    heads = kept(log, tmp_path)
    folder = tmp_path / "other"
    folder.mkdir()
    other = SealedLog(open_log(f"sqlite:///{folder}/log.db", KEY, UTC_DAYS, lambda: NOW), log.key)
    other.write(13)
    other.seal()
    proof = folder / "proof.json"
    proof.write_bytes(other.proof(other.event_ids[5]))
    assert run("proof", str(proof))[0] == 0
    assert "not among the saved ones" in run("proof", str(proof), "--heads", heads)[1]


def test_proofs_on_postgresql(postgres_url: str) -> None:
    log = sealed_log(postgres_url, 1_100)
    for event_id in random.Random(5).sample(log.event_ids, 10):
        proof = log.proof(event_id)
        assert holds(proof)
        assert not holds(proof.replace(b'"index": ', b'"index": 1', 1))
    log.log.close()


def test_prove_asks_for_the_newest_head_by_itself(tmp_path: Path) -> None:
    log = file_log(tmp_path, 4)
    log.write(4)
    [second] = log.seal()
    proof = prove(log.named, log.seals, find_entry(log.named, log.event_ids[0]))
    assert proof["head"]["number"] == second.number == 2
