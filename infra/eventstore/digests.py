"""Digests of requests: tell two apart that share an idempotency key."""

from __future__ import annotations

import hashlib

import orjson


def request_digest(*parts: object) -> str:
    """What tells two requests with the same idempotency key apart."""
    return hashlib.sha256(orjson.dumps(parts, default=str, option=orjson.OPT_NON_STR_KEYS)).hexdigest()
