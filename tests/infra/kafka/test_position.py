"""The position that workers have reached together, against a simulation that knows what each has folded."""

from __future__ import annotations

from hypothesis import given, strategies as st

from infra.kafka.position import reached
from infra.kafka.relay_position import Relayed
from infra.readmodels.ownership import Held

Sent = list[tuple[int, int]]


def published(sent: Sent, acknowledged: int) -> Relayed:
    """What a relay has stored that got this many records acknowledged: (partition, position) each."""
    last: dict[int, int] = {}
    for partition, _ in sent[:acknowledged]:
        last[partition] = last.get(partition, -1) + 1
    return Relayed("topic", sent[acknowledged - 1][1] if acknowledged else 0, last)


@given(
    partitions=st.lists(st.integers(0, 3), max_size=30),
    acknowledged=st.integers(0, 30),
    folded=st.lists(st.integers(0, 30), min_size=4, max_size=4),
)
def test_it_is_never_past_what_is_folded_and_as_high_as_can_be_known(
    partitions: list[int], acknowledged: int, folded: list[int]
) -> None:
    sent: Sent = [(partition, 2 * place + 1) for place, partition in enumerate(partitions)]
    acknowledged = min(acknowledged, len(sent))
    own = {number: [position for partition, position in sent if partition == number] for number in range(4)}
    held = {
        number: Held("topic", done, own[number][done - 1] if done else 0)
        for number in range(4)
        for done in [min(folded[number], len(own[number]))]
    }
    missing = [position for number, found in held.items() for position in own[number][found.next_offset :]]
    known = published(sent, acknowledged)
    position = reached(known, held)
    assert all(position < place for place in missing)
    if all(place > known.position for place in missing):
        assert position == known.position


def test_offsets_of_another_topic_say_nothing() -> None:
    known = Relayed("new", 9, {0: 3})
    assert reached(known, {0: Held("old", 50, 9)}) == 0
    assert reached(known, {}) == 0
    assert reached(known, {0: Held("new", 4, 9)}) == 9
