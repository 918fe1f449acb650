"""The cycle collector: how seldom it looks, that it is as it was afterwards, and what it leaves alone for good."""

from __future__ import annotations

import gc

import pytest

from infra.runtime.collector import collecting_seldom, collector_paused, loading


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


def test_what_is_loaded_is_not_searched_again_and_the_search_goes_on() -> None:
    before = gc.get_freeze_count()
    try:
        with loading():
            assert not gc.isenabled()
        assert gc.isenabled()
        assert gc.get_freeze_count() > before
    finally:
        gc.unfreeze()


def test_the_search_goes_on_after_a_start_that_failed() -> None:
    with pytest.raises(RuntimeError), loading():
        raise RuntimeError
    assert gc.isenabled()
