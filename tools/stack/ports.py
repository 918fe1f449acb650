"""Ports for servers: free, and given to nobody else on this machine while the process that asked for them lives.

A server that is told its port binds it seconds later, on a busy machine half a minute. Until then everybody who looks
finds the port free, so whoever takes one locks a byte of a file that all share.
"""

from __future__ import annotations

import fcntl
import os
import random
import socket
import tempfile
from functools import cache
from pathlib import Path

_PORTS = range(20_000, 32_000)  # below those that the system gives to outgoing connections, which could take one first
_given: set[int] = set()


def free_port(wanted: int = 0, together: int = 1) -> int:
    """A port that nobody listens on, the wanted one if it can be; with ``together`` the next ones are taken too.

    Raises:
        OSError: there is none.
    """
    for port in (wanted, *random.sample(_PORTS, 1000)):
        if port and all(map(_take, range(port, port + together))):
            return port
    raise OSError("no port is free")


def _take(port: int) -> bool:
    if port in _given or not _is_free(port):
        return False
    try:
        fcntl.lockf(_locks(), fcntl.LOCK_EX | fcntl.LOCK_NB, 1, port)
    except OSError:
        return False
    _given.add(port)  # a lock does not keep its own process out
    return True


@cache
def _locks() -> int:
    """The file's descriptor; it is never closed, for that would end all locks that this process has."""
    return os.open(Path(tempfile.gettempdir()) / f"carejourney-ports-{os.getuid()}", os.O_RDWR | os.O_CREAT, 0o600)


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True
