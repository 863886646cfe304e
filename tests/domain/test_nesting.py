"""Nesting: signers asked inside a countersign, a countersign inside a lower unit's handling, while others move."""

import itertools
from datetime import timedelta

import pytest

from office.domain import commands as c
from office.domain.chain import Assignment, Chain, Purpose, ReturnMode, SeatState, StepKind, Verdict
from office.domain.chain import ChainPurpose as Life
from office.domain.chain_events import Event, StepClosed
from office.domain.document import Kind
from office.domain.errors import NotPermitted, Stale, WrongStage
from office.domain.incoming import start as receive
from office.domain.organs import Level
from office.domain.verbs import decided
from tests.domain.cast import ADMIN, NINE, TOWN, actor, desk, line, step

K = StepKind
LIVE = (SeatState.OPEN, SeatState.WAITING)


def play(chain: Chain, command: c.Command, by: int) -> tuple[tuple[Event, ...], Chain]:
    return decided(chain, command, by=actor(by), at=NINE + timedelta(hours=1))


def after(chain: Chain, command: c.Command, by: int) -> Chain:
    return play(chain, command, by)[1]


def seat(chain: Chain, post: int) -> int:
    here = chain.current
    assert here is not None
    return next(s.id for s in here.seats if s.post_id == post and s.state in LIVE)


def done(chain: Chain, post: int, verdict: Verdict = Verdict.AGREE, text: str = "") -> Chain:
    return after(chain, c.Complete(seat(chain, post), verdict, text), post)


def countersign(kind: StepKind, *, quorum: tuple[int, int] = (1, 1)) -> Chain:
    """Drafted by 11, countersigned by 13, 53, 23, then 16."""
    chain = line(
        step(10, K.SINGLE, (11,), purpose=Purpose.DRAFT),
        step(100, kind, (13, 53, 23), purpose=Purpose.COUNTERSIGN, quorum=quorum),
        step(200, K.SINGLE, (16,)),
        life=Life.OUTGOING,
    )
    return done(chain, 11)


def open_posts(chain: Chain) -> set[int]:
    return {s.post_id for _, s in chain.open_seats()}


