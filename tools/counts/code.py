"""What is counted in the text and the syntax of the product's Python files."""

from __future__ import annotations

import ast
import io
import re
import tokenize
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from tools.counts.tree import ROOMS, ROOT, modules

LETTERS = frozenset("azriwuyosfckdxqb")  # of domain.entries.Meta
STORE = ("infra/eventstore/", "infra/eventstore/")
NO_GERUNDS = frozenset({"keyring", "meaning", "mapping", "coding", "bookkeeping", "tracing"})  # nouns of the field


@cache
def files() -> tuple[tuple[str, str, ast.Module], ...]:
    """Every Python file of the product: its path, its text, its syntax."""
    return tuple((str(path), (ROOT / path).read_text(), tree) for path, tree in modules(*ROOMS))


def lines(beginning: str) -> int:
    """How many lines of Python are in the files whose paths begin so."""
    return sum(text.count("\n") for path, text, _ in files() if path.startswith(beginning))


def loose(package: str) -> list[tuple[str, int]]:
    """The modules that lie in a package itself, with their lines."""
    return [
        (path, text.count("\n"))
        for path, text, _ in files()
        if str(Path(path).parent) == package and not path.endswith("__init__.py")
    ]


def naming(word: str, beside: str = "-") -> list[str]:
    """The files that hold a word; those under ``beside`` are its own and do not count."""
    whole = re.compile(rf"(?<![\w-]){re.escape(word)}(?![\w-])")
    return [path for path, text, _ in files() if whole.search(text) and not path.startswith(beside)]


def times(pattern: str) -> int:
    """How often a pattern occurs."""
    return sum(len(re.findall(pattern, text)) for _, text, _ in files())


@cache
def names() -> Counter[str]:
    """How often each name stands in the code; words of texts and comments are none."""
    found: Counter[str] = Counter()
    for _, text, _ in files():
        found.update(one.string for one in tokenize.generate_tokens(io.StringIO(text).readline) if one.type == 1)
    return found


def gerunds() -> list[str]:
    """Modules whose name ends in a gerund."""
    return [
        path
        for path, _, _ in files()
        if (stem := Path(path).stem).endswith("ing") and stem.split("_")[-1] not in NO_GERUNDS
    ]


def stems(stem: str) -> int:
    """How many modules and packages bear a name."""
    found = {path for path, _, _ in files() if Path(path).stem == stem}
    return len(found | {str(Path(path).parent) for path, _, _ in files() if Path(path).parent.name == stem})


def classes(name: str) -> int:
    """How many classes or aliases bear a name at the top of their module."""
    return sum(_defines(node, name) for _, _, tree in files() for node in tree.body)


def _defines(node: ast.stmt, name: str) -> bool:
    if isinstance(node, ast.ClassDef):
        return node.name == name
    return isinstance(node, ast.Assign) and any(isinstance(one, ast.Name) and one.id == name for one in node.targets)


def signatures(name: str, beginning: str) -> tuple[int, int]:
    """How many functions take a type, and in how many files, of those whose paths begin so."""
    found = [
        path
        for path, _, tree in files()
        if path.startswith(beginning)
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and any(re.search(rf"\b{name}\b", ast.unparse(one.annotation)) for one in _arguments(node) if one.annotation)
    ]
    return len(found), len(set(found))


def _arguments(node: ast.FunctionDef | ast.AsyncFunctionDef) -> list[ast.arg]:
    return [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]


def returning(name: str) -> list[str]:
    """The functions, no methods, that answer with a type."""
    return [
        f"{path}:{node.name}"
        for path, _, tree in files()
        for node in tree.body
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and node.returns
        and ast.unparse(node.returns) == name
    ]


def calling(*calls: str, refusing: bool = False) -> list[str]:
    """The functions in which one of these calls stands, as ``date.fromisoformat`` or ``.partition('=')``.

    ``refusing``: only those that handle what such a call raises, as whoever reads what a person wrote does.
    """
    names = [one.partition("(")[0].rpartition(".")[2] for one in calls]
    return [
        f"{path}:{node.name}"
        for path, text, tree in files()
        if any(name in text for name in names)  # to go through the syntax takes longer
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (not refusing or any(isinstance(one, ast.Try) for one in ast.walk(node)))
        and any(isinstance(one, ast.Call) and _is_call(one, calls) for one in ast.walk(node))
    ]


def _is_call(node: ast.Call, calls: tuple[str, ...]) -> bool:
    said = ast.unparse(node)
    return any(said.startswith(one + "(") or (one.startswith(".") and said.endswith(one)) for one in calls)


def reads_by_letter() -> list[str]:
    """Where an entry's envelope is read by a letter, outside the store and the module that says what letters mean."""
    return [
        f"{path}:{place}"
        for path, _, tree in files()
        if not path.startswith(STORE) and not any(_defines(node, "Meta") for node in tree.body)
        for place in sorted(_reads(tree))
    ]


def _reads(tree: ast.Module) -> Iterator[int]:
    for node in ast.walk(tree):
        match node:
            case ast.Subscript(value=holder, slice=key, ctx=ast.Load()):
                pass
            case ast.Call(func=ast.Attribute(value=holder, attr="get"), args=[key, *_]):
                pass
            case ast.Compare(left=key, ops=[ast.In() | ast.NotIn()], comparators=[holder]):
                pass
            case _:
                continue
        if ast.unparse(holder).split(".")[-1] == "meta" and isinstance(key, ast.Constant) and key.value in LETTERS:
            yield node.lineno


def exceptions() -> dict[str, tuple[str, ...]]:
    """The exception classes of the product by name, with their bases."""
    of = {
        node.name: tuple(ast.unparse(base).split(".")[-1] for base in node.bases)
        for _, _, tree in files()
        for node in ast.walk(tree)
        if isinstance(node, ast.ClassDef)
    }

    def is_exception(name: str) -> bool:
        builtin = getattr(__builtins__, name, None) if not isinstance(__builtins__, dict) else __builtins__.get(name)
        if isinstance(builtin, type) and issubclass(builtin, BaseException):
            return True
        return any(is_exception(base) for base in of.get(name, ()) if base != name)

    return {name: bases for name, bases in of.items() if is_exception(name)}
