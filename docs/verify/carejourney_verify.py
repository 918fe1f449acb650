#!/usr/bin/env python3
"""Check what Care Journey says of its log, without Care Journey: a proof, a file of saved heads, an audit package.

    python carejourney_verify.py proof PROOF.json [--heads HEADS.ndjson] [--key KEY_ID]
    python carejourney_verify.py heads HEADS.ndjson [--key KEY_ID]
    python carejourney_verify.py package PACKAGE.zip [--heads HEADS.ndjson] [--key KEY_ID]

Needs Python 3.9 or newer and the package ``cryptography``. Exit 0: it holds. Exit 1: it does not, and why.
A proof shows that an entry stands in a log under a head that was signed. Whose signature that is, only you can say:
give the id of the first key as it was told to you (--key), or the heads that you saved yourself (--heads).
Hashes are SHA-256. The tree is that of RFC 9162, section 2.1; signatures are Ed25519 (RFC 8032).
"""

from __future__ import annotations

import argparse
import datetime as dt
import hashlib
import json
import sys
import zipfile
from pathlib import Path
from typing import Any, NamedTuple, NoReturn, cast

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

FORMAT = "carejourney proof 1"
PACKAGE = "carejourney package 1"
HEAD = ("log", "number", "size", "position", "root", "sealed_at", "previous", "key_id", "signature")
KEY = ("number", "key_id", "public_key", "since", "certified_by", "certificate")
ENTRY = ("client_id", "sequence", "topic", "state", "position")
PROOF = ("format", "entry", "index", "path", "head", "keys")
GROWTH = ("from_head", "consistency")
NUMBERS = {"number", "size", "position", "sealed_at", "since", "sequence", "index"}
SAID = {"event_id": "i", "actor": "w", "issuer": "u", "subject": "y", "role": "o", "source": "s", "site": "f"}
SAID.update(correlation_id="c", causation_id="k")
MARK = b',"h":"'  # before an entry's link to the previous one (44 characters) and its code (20)


class NotTrueError(Exception):
    """What was said does not hold."""


def fail(why: str) -> NoReturn:
    """Stop with the reason."""
    raise NotTrueError(why)


def sha256(data: bytes) -> bytes:
    """The SHA-256 of bytes."""
    return hashlib.sha256(data).digest()


def members(given: Any, names: tuple[str, ...], what: str) -> dict[str, Any]:
    """An object with exactly these members, numbers where numbers belong."""
    record = cast("dict[str, Any]", given)
    if not isinstance(given, dict) or tuple(record) != names:
        fail(f"{what} must have exactly {', '.join(names)}")
    for name, value in record.items():
        if name in NUMBERS and type(value) is not int:
            fail(f"{what}: {name} is no number")
        if name not in (*NUMBERS, *PROOF, *GROWTH) and not isinstance(value, str):
            fail(f"{what}: {name} is no text")
    return record


def unhex(text: str, size: int) -> bytes:
    """Bytes of lower-case hex digits."""
    if len(text) != 2 * size or set(text) - set("0123456789abcdef"):
        fail(f"not {size} bytes in lower-case hex digits")
    return bytes.fromhex(text)


def statement(kind: str, record: dict[str, Any], names: tuple[str, ...]) -> bytes:
    """What is signed: the fields but the signature, one a line."""
    return "\n".join([f"carejourney {kind} 1", *(str(record[name]) for name in names[:-1]), ""]).encode()


def check_signature(message: bytes, signature: str, public_key: str, what: str) -> None:
    """Fail unless the key's holder signed it."""
    try:
        Ed25519PublicKey.from_public_bytes(unhex(public_key, 32)).verify(unhex(signature, 64), message)
    except (InvalidSignature, ValueError):
        fail(f"the signature of {what} is false")


class Key(NamedTuple):
    """A public key, and the id of the key that vouches for it in the end."""

    public: str
    first: str


def known_keys(lines: list[dict[str, Any]]) -> dict[str, Key]:
    """The public keys by id, each certified by the one before it; one that certifies itself begins a new line."""
    keys, before_id = dict[str, Key](), ""
    before: Key | None = None
    for number, line in enumerate(lines, start=1):
        key = members(line, ("kind", *KEY), "a key")
        name, public = key["key_id"], key["public_key"]
        if key["kind"] != "key" or key["number"] != number:
            fail(f"key {number} is missing")
        if sha256(unhex(public, 32)).hex()[:32] != name:
            fail(f"key {number} does not have the id of its public key")
        begins = key["certified_by"] == name
        if name in keys or not (begins or (before and key["certified_by"] == before_id)):
            fail(f"key {number} is not certified by the key before it")
        by = public if begins or not before else before.public
        check_signature(statement("key", key, KEY), key["certificate"], by, f"key {number}")
        before, before_id = Key(public, name if begins or not before else before.first), name
        keys[name] = before
    return keys


