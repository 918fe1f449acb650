"""Texts as every format of an export can hold them."""

from __future__ import annotations

import re
from typing import Any, Final, cast

# Control characters but tab and line ends, surrogates, and what Unicode says is no character (chapter 23.7): U+FDD0 to
# U+FDEF and the last two of each of its 17 planes. XML 1.0 and FHIR forbid most of them; no reader has a use for any.
_LAST_TWO = "".join(chr(plane << 16 | 0xFFFE) + chr(plane << 16 | 0xFFFF) for plane in range(17))
_NO_CHARACTER: Final = re.compile(f"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufdd0-\ufdef{_LAST_TWO}]")


def shown(text: str) -> str:
    """A text without what is no character."""
    return _NO_CHARACTER.sub("", text)


def all_shown(value: Any) -> Any:
    """A value of JSON with every text in it, names of members too, without what is no character."""
    if isinstance(value, str):
        return shown(value)
    if isinstance(value, dict):
        return {shown(name): all_shown(part) for name, part in cast("dict[str, Any]", value).items()}
    if isinstance(value, list | tuple):
        return [all_shown(part) for part in cast("list[Any]", value)]
    return value
