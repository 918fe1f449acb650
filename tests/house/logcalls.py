"""Finds log calls that could write what a chart holds into a log file, where no consent and no erasure reaches it."""

from __future__ import annotations

import ast

LEVELS = {"debug", "info", "warning", "error", "critical", "exception"}
# What holds a client's data, or an error's text, which quotes the value it complains about.
HOLDERS = {"event", "events", "entry", "entries", "data", "payload", "body", "note", "notes", "command", "chart", "client", "person", "row", "rows", "line", "raw", "journey", "reference"}  # fmt: skip
TEXTS = {"str", "repr", "format", "format_exc", "vars"}


def suspicious(tree: ast.Module) -> list[tuple[int, str]]:
    """Line and reason of each log call that may carry a chart's content."""
    found: list[tuple[int, str]] = []
    for function in ast.walk(tree):
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
            given = _dictionaries(function)
            for node in ast.walk(function):
                if isinstance(node, ast.Call) and _is_log_call(node):
                    found += [(node.lineno, reason) for reason in _reasons(node, given)]
    return sorted(set(found))


def _is_log_call(node: ast.Call) -> bool:
    if not isinstance(node.func, ast.Attribute) or node.func.attr not in LEVELS:
        return False
    owner = node.func.value
    name = owner.attr if isinstance(owner, ast.Attribute) else owner.id if isinstance(owner, ast.Name) else ""
    return name.lower().lstrip("_").endswith(("log", "logger", "logging"))


def _dictionaries(function: ast.AST) -> dict[str, ast.Dict]:
    """Dictionaries written out in this function, by the name they are given."""
    return {
        target.id: node.value
        for node in ast.walk(function)
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Dict)
        for target in node.targets
        if isinstance(target, ast.Name)
    }


def _reasons(call: ast.Call, given: dict[str, ast.Dict]) -> list[str]:
    reasons: list[str] = []
    assert isinstance(call.func, ast.Attribute)
    if call.func.attr == "exception" or any(word.arg in {"exc_info", "stack_info"} for word in call.keywords):
        reasons.append("a traceback quotes values")
    if len(call.args) != 1 or not (isinstance(call.args[0], ast.Constant)):
        reasons.append("the message must be one fixed text")
    for word in call.keywords:
        value = word.value
        if word.arg is None:
            known = given.get(value.id) if isinstance(value, ast.Name) else None
            reasons += _in(known) if known else ["fields must be written out"]
        else:
            reasons += _in(value)
    return reasons


def _in(value: ast.AST) -> list[str]:
    reasons: list[str] = []
    for node in ast.walk(value):
        if isinstance(node, ast.Name) and node.id in HOLDERS:
            reasons.append(f"{node.id} holds a chart's content")
        if isinstance(node, ast.JoinedStr):
            reasons.append("a text put together from values")
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name | ast.Attribute):
            name = node.func.id if isinstance(node.func, ast.Name) else node.func.attr
            reasons += [f"{name}() of a value"] if name in TEXTS else []
    return reasons
