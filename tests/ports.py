"""Ports for servers that tests start."""

from __future__ import annotations

import random
import socket

_PORTS = range(20_000, 32_000)  # below those that the system gives to outgoing connections, which could take one first


def free_port() -> int:
    """A port of this machine on which nobody listens."""
    for port in random.sample(_PORTS, 1000):
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise OSError("no port is free")
