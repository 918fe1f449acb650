"""The project's own files, as git tracks them."""

from __future__ import annotations

import ast
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
ROOMS = ("domain", "projections", "infra", "api")


@cache
def tracked() -> tuple[Path, ...]:
    """Every file that a clone brings, relative to the root; of a copy without git, every file that is there."""
    listing = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False)
    if listing.returncode:
        return tuple(sorted(path.relative_to(ROOT) for path in ROOT.rglob("*") if path.is_file()))
    return tuple(path for name in listing.stdout.split("\0") if name and (ROOT / (path := Path(name))).is_file())


def modules(*rooms: str) -> Iterator[tuple[Path, ast.Module]]:
    """Each Python file of these rooms with its syntax tree."""
    for path in tracked():
        if path.suffix == ".py" and path.parts[0] in rooms:
            yield path, ast.parse((ROOT / path).read_text())
