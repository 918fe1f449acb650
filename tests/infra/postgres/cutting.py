"""A proxy before a server: it cuts a connection at a chosen word or statement, or stops forwarding with all of them open."""

from __future__ import annotations

import socket
import threading
from contextlib import suppress
from dataclasses import dataclass, field

_ASKED = (ord("E"), ord("Q"))  # Execute and Query: a statement ends with one of them
_SSL_REQUEST = 8  # its length; what comes first has no letter before it


@dataclass(eq=False)
class _Statements:
    """Finds where statements end in the bytes that a client sends, whatever pieces they come in."""

    _head: bytearray = field(default_factory=bytearray)
    _letter: int = 0
    _left: int = 0
    _begun: bool = False

    def ends(self, data: bytes) -> list[int]:
        """The places in ``data`` right after each statement."""
        found: list[int] = []
        at = 0
        while at < len(data):
            if not self._left:
                self._head.append(data[at])
                at += 1
                self._read_head()
            else:
                taken = min(self._left, len(data) - at)
                self._left -= taken
                at += taken
            if not self._left and not self._head and self._letter in _ASKED:
                found.append(at)
                self._letter = 0
        return found

    def _read_head(self) -> None:
        if len(self._head) < (5 if self._begun else 4):
            return
        length = int.from_bytes(self._head[-4:])
        self._letter = self._head[0] if self._begun else 0
        self._begun = self._begun or length != _SSL_REQUEST
        self._left = length - 4
        self._head.clear()


class Cutter:
    """Forwards to a port.

    ``cut_after`` ends a connection once the server got that word, before it can answer; ``cut_statement`` does it at
    a statement of any connection. While it is held (``hold``), nothing arrives on either side and nothing is closed.
    """

    def __init__(self, port: int) -> None:
        self._target = port
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self.cut_after = b""
        self.cuts = 0
        self._flows = threading.Event()
        self._flows.set()
        self._at: tuple[int, bool] | None = None
        self._counts: dict[_Statements, int] = {}
        self._armed = threading.Lock()
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        self._flows.set()
        self._listener.close()

    def hold(self) -> None:
        """Stop forwarding, as a network that loses every packet."""
        self._flows.clear()

    def flow(self) -> None:
        """Forward again, first what was kept."""
        self._flows.set()

    def cut_statement(self, number: int, *, heard: bool) -> None:
        """Cut the first connection that comes to its ``number``-th statement from now on; 0 takes it back.

        Args:
            number: counted for each connection by itself, from 1.
            heard: the server gets that statement still, and nobody hears its answer.
        """
        with self._armed:
            self._at = (number, heard) if number else None
            self._counts.clear()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            try:
                server = socket.create_connection(("127.0.0.1", self._target))
            except OSError:
                client.close()
                continue
            for end in (client, server):  # as the ends set it themselves: else each statement of a pipeline waits 40 ms
                end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            for words in ((client, server, _Statements()), (server, client, None)):
                threading.Thread(target=self._forward, args=words, daemon=True).start()

    def _forward(self, source: socket.socket, target: socket.socket, asking: _Statements | None) -> None:
        heard = False
        try:
            while data := source.recv(65_536):
                self._flows.wait()
                rest = self._until_cut(asking, data) if asking else None
                if rest is not None:
                    heard = bool(rest)
                    source.shutdown(socket.SHUT_RDWR)  # the asker hears nothing more
                    target.sendall(rest)
                    return
                target.sendall(data)
        except OSError:
            pass
        finally:
            if not heard:  # else the server works on: its answer goes nowhere
                for end in (source, target):
                    _hung_up(end)

    def _until_cut(self, asking: _Statements, data: bytes) -> bytes | None:
        """What the server gets still where the connection is cut within ``data``; None: it is not."""
        ends = asking.ends(data)
        with self._armed:
            if self.cut_after and self.cut_after in data:
                self.cut_after = b""
                self.cuts += 1
                return data
            if self._at is None:
                return None
            before = self._counts.get(asking, 0)
            self._counts[asking] = before + len(ends)
            number, heard = self._at
            if self._counts[asking] < number:
                return None
            self._at = None
            self.cuts += 1
            last = [0, *ends][number - before - (0 if heard else 1)]
            return data[:last]


def _hung_up(end: socket.socket) -> None:
    """Close it for the other side too, though the thread of the other direction may be waiting for it."""
    with suppress(OSError):
        end.shutdown(socket.SHUT_RDWR)
    end.close()
