"""How seldom the cycle collector looks, and that it is as it was afterwards."""

from __future__ import annotations

import gc

import pytest

from infra.runtime.collector import collecting_seldom, collector_paused


def test_the_collector_looks_seldom_within_and_as_before_after() -> None:
    before = gc.get_threshold()
    with pytest.raises(KeyError), collecting_seldom():
        assert gc.get_threshold()[0] > before[0]
        assert gc.isenabled()
        raise KeyError
    assert gc.get_threshold() == before


def test_the_collector_rests_within_a_pause_and_a_pause_within_it() -> None:
    with collector_paused():
        with collector_paused():
            assert not gc.isenabled()
        assert not gc.isenabled()
    assert gc.isenabled()
