"""The small server of relay and workers."""

from __future__ import annotations

import urllib.request
from urllib.error import HTTPError

import pytest

from infra.kafka.metrics import LEADER, MetricsServer


def test_metrics_and_health() -> None:
    well = True
    server = MetricsServer("127.0.0.1", None, lambda: well)
    with server.serving() as none:
        assert none == 0
    server = MetricsServer("127.0.0.1", 0, lambda: well)
    LEADER.set(1)
    with server.serving() as port:
        at = f"http://127.0.0.1:{port}"
        with urllib.request.urlopen(f"{at}/metrics") as answer:
            assert b"carejourney_relay_leader 1.0" in answer.read()
        with urllib.request.urlopen(f"{at}/healthz") as answer:
            assert answer.read() == b'{"healthy": true}'
        well = False
        for path, status in (("/healthz", 503), ("/other", 404)):
            with pytest.raises(HTTPError) as refused:
                urllib.request.urlopen(at + path)
            assert refused.value.code == status
            refused.value.close()
    LEADER.set(0)
