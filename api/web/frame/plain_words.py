"""Texts of ours for a page: columns and values that they name are said in words, in the reader's language."""

from __future__ import annotations

import re

from api.i18n.formats import words
from api.i18n.language import N_, _, translated
from domain.levels import title

_CODE = re.compile(r"(?<![\w./-])[a-z][a-z0-9]*(?:_[a-z0-9]+)+(?![\w/-]|\.\w)")
_AT_DAYS = re.compile(r"(?:retained|share)_(\d+)")
# Names of columns that are no word of a vocabulary.
_NAMES = {
    "attendance_rate": N_("the share attended"),
    "chi_squared": N_("chi squared"),
    "completion_rate": N_("the rate"),
    "fisher_exact": N_("Fisher's exact"),
    "log_rank": N_("log-rank"),
    "no_show_rate": N_("the share of no-shows"),
    "no_shows": N_("no-shows"),
    "referral_in": N_("referral in"),
    "referral_out": N_("referral out"),
    "share_reached": N_("the share of those reached"),
    "weeks_within_hours": N_("weeks within the hours"),
    "without_screens": N_("without any screen"),
}


def plainly(text: str) -> str:
    """A text of ours in the language spoken now, as who reads it on a page knows the names in it."""
    return _CODE.sub(lambda code: _said(code[0]), translated(text))


def _said(code: str) -> str:
    at = _AT_DAYS.fullmatch(code)
    if at:
        return _("the share at {days} days").format(days=at[1])
    if code in _NAMES:
        return _(_NAMES[code])
    level = title(code)
    name = words(code) if level == code else translated(level)
    return name if name[:2].isupper() else name[:1].lower() + name[1:]