def check_head(line: dict[str, Any], keys: dict[str, Key]) -> dict[str, Any]:
    """A head whose signature holds."""
    head = members(line, ("kind", *HEAD), "a head")
    if head["kind"] != "head" or head["key_id"] not in keys:
        fail("the head is signed by a key that is not there")
    message = statement("head", head, HEAD)
    check_signature(message, head["signature"], keys[head["key_id"]].public, f"head {head['number']}")
    return head


def leaf_of(entry: dict[str, Any]) -> bytes:
    """The leaf of an entry at its position."""
    state = entry["state"].encode()
    linked = state[-72:-66] == MARK and state.endswith(b'"}')
    covered, code = (state[:-22], state[-22:-2]) if linked else (state, b"")
    topic = entry["topic"].encode()
    start = "{}/{}/{}/".format(entry["client_id"], entry["sequence"], len(topic)).encode()
    unhex(entry["client_id"], 16)
    return sha256(b"\x00" + entry["position"].to_bytes(8, "big", signed=True) + sha256(start + topic + covered) + code)


def root_of(index: int, size: int, leaf: bytes, path: list[bytes]) -> bytes:
    """The root that a path leads to (RFC 9162, 2.1.3.2)."""
    if not 0 <= index < size:
        fail("the index is outside of the tree")
    place, last, node = index, size - 1, leaf
    for sibling in path:
        if last == 0:
            fail("the path is too long")
        if place & 1 or place == last:
            node = sha256(b"\x01" + sibling + node)
            while place and not place & 1:
                place, last = place >> 1, last >> 1
        else:
            node = sha256(b"\x01" + node + sibling)
        place, last = place >> 1, last >> 1
    if last:
        fail("the path is too short")
    return node


def check_growth(old: dict[str, Any], new: dict[str, Any], path: list[bytes]) -> None:
    """Fail unless the tree of the one head begins with that of the other (RFC 9162, 2.1.4.2)."""
    first, second = old["size"], new["size"]
    if old["log"] != new["log"] or not 0 < first <= second:
        fail("the earlier head is not one of the same log")
    roots = unhex(old["root"], 32), unhex(new["root"], 32)
    if first == second:
        if path or roots[0] != roots[1]:
            fail("two heads over as many entries differ")
        return
    rest = [roots[0], *path] if first & (first - 1) == 0 else list(path)
    if not rest:
        fail("nothing shows that the log only grew")
    place, last = first - 1, second - 1
    while place & 1:
        place, last = place >> 1, last >> 1
    before = after = rest[0]
    for sibling in rest[1:]:
        if last == 0:
            fail("the path from head to head is too long")
        if place & 1 or place == last:
            before, after = sha256(b"\x01" + sibling + before), sha256(b"\x01" + sibling + after)
            while place and not place & 1:
                place, last = place >> 1, last >> 1
        else:
            after = sha256(b"\x01" + after + sibling)
        place, last = place >> 1, last >> 1
    if last or (before, after) != roots:
        fail("the log did not only grow since the earlier head: entries of it were altered or removed")


def check_proof(text: bytes) -> tuple[dict[str, Any], str]:
    """A proof that holds, and the id of the key that its signatures come down to."""
    given = json.loads(text)
    proof = members(given, (*PROOF, *GROWTH) if isinstance(given, dict) and GROWTH[0] in given else PROOF, "a proof")
    if proof["format"] != FORMAT or text not in spellings(proof):
        fail(f"not written as a proof is ({FORMAT})")
    entry = members(proof["entry"], ENTRY, "the entry")
    keys = known_keys(proof["keys"])
    head = check_head(proof["head"], keys)
    if entry["position"] > head["position"]:
        fail("the head is not one over this entry")
    path = [unhex(node, 32) for node in proof["path"]]
    if root_of(proof["index"], head["size"], leaf_of(entry), path) != unhex(head["root"], 32):
        fail("the entry is not the one that was sealed: the path leads to another root")
    if GROWTH[0] in proof:
        check_growth(check_head(proof["from_head"], keys), head, [unhex(node, 32) for node in proof["consistency"]])
    return proof, keys[head["key_id"]].first


def spellings(proof: dict[str, Any]) -> tuple[bytes, bytes]:
    """How a proof is written to a file, and how it comes over HTTP."""
    spread = (json.dumps(proof, indent=2, ensure_ascii=False) + "\n").encode()
    return spread, json.dumps(proof, separators=(",", ":"), ensure_ascii=False).encode()


