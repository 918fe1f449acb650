"""Pause Python's cycle collector where much is made, little is kept and nothing refers to itself."""

from __future__ import annotations

import gc
from collections.abc import Generator
from contextlib import contextmanager

_SELDOM = 200_000  # objects more than before: some pages of entries


def collect_seldom() -> None:
    """Let this process look for reference cycles once for many entries, as long as it lives: bulk work makes few."""
    gc.set_threshold(_SELDOM, *gc.get_threshold()[1:])


@contextmanager
def collecting_seldom() -> Generator[None]:
    """``collect_seldom`` within the block."""
    before = gc.get_threshold()
    collect_seldom()
    try:
        yield
    finally:
        gc.set_threshold(*before)


@contextmanager
def collector_paused() -> Generator[None]:
    """No search for reference cycles within the block: over a page of entries it takes a quarter of the time.

    Reference counts free what the page made all the same. The block must be short: cycles that other threads make
    meanwhile wait for its end.
    """
    if not gc.isenabled():
        yield
        return
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


@contextmanager
def loading() -> Generator[None]:
    """What is made within the block stays for as long as the process: it is neither searched now nor ever again.

    Modules, models and routes are a million objects that refer to each other. Searches while they load are a sixth of
    a start, and one of them all later would hold up the answer that it falls into.
    """
    with collector_paused():
        yield
    gc.freeze()
