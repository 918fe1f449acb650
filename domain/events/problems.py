"""Problems with a field of an event, as phrases that can be translated. Never the value itself."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from domain.phrases import Phrase

# pydantic's words for what its schema refuses, with the bounds as values; other kinds keep pydantic's own text.
_SAID = {
    "missing": Phrase("Field required"),
    "value_error": Phrase("Value error, {error}"),
    "literal_error": Phrase("Input should be {expected}"),
    "string_type": Phrase("Input should be a valid string"),
    "int_type": Phrase("Input should be a valid integer"),
    "int_parsing": Phrase("Input should be a valid integer, unable to parse string as an integer"),
    "float_type": Phrase("Input should be a valid number"),
    "float_parsing": Phrase("Input should be a valid number, unable to parse string as a number"),
    "bool_type": Phrase("Input should be a valid boolean"),
    "timezone_aware": Phrase("Input should have timezone info"),
    "greater_than_equal": Phrase("Input should be greater than or equal to {ge}"),
    "less_than_equal": Phrase("Input should be less than or equal to {le}"),
    "string_too_long": Phrase("String should have at most {max_length} characters"),
}


def described(problem: Mapping[str, Any], type_name: str, fields: Iterable[str]) -> Phrase:
    """One problem of pydantic's list: the field, what is wrong, what would be right. ``fields`` are those there are."""
    name, kind = ".".join(str(part) for part in problem["loc"]) or "data", problem["type"]
    if kind == "extra_forbidden":
        reason = Phrase("no such field; known fields are {names}", names=", ".join(fields))
    elif kind == "string_pattern_mismatch":
        reason = Phrase("contains a NUL character: remove it")
    else:
        reason = _said(problem)
    return Phrase("{type}: {field}: {problem}", type=Phrase(type_name), field=Phrase(name), problem=reason)


def _said(problem: Mapping[str, Any]) -> Phrase:
    """The text with its bounds apart, where it is one of those known here."""
    bounds: dict[str, Any] = {name: _bound(value) for name, value in problem.get("ctx", {}).items()}
    template = _SAID.get(problem["type"])
    if template is not None:
        reason = Phrase(template.template, **bounds) if "{" in template.template else template
        if reason == problem["msg"]:
            return reason
    return Phrase(problem["msg"])


def _bound(value: Any) -> Any:
    """An error of ours is a text to be said; a bound stays as it is."""
    return Phrase(str(value)) if isinstance(value, Exception) else value
