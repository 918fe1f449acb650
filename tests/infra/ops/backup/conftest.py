"""The two stores, as the tests of the log have them."""

from tests.infra.eventstore.conftest import append, log, store

__all__ = ["append", "log", "store"]
