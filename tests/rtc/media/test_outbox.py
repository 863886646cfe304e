"""The batched way out and the plain one send the same."""

import struct

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rtc.media.outbox import SLOTS, Head, Item
from tests.rtc.media.line import lines

LENGTHS = st.one_of(st.sampled_from([0, 1, 100, 1_100, 1_101, 1_180]), st.integers(0, 1_200))


@pytest.mark.parametrize("batched", [True, False])
@settings(max_examples=25, deadline=None)
@given(runs=st.lists(st.tuples(st.integers(0, 3), st.lists(LENGTHS, min_size=1, max_size=20)), max_size=12))
def test_everyone_gets_his_own_whole_and_in_order(runs: list[tuple[int, list[int]]], *, batched: bool) -> None:
    with lines(4, batched=batched) as (outbox, there):
        sent: list[list[tuple[int, bytes]]] = [[], [], [], []]
        for number, (to, lengths) in enumerate(runs):
            items = [Item(100 * number + at, at, 0x80, bytes([at]) * n, key=False) for at, n in enumerate(lengths)]
            outbox.put_run(there[to], Head(96, 5, 7, 9, stamped=True), items)
            sent[to] += [(item.number + 7, item.payload) for item in items]
        outbox.flush()
        for line, expected in zip(there, sent, strict=True):
            assert [(p.sequence, p.payload) for p in line.arrived()] == expected
        assert (outbox.sent, outbox.dropped) == (sum(len(lengths) for _, lengths in runs), 0)


@pytest.mark.parametrize("batched", [True, False])
def test_more_than_the_slab_holds_leaves_in_between(*, batched: bool) -> None:
    with lines(1, batched=batched) as (outbox, (line,)):
        for number in range(SLOTS + 88):
            outbox.put(line, struct.pack("!BBHII", 0x80, 96, number, 0, 1), b"x" * 40)
        outbox.flush()
        assert [p.sequence for p in line.arrived()] == list(range(SLOTS + 88))


def test_nothing_goes_to_who_is_not_there_or_too_long() -> None:
    with lines(1) as (outbox, (line,)):
        outbox.put(line, bytes([0x80, 96]) + bytes(10), bytes(3_000))
        line.address = None
        outbox.put(line, bytes([0x80, 96]) + bytes(10), b"x")
        outbox.put_run(line, Head(96, 5, 0, 0, stamped=False), [Item(1, 1, 0, b"x", key=False)])
        outbox.flush()
        assert line.arrived() == []


def test_what_was_put_off_is_done_once_before_it_sends() -> None:
    with lines(1) as (outbox, (line,)):
        outbox.later(lambda: outbox.put(line, bytes([0x80, 96]) + bytes(10), b"x"))
        outbox.flush()
        outbox.flush()
        assert len(line.arrived()) == 1


def test_an_address_the_kernel_refuses_costs_nobody_else_anything() -> None:
    with lines(2) as (outbox, (bad, good)):
        bad.address = ("127.0.0.1", 0)
        for number in range(3):
            for line in (bad, good):
                outbox.put(line, struct.pack("!BBHII", 0x80, 96, number, 0, 1), b"x")
        outbox.flush()
        assert len(good.arrived()) == 3
        assert outbox.dropped == 3