def check_heads(text: bytes) -> tuple[list[dict[str, Any]], str]:
    """The heads of a file, each signed and naming the one before it, and the id of the key that they come down to."""
    lines = [json.loads(line) for line in text.splitlines() if line]
    keys = known_keys([line for line in lines if line.get("kind") == "key"])
    heads = [check_head(line, keys) for line in lines if line.get("kind") != "key"]
    last: dict[str, dict[str, Any]] = {}
    for head in heads:
        before = last.get(head["log"])
        expected = sha256(statement("head", before, HEAD)).hex() if before else "0" * 64
        if head["number"] != (before["number"] + 1 if before else 1) or head["previous"] != expected:
            fail(f"head {head['number']} of {head['log']} does not follow the head before it")
        if before and (head["size"] < before["size"] or head["sealed_at"] < before["sealed_at"]):
            fail(f"head {head['number']} of {head['log']} goes back")
        last[head["log"]] = head
    if len(firsts := {keys[head["key_id"]].first for head in heads}) > 1:
        print(f"Beware: a key began anew. The signatures come down to {', '.join(sorted(firsts))}.")
    return heads, keys[heads[-1]["key_id"]].first if heads else ""


def files_of(path: Path) -> dict[str, bytes]:
    """The files of a package by name: of the archive, or of the folder that it was unpacked to."""
    if path.is_dir():
        return {file.relative_to(path).as_posix(): file.read_bytes() for file in path.rglob("*") if file.is_file()}
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def check_sums(files: dict[str, bytes]) -> None:
    """Fail unless the files are exactly those that the package lists, as it lists them."""
    lines = files.get("SHA256SUMS", b"").decode().splitlines()
    listed = {name: digest for digest, _, name in (line.partition("  ") for line in lines)}
    if set(files) != {*listed, "SHA256SUMS"}:
        fail(f"files were added or removed: {', '.join(sorted(set(files) ^ {*listed, 'SHA256SUMS'}))}")
    for name, digest in listed.items():
        if sha256(files[name]).hex() != digest:
            fail(f"{name} was altered")


def is_within(part: Any, whole: Any) -> bool:
    """Whether everything in ``part`` stands in ``whole`` as well; what is sealed in a proof is missing in it."""
    if isinstance(part, dict) and isinstance(whole, dict):
        known = cast("dict[str, Any]", whole)
        return all(is_within(value, known.get(name)) for name, value in cast("dict[str, Any]", part).items())
    return bool(part == whole)


def check_row(row: dict[str, Any], entry: dict[str, Any]) -> bool:
    """Fail unless a line of the history says what the proven entry does; False: its data is of an earlier form."""
    kind, _, version = entry["topic"].rpartition(".")
    kept = {"type": kind, **{name: entry[name] for name in ("client_id", "sequence", "position")}}
    unread = row["effect"] == "unreadable"  # then the history has its place alone
    state: dict[str, Any] = {} if unread else json.loads(entry["state"])
    if not unread:
        kept |= {n: state.get(key, "") for n, key in SAID.items()} | {"imported_by": state.get("b", {}).get("w")}
        kept |= {"occurred_at": moment(state["a"], state.get("z", 0)), "recorded_at": moment(state["r"])}
    wrong = [name for name, value in kept.items() if (row.get(name) or "") != (value or "")]
    if wrong or type(row["version"]) is not int or (row["version"] < int(version) and not unread):
        fail(f"the history's entry {row['sequence']} is not the one that was proved: {', '.join(wrong) or 'version'}")
    data = state.get("d", {})
    same = is_within(data, row["data"]) if "x" in state else bool(data == row["data"])
    if row["version"] > int(version) and not unread:
        return same
    if not same:
        fail(f"the history's entry {row['sequence']} says something else than the one that was proved")
    return True


def check_package(files: dict[str, bytes]) -> tuple[dict[str, Any], str, int]:
    """A package that holds: what it says of itself, the id of its first key, and how many entries' data is unproved."""
    check_sums(files)
    about = json.loads(files["package.json"])
    if about["format"] != PACKAGE:
        fail(f"not a package of the format {PACKAGE}")
    first, earlier = "", 0
    expected, waiting = dict[str, int](), set[str]()
    rows = json.loads(files["history.json"])
    for row in rows:
        stream = row["client_id"]
        expected[stream] = expected.get(stream, 0) + 1
        if row["sequence"] != expected[stream]:
            fail(f"entry {expected[stream]} of {stream} is missing in the history")
        if row["proof"] is None:
            if row["sequence"] not in about["not_sealed"].get(stream, ()):
                fail(f"entry {row['sequence']} of {stream} has no proof")
            waiting.add(stream)
            continue
        if stream in waiting:  # what is sealed is sealed from the beginning on
            fail(f"an entry of {stream} before entry {row['sequence']} has no proof")
        proof, first = check_proof(files[row["proof"]])
        if (proof["head"], proof.get("from_head")) != (about["head"], about["from_head"]):
            fail(f"{row['proof']} is not under the head that the package names")
        earlier += not check_row(row, proof["entry"])
    about["unreadable"] = [row for row in rows if row["effect"] == "unreadable"]  # as the history has it
    if expected != about["entries"]:
        fail("the history has more or fewer entries than the package says")
    if not first:
        fail("nothing in the package is sealed, so nothing is proved: ask for a newer one")
    return about, first, earlier


