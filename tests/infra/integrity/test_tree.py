"""The tree is that of RFC 9162: by its definition, by the published vectors, and no altered path is believed."""

from __future__ import annotations

from hashlib import sha256

import pytest
from hypothesis import given, strategies as st

from infra.integrity.tree import Growing, consistency, inclusion, is_consistent, leaf_of, node_of, root_by, tree_hash

LEAVES = [leaf_of(number, sha256(b"%d" % number).digest(), b"") for number in range(1, 2_600)]


def defined(leaves: list[bytes]) -> bytes:
    """The definition, word for word: the largest power of two smaller than n parts the list."""
    if len(leaves) < 2:
        return leaves[0] if leaves else sha256(b"").digest()
    parts = 1
    while parts * 2 < len(leaves):
        parts *= 2
    return node_of(defined(leaves[:parts]), defined(leaves[parts:]))


def hash_of(start: int, end: int) -> bytes:
    return defined(LEAVES[start:end])


def test_the_published_vectors() -> None:
    """Those of the Certificate Transparency project (merkle_tree_test), whose leaves are 0x00 and the bytes."""
    inputs = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"]
    leaves = [sha256(b"\x00" + bytes.fromhex(text)).digest() for text in inputs]
    roots = {
        0: "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        1: "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        2: "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
        3: "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
        5: "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
        8: "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
    }
    assert {size: tree_hash(leaves[:size]).hex() for size in roots} == roots


@given(st.integers(0, 70), st.lists(st.integers(1, 40), max_size=4))
def test_a_tree_that_grows_is_the_tree_of_its_leaves(first: int, parts: list[int]) -> None:
    tree, done = Growing(), 0
    for part in [first, *parts]:
        tree.extend(LEAVES[done : done + part])
        done += part
        assert (tree.size, tree.root()) == (done, defined(LEAVES[:done]))


def test_it_keeps_each_tile_that_it_fills() -> None:
    tree = Growing()
    for start in range(0, 2_599, 700):
        tree.extend(LEAVES[start : start + 700])
    assert tree.tiles == [defined(LEAVES[:1024]), defined(LEAVES[1024:2048])]
    assert tree.root() == defined(LEAVES)
    again = Growing()
    for tile in tree.tiles:
        again.add_subtree(10, tile)
    again.extend(LEAVES[2048:])
    assert again.root() == defined(LEAVES)


@pytest.mark.parametrize("size", [1, 2, 3, 7, 8, 13, 33])
def test_every_leaf_of_a_tree_has_a_path_and_no_other_leaf_or_place_takes_it(size: int) -> None:
    root = defined(LEAVES[:size])
    for index in range(size):
        path = inclusion(index, size, hash_of)
        assert root_by(index, size, LEAVES[index], path) == root
        assert root_by(index, size, LEAVES[size], path) != root
        others = [other for other in range(size) if other != index]
        assert root not in [root_by(other, size, LEAVES[index], path) for other in others]
        assert root_by(index, size, LEAVES[index], [*path, root]) is None
        assert not path or root_by(index, size, LEAVES[index], path[:-1]) is None
    assert root_by(size, size, LEAVES[0], []) is None
    assert root_by(-1, size, LEAVES[0], []) is None


def test_any_two_heads_of_one_log_are_consistent() -> None:
    roots = [defined(LEAVES[:size]) for size in range(41)]
    for second in range(1, 41):
        for first in range(1, second + 1):
            path = consistency(first, second, hash_of)
            assert is_consistent(first, second, roots[first], roots[second], path)


@given(st.data())
def test_no_altered_consistency_path_is_believed(data: st.DataObject) -> None:
    second = data.draw(st.integers(2, 60))
    first = data.draw(st.integers(1, second - 1))
    old, new = defined(LEAVES[:first]), defined(LEAVES[:second])
    path = consistency(first, second, hash_of)
    place = data.draw(st.integers(0, len(path) - 1))
    bit = data.draw(st.integers(0, 255))
    altered = [
        bytes.fromhex(f"{int.from_bytes(part, 'big') ^ (1 << bit):064x}") if n == place else part
        for n, part in enumerate(path)
    ]
    assert not is_consistent(first, second, old, new, altered)
    assert not is_consistent(first, second, old, new, [*path, old])
    assert not is_consistent(first, second, old, new, path[:-1])
    assert not is_consistent(first, second, LEAVES[0] if first > 1 else LEAVES[1], new, path)
    assert not is_consistent(second, first, new, old, path)
    assert not is_consistent(0, second, old, new, path)
    assert not is_consistent(first, first, old, old, path)