def asked_before(chain: Chain, by: int, whom: int) -> Chain:
    return after(chain, c.AddSigner(seat(chain, by), whom, whom // 10, c.Placement.BEFORE), by)


@pytest.mark.parametrize("kind", [K.ALL, K.QUORUM, K.LEAD])
@pytest.mark.parametrize("mode", list(ReturnMode))
def test_a_return_while_a_signer_was_asked_keeps_what_was_said_and_asks_the_members_again(
    kind: StepKind, mode: ReturnMode
) -> None:
    chain = asked_before(asked_before(countersign(kind), 23, 52), 52, 62)
    assert {52, 23}.isdisjoint(open_posts(chain))
    chain = done(chain, 62, Verdict.DISAGREE, "不妥")
    chain = after(chain, c.Return(seat(chain, 53), "请改", mode=mode), 53)
    assert open_posts(chain) == {11}
    assert [o.verdict for o in chain.opinions] == [Verdict.AGREE, Verdict.DISAGREE, Verdict.RETURN]
    with pytest.raises(Stale):
        after(chain, c.Complete(101), 52)
    chain = done(chain, 11)
    assert open_posts(chain) == {13, 53, 23}, "who had been asked by a member is not asked again by himself"


def test_the_one_who_was_asked_may_return_the_whole_step() -> None:
    chain = asked_before(countersign(K.ALL), 23, 52)
    chain = after(chain, c.Return(seat(chain, 52), "缺附件"), 52)
    assert open_posts(chain) == {11}


def test_in_a_lower_unit_a_countersign_goes_its_own_way() -> None:
    above = line(step(10, K.SUBORDINATE, (31, 21)), step(200, K.SINGLE, (16,)), life=Life.INCOMING)
    below = receive(desk(TOWN), kind=Kind.NOTICE, level=Level.TOWNSHIP, at=NINE, due=None, reach=None)
    for post in (31, 31, 31):
        below = done(below, post)
    handlers = Assignment(K.LEAD, ((35, TOWN), (36, TOWN), (37, TOWN)), lead_post_id=35)
    below = after(below, c.Complete(seat(below, 32), assign=handlers), 32)
    below = done(below, 33)
    assert open_posts(below) == {35, 36, 37}
    below = asked_before(done(below, 36), 37, 34)
    below = after(below, c.Return(seat(below, 34), "分工不清"), 34)
    assert open_posts(below) == {33}
    below = done(below, 33)
    assert open_posts(below) == {35, 36, 37}
    for post in (36, 37, 35):
        below = done(below, post)
    assert below.current is not None
    assert below.current.purpose is Purpose.CLOSE
    events, above = play(above, c.Complete(seat(above, 31), Verdict.AGREE, "已办结"), 31)
    assert not any(isinstance(event, StepClosed) for event in events)
    assert open_posts(above) == {21}
    events, above = play(above, c.ReturnDocument(seat(above, 21), c.ReturnReason.NOT_OURS, "不归我们"), 21)
    assert sum(isinstance(event, StepClosed) for event in events) == 1
    assert open_posts(above) == {16}


@pytest.mark.parametrize("kind", [K.ALL, K.QUORUM, K.ORDERED, K.LEAD])
def test_handing_everything_over_in_a_countersign_keeps_what_was_said(kind: StepKind) -> None:
    chain = countersign(kind, quorum=(3, 3))
    first = 13 if kind is not K.LEAD else 53
    chain = asked_before(done(chain, first), 23 if kind is not K.ORDERED else 53, 62)
    before = chain.opinions
    here = chain.current
    assert here is not None
    for one in [s for s in here.seats if s.state in LIVE]:
        chain = after(chain, c.Reassign(one.id, one.post_id // 10 * 10 + 6, one.organ_id, "离岗"), ADMIN)
    assert chain.opinions == before
    closed, position = 0, chain.position
    while chain.position == position:
        able = [s for _, s in chain.open_seats()]
        one = min(able, key=lambda s: s.role == "LEAD")
        events, chain = play(chain, c.Complete(one.id), one.post_id)
        closed += sum(isinstance(event, StepClosed) for event in events)
    assert closed == 1
    assert open_posts(chain) == {16}


def test_taking_back_inside_a_countersign_works_only_while_no_other_member_acted() -> None:
    chain = done(countersign(K.ALL), 13)
    back = after(chain, c.TakeBack(), 13)
    assert open_posts(back) == {13, 53, 23}
    assert back.opinions[-1].taken_back
    with pytest.raises(WrongStage, match="更正"):
        after(done(chain, 53), c.TakeBack(), 13)


def test_removing_a_member_recomputes_the_quorum_and_closes_once() -> None:
    chain = done(countersign(K.QUORUM, quorum=(1, 2)), 13)
    assert open_posts(chain) == {53, 23}
    events, chain = play(chain, c.RemoveSigner(seat(chain, 23), "不用了"), 11)
    assert sum(isinstance(event, StepClosed) for event in events) == 1
    assert open_posts(chain) == {16}


def test_removing_the_one_who_asked_closes_what_he_asked_for() -> None:
    chain = asked_before(countersign(K.ALL), 23, 52)
    chain = after(chain, c.RemoveSigner(seat(chain, 23), "不用了"), 11)
    assert open_posts(chain) == {13, 53}
    here = chain.current
    assert here is not None
    assert [s.state for s in here.seats if s.post_id == 52] == [SeatState.CLOSED]


def test_signers_ask_signers_five_deep_and_no_deeper() -> None:
    chain = countersign(K.ALL)
    asked = (23, 52, 62, 72, 54, 64)
    for by, whom in itertools.pairwise(asked):
        chain = asked_before(chain, by, whom)
    with pytest.raises(WrongStage, match="5 层"):
        asked_before(chain, 64, 74)
    for post in reversed(asked[1:]):
        chain = done(chain, post)
    assert open_posts(chain) == {13, 53, 23}


def test_disagreement_in_a_countersign_sends_the_paper_back_whole() -> None:
    chain = done(done(done(countersign(K.ALL), 13), 53, Verdict.DISAGREE, "与规定不符"), 23)
    assert open_posts(chain) == {11}
    assert len(chain.opinions) == 4


def test_an_administrator_holding_a_seat_by_mistake_still_says_nothing() -> None:
    chain = after(countersign(K.ALL), c.Reassign(101, ADMIN, 1, "离岗"), ADMIN)
    with pytest.raises(NotPermitted, match="管理员不经办公文"):
        done(chain, ADMIN)
