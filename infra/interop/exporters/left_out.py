"""Clients that an export leaves out, since an entry of theirs cannot be read here."""

from __future__ import annotations

from dataclasses import dataclass, field

from infra.eventstore.unreadable import why

NO_KEY = "what is sealed in it does not open: its key is missing, or is another one"


@dataclass
class LeftOut:
    """Who was left out (32 hex digits), and why: the first entry at fault, without a value from it."""

    clients: dict[str, str] = field(default_factory=dict[str, str])

    def add(self, client_id: str, error: Exception | str) -> None:
        """Keep the first reason for a client."""
        self.clients.setdefault(client_id, error if isinstance(error, str) else _said(error))


def _said(error: Exception) -> str:
    text = str(error)
    return text if "cannot be read" in text else why(error)
