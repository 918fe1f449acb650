"""A proxy before a server that cuts a connection at a chosen word: what follows it is in doubt."""

from __future__ import annotations

import socket
import threading


class Cutter:
    """Forwards to a port. ``cut_after`` ends a connection once the server got that word, before it can answer."""

    def __init__(self, port: int) -> None:
        self._target = port
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self.cut_after = b""
        self.cuts = 0
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        self._listener.close()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            server = socket.create_connection(("127.0.0.1", self._target))
            for words in ((client, server, True), (server, client, False)):
                threading.Thread(target=self._forward, args=words, daemon=True).start()

    def _forward(self, source: socket.socket, target: socket.socket, asking: bool) -> None:
        try:
            while data := source.recv(65_536):
                if asking and self.cut_after and self.cut_after in data:
                    self.cut_after = b""
                    self.cuts += 1
                    source.shutdown(socket.SHUT_RDWR)  # the asker hears nothing more
                    target.sendall(data)
                    return  # the server works on: its answer goes nowhere
                target.sendall(data)
        except OSError:
            pass
        finally:
            if not (asking and self.cuts):
                for end in (source, target):
                    end.close()
