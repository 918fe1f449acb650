"""A line that is taken apart says what it says when it is read whole, however it is written."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, strategies as st

from infra.interop.importers.events import payloads
from infra.interop.importers.events.parts import Parts, RejectedLineError, parts_of
from infra.interop.importers.json_text import TWICE

SESSION = '{"kind":"individual","minutes":50}'


@pytest.fixture(autouse=True)
def _nothing_kept() -> Iterator[None]:
    payloads.forget()
    yield
    payloads.forget()


def read(parts: Parts) -> tuple[dict[str, Any], Any]:
    return parts.envelope, parts.read


TEXT = st.sampled_from(
    ["", "A-1", 'says "data":{} and goes on', "{", "[", "}", ",", "\\", 'x","data":{', "Zürich", " :"]
)
PLAIN = TEXT | st.none() | st.booleans() | st.integers(-5, 5)
VALUE = st.recursive(PLAIN, lambda inner: st.lists(inner, max_size=2) | st.dictionaries(TEXT, inner, max_size=3))
NAME = st.sampled_from(["client", "type", "version", "note", "dat", "data2"])


@given(
    st.dictionaries(NAME, VALUE),
    VALUE,
    st.booleans(),
    st.integers(0, 6),
    st.sampled_from([None, (", ", ": "), (" ,", " :")]),
)
def test_a_line_taken_apart_says_what_it_says_whole(
    others: dict[str, Any], data: Any, is_there: bool, place: int, separators: tuple[str, str] | None
) -> None:
    pairs = list(others.items())
    if is_there:
        pairs.insert(min(place, len(pairs)), ("data", data))
    line = dict(pairs)
    raw = json.dumps(line, separators=separators or (",", ":"), ensure_ascii=False).encode()
    assert read(parts_of(raw)) == ({k: v for k, v in line.items() if k != "data"}, line.get("data", {}))


@pytest.mark.parametrize(
    "line",
    [
        '{"type":"a","type":"b","data":{}}',
        '{"type":"a","data":{},"data":{"x":1}}',
        '{"data":{},"type":"a","data":{}}',
        '{"type" :"a","type":"b","data":{}}',
        '{"type":"a","d\\u0061ta":{},"data":{}}',
        '{"type":"a","data":{"x":1,"x":2}}',
        '{"type":"a","data":{"x":{"y":1,"y" :2}}}',
        '{"type":"a","data":{"x":1,"\\u0078":2}}',
    ],
)
def test_a_name_that_is_there_twice_is_seen_wherever_it_stands(line: str) -> None:
    with pytest.raises(RejectedLineError, match=TWICE):
        parts_of(line.encode())


@pytest.mark.parametrize(
    "line",
    [
        '{"type":"a","data":{}',
        '{"type":"a" "data":{}}',
        '{"type":"a",,"data":{}}',
        '{,"data":{}}',
        '{"type":"a","data":}',
        '{"type":"a","data":{}}}',
        '{"type":{"data":{}}',
        '{"type":"a","data":{},}',
        '"type":"a","data":{}}',
    ],
)
def test_what_is_no_json_is_refused_with_its_column(line: str) -> None:
    with pytest.raises(RejectedLineError, match="not JSON at column"):
        parts_of(line.encode())


def test_data_that_was_read_before_is_not_read_again() -> None:
    line = f'{{"type":"SessionAttended","data":{SESSION}}}'.encode()
    first, second = (parts_of(line) for _ in range(2))
    assert first.data == second.data == json.loads(SESSION)  # it was only taken apart, not recorded
    payloads.parsed_data(first.key, lambda: first.read)
    assert (parts_of(line).key[-1], parts_of(line).key) == (SESSION.encode(), first.key)
    assert parts_of(line).data != first.data
    assert parts_of(line).read == first.data
