"""The token that every form carries: put into each one as its template is read, so that nobody can forget it."""

from __future__ import annotations

import re

from jinja2.ext import Extension

_POSTING = re.compile(r"<form\b[^>]*\bmethod=[\"']?post[\"']?[^>]*>", re.IGNORECASE)
_FIELD = '<input type="hidden" name="csrf" value="{{ csrf }}">'


class FormTokens(Extension):
    """Adds the hidden field to every form that posts."""

    def preprocess(self, source: str, name: str | None, filename: str | None = None) -> str:  # noqa: ARG002
        """A template with the field in its forms."""
        return _POSTING.sub(lambda form: form[0] + _FIELD, source)
