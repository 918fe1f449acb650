"""The project's own files, for tests."""

from __future__ import annotations

from tools.counts.tree import ROOMS as ROOMS, ROOT as ROOT, modules as modules, tracked as tracked