def moment(microseconds: int, minutes: int = 0) -> str:
    """A time, so many minutes east of UTC."""
    at = dt.datetime(1970, 1, 1, tzinfo=dt.timezone.utc) + dt.timedelta(microseconds=microseconds)  # noqa: UP017 - 3.9
    return at.astimezone(dt.timezone(dt.timedelta(minutes=minutes))).isoformat()


def check_trust(first: str, wanted: str) -> None:
    """Compare the key that vouches for the others with the one that the reader was told."""
    if wanted and wanted != first:
        fail(f"the first key is {first}, not {wanted}")
    if not wanted:
        print(f"The first key is {first}. Compare it with the one that you were told.")


def check_known(given: dict[str, Any], first: str, options: argparse.Namespace) -> None:
    """Compare what was given with what the reader knows: heads that were saved, or the first key."""
    if options.heads:
        saved, _ = check_heads(Path(options.heads).read_bytes())
        if given["head"] not in saved and given.get("from_head") not in saved:
            fail(f"head {given['head']['number']} is not among the saved ones: ask for a proof from such a head")
    if options.key or not options.heads:
        check_trust(first, options.key)


def run_proof(options: argparse.Namespace) -> None:
    """The command ``proof``."""
    proof, first = check_proof(Path(options.file).read_bytes())
    entry, head = proof["entry"], proof["head"]
    check_known(proof, first, options)
    sealed = moment(head["sealed_at"])
    print(f"True: entry {entry['sequence']} of client {entry['client_id']} ({entry['topic']}) stands at position")
    print(f"{entry['position']} of the log {head['log']} under head {head['number']}, sealed {sealed}.")
    if GROWTH[0] in proof:
        print(f"The log only grew since head {proof['from_head']['number']}.")


def run_heads(options: argparse.Namespace) -> None:
    """The command ``heads``."""
    heads, first = check_heads(Path(options.file).read_bytes())
    check_trust(first, options.key)
    for head in {head["log"]: head for head in heads}.values():
        print(
            f"True: {head['log']}, head {head['number']}, entries: {head['size']}, sealed {moment(head['sealed_at'])}."
        )


def run_package(options: argparse.Namespace) -> None:
    """The command ``package``."""
    about, first, earlier = check_package(files_of(Path(options.file)))
    check_known(about, first, options)
    count = sum(about["entries"].values())
    waiting = sum(len(sequences) for sequences in about["not_sealed"].values())
    print(f"True: entries that stand in the sealed log as the history tells them: {count - waiting} of {count}.")
    for row in about["unreadable"]:
        print("Unreadable: entry {sequence} of {client_id}, position {position}, id {event_id}".format(**row))
    if earlier:
        print(f"Of {earlier} of them only who, when and which type: their data was recorded in an earlier form.")
    if waiting:
        print(f"Entries not sealed when the package was made, which nothing proves: {waiting}. Ask for a newer one.")
    print("No proof covers what the program makes of the entries (effect, before, after, late_days), nor the other")
    print("files: accesses, disclosures, recipient and README are as whoever made the package wrote them.")


def main() -> int:
    """Run it."""
    parser = argparse.ArgumentParser(description="Check a proof, saved heads or an audit package of Care Journey.")
    commands = parser.add_subparsers(required=True)
    for name, run in (("proof", run_proof), ("heads", run_heads), ("package", run_package)):
        command = commands.add_parser(name)
        command.add_argument("file")
        command.add_argument("--key", default="", help="the id of the first key, as you were told it")
        command.set_defaults(run=run, heads="")
        if name != "heads":
            command.add_argument("--heads", default="", help="heads that you saved yourself")
    options = parser.parse_args()
    try:
        options.run(options)
    except (NotTrueError, OSError, ValueError, TypeError, AttributeError, OverflowError, RecursionError) as error:
        print(f"FALSE: {error}")
        return 1
    except (KeyError, zipfile.BadZipFile) as error:
        print(f"FALSE: not a package: {error}")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
