"""The recorded answers: a text file with a line a question, its address and the SHA-256 of its answer."""

from __future__ import annotations

from collections.abc import Generator, Mapping
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final
from zlib import crc32

from tests.answers.asking import Asked
from tests.answers.questions import TERMS, questions
from tests.answers.stores import STORES

FILES: Final = Path(__file__).parent
Answers = Mapping[str, str]


@contextmanager
def opened(store: str) -> Generator[Asked]:
    """A store that can be asked, made anew and gone afterwards."""
    with TemporaryDirectory() as folder, STORES[store](Path(folder)) as services:
        yield Asked(services, Path(folder), TERMS[store].plan)


def answered(store: str, one_in: int = 1) -> Answers:
    """What every question to a store is answered now, or one in so many."""
    with opened(store) as asked:
        return {
            address: sha256(asked.answer(address)).hexdigest()
            for address in questions(asked, store)
            if _is_one_in(one_in, address)
        }


def recorded(store: str) -> Answers:
    """What they were answered when that was recorded."""
    lines = _file(store).read_text(encoding="utf-8").splitlines()
    return {address: digest for digest, _, address in (line.partition("  ") for line in lines)}


def record(store: str) -> int:
    """Write the file anew, its lines as ``sha256sum`` has them; how many there are."""
    answers = answered(store)
    _file(store).write_text("".join(f"{digest}  {address}\n" for address, digest in sorted(answers.items())), "utf-8")
    return len(answers)


def different(before: Answers, now: Answers) -> list[str]:
    """A line for each question that is answered otherwise, is new or is asked no more."""
    words = {True: "differs", False: "new"}
    found = [f"{words[one in before]}: {one}" for one, digest in now.items() if before.get(one) != digest]
    return [*found, *(f"no more: {one}" for one in before if one not in now)]


def now_and_then(store: str, one_in: int = 1) -> list[str]:
    """The differences between what is answered and what was recorded, and what to do with one; empty without any."""
    before = {address: digest for address, digest in recorded(store).items() if _is_one_in(one_in, address)}
    found = different(before, answered(store, one_in))
    command = f"python -m tests.answers {store}"
    help_ = [f"{command} --show 'ADDRESS' prints an answer", f"{command} --record keeps all of them"]
    return [*found, *help_] if found else []


def _is_one_in(number: int, address: str) -> bool:
    return crc32(address.encode()) % number == 0


def _file(store: str) -> Path:
    return FILES / f"{store}.txt"
