"""Scenarios share the simulated programme."""

from tests.infra.conftest import programme as programme
