"""The address that a server listens on."""

from __future__ import annotations

import errno
import socket

from domain.errors import ExpectedError


class AddressError(ExpectedError, kind="settings"):
    """Nobody can listen there; the message says why and what to do."""


def taken_address(host: str, port: int) -> socket.socket:
    """A socket that has the address, and answers nobody until it is served.

    Taken before what takes long, so that a port in use is told at once.

    Raises:
        AddressError: the address is in use, or is none of this machine.
    """
    taken = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_STREAM)
    taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        taken.bind((host, port))
    except (OSError, OverflowError) as error:
        taken.close()
        if isinstance(error, OSError) and error.errno == errno.EADDRINUSE:
            raise AddressError(f"port {port} is in use: give another one with --port") from None
        reason = error.strerror if isinstance(error, OSError) else "a port is a number from 0 to 65535"
        raise AddressError(f"cannot listen on {host}, port {port}: {reason}") from None
    return taken
