"""Writers that record all the time through both API processes, each request under its own idempotency key."""

from __future__ import annotations

import threading
import time
import uuid
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime

import httpx2

from api.http.examples import EXAMPLES
from tests.stack.outcomes import ProductFaultError
from tests.stack.running import Stack

MAY_BE_ANSWERED = {429, 503}  # beside 201: try again


@dataclass(frozen=True)
class Acknowledged:
    """A chart that its writer was told is registered. Times are of the monotonic clock."""

    reference: str
    begun: float
    at: float


class Load:
    """Each request is sent again until it is answered as recorded; ``acknowledged`` holds those that were."""

    def __init__(self, stack: Stack, writers: int = 2, pause: float = 0.05) -> None:
        """``pause``: seconds between two requests of a writer."""
        self._pause = pause
        self._urls = [stack.url("api-1"), stack.url("api-2")]
        self._over = threading.Event()
        self.acknowledged: list[Acknowledged] = []
        self.errors: Counter[str] = Counter()
        self._wrong: list[str] = []
        token = stack.token("intake")
        self._threads = [threading.Thread(target=self._write, args=(number, token)) for number in range(writers)]
        for thread in self._threads:
            thread.start()

    def _write(self, number: int, token: str) -> None:
        with httpx2.Client(headers={"Authorization": f"Bearer {token}"}, timeout=20) as client:
            while not self._over.is_set() and not self._wrong:
                self._register(client, f"SERIES-{number}-{uuid.uuid4().hex}")
                self._over.wait(self._pause)

    def _register(self, client: httpx2.Client, reference: str) -> None:
        headers = {"Idempotency-Key": str(uuid.uuid4())}
        body = {"occurred_at": datetime.now(UTC).isoformat(), "data": EXAMPLES["register-client"]}
        urls = list(self._urls)
        while not self._over.is_set():
            urls.append(urls.pop(0))
            begun = time.monotonic()
            try:
                path = f"{urls[0]}/api/v1/clients/{reference}/commands/register-client"
                answer = client.post(path, json=body, headers=headers)
            except httpx2.TransportError as error:
                self.errors[type(error).__name__] += 1
                self._over.wait(0.05)
                continue
            if answer.status_code == 201:
                self.acknowledged.append(Acknowledged(reference, begun, time.monotonic()))
                return
            self.errors[str(answer.status_code)] += 1
            if answer.status_code not in MAY_BE_ANSWERED:
                self._wrong.append(f"{answer.status_code}: {answer.text[:500]}")
                return
            self._over.wait(0.2)

    def back(self, since: float, patience: float) -> float:
        """Seconds from ``since`` until a request that was begun after it was acknowledged."""
        while time.monotonic() - since < patience and not self._wrong:
            after = [one.at for one in list(self.acknowledged) if one.begun >= since]
            if after:
                return min(after) - since
            self._over.wait(0.1)
        raise ProductFaultError(f"nothing was acknowledged within {patience} s; answered was {dict(self.errors)}")

    def stop(self) -> None:
        """Let the writers end."""
        self._over.set()
        for thread in self._threads:
            thread.join()

    def check(self) -> None:
        """Whether every answer was one that may be given.

        Raises:
            ProductFaultError: it was not.
        """
        if self._wrong:
            raise ProductFaultError(f"answered was {self._wrong[0]}")
