"""What a clone holds: nothing of one machine, nothing of one registry, files short enough to read in one sitting."""

from __future__ import annotations

import re
from collections import Counter
from statistics import median, quantiles

from tests.house.tree import ROOMS, ROOT, tracked

# A path of somebody's machine works nowhere else.
MACHINE = re.compile(r"(?<![\w./-])/(?:root|work|home/\w+|Users/\w+)/")
# A registry's address forces it on everybody: behind a mirror or a firewall, names and hashes are what is needed.
REGISTRY = re.compile(
    r"//[\w.-]*(?:pypi|pythonhosted|npmjs|crates|maven|golang|deb\.debian)[\w.-]*|--(?:extra-)?index-url [^-]"
)
PICTURES = {".png", ".webp", ".gz", ".ico", ".woff2"}


def texts() -> list[tuple[str, str]]:
    return [(str(path), (ROOT / path).read_text()) for path in tracked() if path.suffix not in PICTURES]


def test_nothing_names_a_machine_or_a_registry() -> None:
    found = [
        f"{path}:{number}: {match[0]}"
        for path, text in texts()
        if path != "tests/house/test_house_files.py"
        for number, line in enumerate(text.splitlines(), 1)
        for match in [MACHINE.search(line) or REGISTRY.search(line)]
        if match
    ]
    assert found == []


def test_files_can_be_read_in_one_sitting() -> None:
    lines = {str(path): (ROOT / path).read_text().count("\n") for path in tracked() if path.suffix == ".py"}
    rooms = [count for path, count in lines.items() if path.split("/")[0] in ROOMS]
    assert {path: count for path, count in lines.items() if count > 400} == {}
    assert quantiles(rooms, n=10)[-1] <= 250
    assert median(rooms) <= 90


def test_the_licence_is_the_declared_one() -> None:
    assert (ROOT / "LICENSE").read_text().split(maxsplit=4)[:4] == ["Apache", "License", "Version", "2.0,"]


def test_the_readme_names_only_commands_that_exist() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    named = {name for path, text in texts() if path.endswith(".md") for name in re.findall(r"`make ([a-z-]+)", text)}
    assert named <= targets


def test_every_test_file_has_a_name_of_its_own() -> None:
    """Folders of tests are no packages: two files of one name are one module to pytest, and one of them is lost."""
    names = Counter(path.name for path in (ROOT / "tests").rglob("test_*.py"))
    assert [name for name, n in names.items() if n > 1] == []
