"""Key provider that runs an operator's command, for a key management service.

The command is called as ``COMMAND key-id``, ``COMMAND wrap`` and ``COMMAND unwrap``; the last two get base64 on
standard input and answer base64 on standard output. The service wraps one key of ours, which is kept wrapped in a file;
that key wraps the clients' keys. So the service is asked once when a process starts, and never for each client.
"""

from __future__ import annotations

import base64
import os
import shlex
import subprocess
from pathlib import Path

import orjson

from infra.eventstore.keyring import KEY_BYTES, LocalMasterKey, MasterKeyError
from infra.runtime.private_files import make_private_folder

TIMEOUT_SECONDS = 30


class CommandMasterKey(LocalMasterKey):
    """The master key whose wrapped form stands in ``file``; with ``create`` it is made on first use.

    Raises:
        MasterKeyError: the command fails, or the file is missing or not what this command wrapped.
    """

    def __init__(self, command: str, file: Path, *, create: bool) -> None:
        """Ask the command once."""
        if not file.exists():
            if not create:
                msg = f"no wrapped master key at {file}: put the file there that belongs to this log"
                raise MasterKeyError(msg)
            _make(command, file)
        super().__init__(_read(command, file))


def _make(command: str, file: Path) -> None:
    key = os.urandom(KEY_BYTES)
    wrapped = base64.b64encode(_asked(command, "wrap", key)).decode()
    content = {"key_id": _run(command, "key-id").decode(errors="replace").strip(), "wrapped": wrapped}
    make_private_folder(file.parent)
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as target:
        target.write(orjson.dumps(content) + b"\n")
        target.flush()
        os.fsync(target.fileno())


def _read(command: str, file: Path) -> bytes:
    try:
        content = orjson.loads(file.read_bytes())
        wrapped = base64.b64decode(content["wrapped"], validate=True)
    except (ValueError, KeyError, TypeError):
        msg = f"{file} holds no wrapped master key: it is one JSON object with key_id and wrapped"
        raise MasterKeyError(msg) from None
    key = _asked(command, "unwrap", wrapped)
    if len(key) != KEY_BYTES:
        msg = f"the key command answered {len(key)} bytes to unwrap, not {KEY_BYTES}: check that it is the same service"
        raise MasterKeyError(msg)
    return key


def _asked(command: str, verb: str, content: bytes) -> bytes:
    answer = _run(command, verb, base64.b64encode(content))
    try:
        return base64.b64decode(answer.strip(), validate=True)
    except ValueError:
        msg = f"the key command did not answer base64 to {verb}: see docs/privacy.md for what it must do"
        raise MasterKeyError(msg) from None


def _run(command: str, verb: str, content: bytes = b"") -> bytes:
    """What the command prints; its messages are not repeated, since they may hold secrets."""
    arguments = [*shlex.split(command), verb]
    try:
        done = subprocess.run(arguments, input=content, capture_output=True, timeout=TIMEOUT_SECONDS, check=False)  # noqa: S603
    except (OSError, subprocess.TimeoutExpired) as error:
        msg = f"the key command cannot be run ({type(error).__name__}): check CAREJOURNEY_MASTER_KEY_COMMAND"
        raise MasterKeyError(msg) from None
    if done.returncode:
        msg = f"the key command ended with {done.returncode} on {verb}: run it by hand to see why"
        raise MasterKeyError(msg)
    return done.stdout
