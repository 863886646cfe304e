"""The matrix of verbs by kinds of step, cell by cell: what must work is really done, what is refused says why."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from office.domain import commands as c
from office.domain.chain import (
    Chain,
    ChainStage,
    Purpose,
    ReturnMode,
    SeatRole,
    SeatState,
    StepKind,
    StepState,
    Verdict,
)  # fmt: skip
from office.domain.chain import ChainPurpose as Life
from office.domain.chain_events import Event, StepClosed
from office.domain.errors import Invalid, NotPermitted, OfficeError, Stale, WrongStage
from office.domain.matrix import REFUSED, Verb
from office.domain.verbs import decided
from tests.domain.cast import ADMIN, NINE, actor, line, request, step

K = StepKind
COLUMNS = (K.SINGLE, K.POOL, K.ALL, K.QUORUM, K.ORDERED, K.LEAD, K.CIRCULATION, K.SUBORDINATE, K.EXCHANGE)
# y works, r refused with a sentence, - no meaning (refused too): one column a kind, in the order of COLUMNS.
MATRIX = {
    "办理": "yyyyyyyyy",
    "退回": "yyyyyyryr",
    "撤回": "yyyyyyyyy",
    "取回": "yyyyyyyyy",
    "转办": "yyyyyyryy",
    "加签": "yyyyyyyyr",
    "减签": "yryyyyyyr",
    "委托": "yyyyyyyyy",
    "跳转": "yyyyyyryr",
    "催办": "yyyyyyyyy",
    "督办": "yyyyyyryy",
    "传阅": "yyyyyyyyy",
    "退文": "-------yy",
    "拒收": "-------yy",
    "终止": "yyyyyyyyy",
    "撤销": "yyyyyyyyy",
    "废止": "yyyyyyyyy",
    "移交": "yyyyyyyyy",
}
WHO = {K.SINGLE: (13,), K.SUBORDINATE: (21, 31, 41)}
DRAFTER = {K.EXCHANGE: 41}
KNOWN = (WrongStage, NotPermitted, Invalid, Stale)


def played(
    chain: Chain, command: c.Command, by: int, *, deputies: dict[int, int] | None = None, hours: int = 1
) -> tuple[tuple[Event, ...], Chain]:
    at = NINE + timedelta(hours=hours)
    return decided(chain, command, by=actor(by), at=at, deputies=deputies or {})


def after(
    chain: Chain, command: c.Command, by: int, *, deputies: dict[int, int] | None = None, hours: int = 1
) -> Chain:
    return played(chain, command, by, deputies=deputies, hours=hours)[1]


def standing_at(kind: StepKind, *, life: Life = Life.OUTGOING, deputies: dict[int, int] | None = None) -> Chain:
    """A paper that its drafter has just sent to a step of that kind; another step follows."""
    if kind is K.EXCHANGE:
        chain = request(10_000)
        return after(chain, c.Complete(chain.open_seats()[0][1].id), 41, deputies=deputies)
    chain = line(
        step(10, K.SINGLE, (11,), purpose=Purpose.DRAFT),
        step(100, kind, WHO.get(kind, (13, 53, 23)), quorum=(1, 2), due=NINE + timedelta(days=3)),
        step(200, K.SINGLE, (16,)),
        life=life,
    )
    return after(chain, c.Complete(11), 11, deputies=deputies)


def held(chain: Chain) -> tuple[int, int]:
    """The first live seat that may act now, a lead after its co-handlers: (seat, post)."""
    seats = [seat for _, seat in chain.open_seats()]
    seat = next((s for s in seats if s.role is not SeatRole.LEAD), seats[0])
    return seat.id, seat.post_id


def seat_of(chain: Chain, post: int) -> int:
    here = chain.current
    assert here is not None
    return next(seat.id for seat in here.seats if seat.post_id == post and seat.state in LIVE)


LIVE = (SeatState.OPEN, SeatState.WAITING)


def colleague(post: int) -> int:
    return post // 10 * 10 + 6


def state(chain: Chain, seat_id: int) -> SeatState:
    return next(seat.state for one in chain.steps for seat in one.seats if seat.id == seat_id)


def check_completed(kind: StepKind) -> None:
    chain = standing_at(kind)
    here, closed = chain.position, 0
    while chain.position == here:
        seat, post = held(chain)
        said = len(chain.opinions)
        if kind is K.LEAD and len(chain.open_seats()) > 1:
            with pytest.raises(WrongStage, match="协办"):
                after(chain, c.Complete(seat_of(chain, 13)), 13)
        events, chain = played(chain, c.Complete(seat, Verdict.TICK, "已阅处"), post)
        assert state(chain, seat) is SeatState.DONE
        assert (len(chain.opinions), chain.opinions[-1].by.post_id) == (said + 1, post)
        expected = Verdict.READ if kind is K.CIRCULATION else Verdict.TICK
        assert chain.opinions[-1].verdict is expected
        closed += sum(isinstance(event, StepClosed) for event in events)
    assert closed == 1
    assert chain.steps[here].state is StepState.DONE
    assert chain.open_seats()


def check_returned(kind: StepKind) -> None:
    chain = standing_at(kind)
    seat, post = held(chain)
    back = after(chain, c.Return(seat, "请改", mode=ReturnMode.STRAIGHT_BACK), post)
    assert back.position == 0
    assert held(back)[1] == 11
    assert back.opinions[-1].verdict is Verdict.RETURN
    assert back.opinions[: len(chain.opinions)] == chain.opinions
    again = after(back, c.Complete(held(back)[0]), 11)
    assert again.position == chain.position, "straight back to the returner"
    assert {s.post_id for _, s in again.open_seats()} == {s.post_id for _, s in chain.open_seats()}


def check_withdrawn(kind: StepKind) -> None:
    chain = standing_at(kind)
    drafter = DRAFTER.get(kind, 11)
    back = after(chain, c.Withdraw(), drafter)
    assert (back.position, held(back)[1]) == (0, drafter)
    assert back.opinions == chain.opinions
    seat, post = held(chain)
    acted = after(chain, c.Complete(seat), post)
    with pytest.raises(WrongStage, match=r"有人办过|签发"):
        after(acted, c.Withdraw(), drafter)


def check_taken_back(kind: StepKind) -> None:
    chain = standing_at(kind)
    drafter = DRAFTER.get(kind, 11)
    back = after(chain, c.TakeBack(), drafter)
    assert (back.position, held(back)[1]) == (0, drafter)
    assert [o.taken_back for o in back.opinions] == [True]
    seat, post = held(chain)
    acted = after(chain, c.Complete(seat), post)
    with pytest.raises(WrongStage, match="更正"):
        after(acted, c.TakeBack(), drafter)
    if kind is not K.EXCHANGE:
        mine = after(acted, c.TakeBack(), post)
        assert seat_of(mine, post) in {s.id for _, s in mine.open_seats()}
        return
    with pytest.raises(WrongStage, match="签收"):
        after(acted, c.TakeBack(), post)


def check_handed_over(kind: StepKind) -> None:
    chain = standing_at(kind)
    seat, post = held(chain)
    passed = after(chain, c.HandOver(seat, colleague(post), post // 10, "请办"), post)
    assert state(passed, seat) is SeatState.HANDED_OVER
    new = seat_of(passed, colleague(post))
    assert state(passed, new) is SeatState.OPEN
    assert passed.steps[passed.position].due == chain.steps[chain.position].due
    assert after(passed, c.Complete(new), colleague(post)).opinions[-1].by.post_id == colleague(post)
    if len(chain.open_seats()) > 1:
        other = chain.open_seats()[-1][1].post_id if kind is not K.LEAD else 13
        with pytest.raises(WrongStage):
            after(chain, c.HandOver(seat, other, other // 10), post)


def check_signer_added(kind: StepKind) -> None:
    chain = standing_at(kind)
    seat, post = held(chain)
    beside = c.AddSigner(seat, 52, 5, c.Placement.BESIDE)
    before, behind = replace(beside, placement=c.Placement.BEFORE), replace(beside, placement=c.Placement.AFTER)
    if kind is not K.SINGLE:
        more = after(chain, beside, post)
        added = next(s for s in more.steps[more.position].seats if s.post_id == 52)
        roles = {K.CIRCULATION: SeatRole.READER, K.SUBORDINATE: SeatRole.UNIT, K.LEAD: SeatRole.CO}
        assert added.role is roles.get(kind, SeatRole.MEMBER)
        assert added.state is (SeatState.WAITING if kind is K.ORDERED else SeatState.OPEN)
    if kind in (K.CIRCULATION, K.SUBORDINATE):
        for placement in (before, behind):
            with pytest.raises(WrongStage, match="并加"):
                after(chain, placement, post)
        return
    asked = after(chain, before, post)
    assert (state(asked, seat), state(asked, seat_of(asked, 52))) == (SeatState.WAITING, SeatState.OPEN)
    answered = after(asked, c.Complete(seat_of(asked, 52), Verdict.AGREE, "可以"), 52)
    assert (state(answered, seat), answered.position) == (SeatState.OPEN, chain.position)
    later = after(chain, behind, post)
    assert later.steps[later.position + 1].purpose is Purpose.ADDED
    assert state(later, seat) is SeatState.OPEN


def check_signer_removed(kind: StepKind) -> None:
    chain = standing_at(kind)
    if kind is K.SINGLE:
        seat, post = held(chain)
        asked = after(chain, c.AddSigner(seat, 52, 5, c.Placement.BEFORE), post)
        back = after(asked, c.RemoveSigner(seat_of(asked, 52), "不用了"), post)
        assert (state(back, seat), back.position) == (SeatState.OPEN, chain.position)
        return
    here = chain.steps[chain.position]
    last, lead = here.seats[-1], here.seats[0]
    less = after(chain, c.RemoveSigner(last.id, "不用了"), 11)
    assert state(less, last.id) is SeatState.REMOVED
    if kind is K.LEAD:
        assert state(after(chain, c.RemoveSigner(last.id), lead.post_id), last.id) is SeatState.REMOVED
        with pytest.raises(WrongStage, match="主办不能减"):
            after(chain, c.RemoveSigner(lead.id), 11)
        return
    only = after(less, c.RemoveSigner(here.seats[1].id), 11)
    with pytest.raises(WrongStage, match="只剩"):
        after(only, c.RemoveSigner(lead.id), 11)


def check_deputy(kind: StepKind) -> None:
    post = held(standing_at(kind))[1]
    deputy = colleague(post)
    chain = standing_at(kind, deputies={post: deputy})
    seat = seat_of(chain, post)
    signed = after(chain, c.Complete(seat), deputy)
    by = signed.opinions[-1].by
    assert (by.post_id, by.on_behalf) == (deputy, post)
    with pytest.raises(NotPermitted):
        after(chain, c.Complete(seat), 71)


def check_redirected(kind: StepKind) -> None:
    chain = standing_at(kind)
    for target in (10, 200):
        moved = after(chain, c.Redirect(target, "人员变动"), ADMIN)
        current = moved.current
        assert current is not None
        assert current.id == target
        assert moved.opinions == chain.opinions
        assert len(moved.steps) == len(chain.steps)
        assert all(s.state not in LIVE for one in moved.steps[1:2] for s in one.seats if target == 200)
    with pytest.raises(NotPermitted):
        after(chain, c.Redirect(200, "人员变动"), 12)


def check_reminded(kind: StepKind) -> None:
    chain, drafter = standing_at(kind), DRAFTER.get(kind, 11)
    urged = after(chain, c.Remind("请快办"), drafter)
    assert replace(urged, reminded_at=None) == replace(chain, reminded_at=None)
    with pytest.raises(Invalid, match="四小时"):
        after(urged, c.Remind(), drafter, hours=4)
    assert after(urged, c.Remind(), drafter, hours=5).reminded_at == NINE + timedelta(hours=5)


def check_supervised(kind: StepKind) -> None:
    chain, head = standing_at(kind), DRAFTER.get(kind, 11) // 10 * 10 + 2
    watched = after(chain, c.Supervise(16, NINE + timedelta(days=2)), head)
    assert watched.supervision is not None
    assert replace(watched, supervision=None) == chain


def check_circulated(kind: StepKind) -> None:
    chain = standing_at(kind)
    shown = after(chain, c.Circulate(((14, 1), (52, 5)), "供参阅"), held(chain)[1])
    assert [(r.post_id, r.read_at) for r in shown.readers] == [(14, None), (52, None)]
    assert replace(shown, readers=(), next_id=chain.next_id) == chain
    read = after(shown, c.MarkRead(shown.readers[1].id), 52)
    assert read.readers[1].read_at is not None


def check_given_back(kind: StepKind, command: Callable[[int], c.Command]) -> None:
    chain = standing_at(kind, life=Life.INCOMING)
    seat, post = held(chain)
    back = after(chain, command(seat), post)
    assert back.opinions[-1].verdict is Verdict.RETURN
    if kind is K.SUBORDINATE:
        assert state(back, seat) is SeatState.DONE
        assert [s.post_id for _, s in back.open_seats()] == [31, 41], "the other units' parts go on"
        return
    assert held(back)[1] == 41, "the source has it again"


def check_document_returned(kind: StepKind) -> None:
    for reason in c.ReturnReason:
        check_given_back(kind, lambda seat, why=reason: c.ReturnDocument(seat, why, "不属本单位职责"))  # type: ignore[misc]


def check_delivery_refused(kind: StepKind) -> None:
    check_given_back(kind, lambda seat: c.RefuseDelivery(seat, "送错单位"))


def check_over(kind: StepKind, command: c.Command, stage: ChainStage) -> None:
    chain = standing_at(kind)
    ended = after(chain, command, DRAFTER.get(kind, 11))
    assert (ended.stage, ended.current, ended.open_seats()) == (stage, None, ())
    assert all(seat.state not in LIVE for seat in ended.steps[chain.position].seats)
    assert ended.opinions == chain.opinions


def check_reassigned(kind: StepKind) -> None:
    chain = standing_at(kind)
    for _, seat in chain.open_seats():
        to = colleague(seat.post_id)
        moved = after(chain, c.Reassign(seat.id, to, seat.organ_id, "离岗"), ADMIN, deputies={to: 14})
        found = next(s for s in moved.steps[moved.position].seats if s.id == seat.id)
        assert (found.post_id, found.state, found.deputy_id) == (to, SeatState.OPEN, 14)
        assert moved.opinions == chain.opinions
        chain = moved


CHECKS: dict[str, Callable[[StepKind], None]] = {
    "办理": check_completed,
    "退回": check_returned,
    "撤回": check_withdrawn,
    "取回": check_taken_back,
    "转办": check_handed_over,
    "加签": check_signer_added,
    "减签": check_signer_removed,
    "委托": check_deputy,
    "跳转": check_redirected,
    "催办": check_reminded,
    "督办": check_supervised,
    "传阅": check_circulated,
    "退文": check_document_returned,
    "拒收": check_delivery_refused,
    "终止": lambda kind: check_over(kind, c.Terminate("不办了"), ChainStage.ENDED),
    "撤销": lambda kind: check_over(kind, c.Stop(revoked=True, reason="不当"), ChainStage.REVOKED),
    "废止": lambda kind: check_over(kind, c.Stop(revoked=False, reason="过时"), ChainStage.ABOLISHED),
    "移交": check_reassigned,
}


def asked_in_vain(verb: str, chain: Chain) -> tuple[c.Command, int]:
    """The request of a refused cell, by who would have the right to it elsewhere."""
    seat, post = held(chain)
    asked: dict[str, tuple[c.Command, int]] = {
        "退回": (c.Return(seat, "请改"), post),
        "转办": (c.HandOver(seat, colleague(post), post // 10), post),
        "加签": (c.AddSigner(seat, 52, 5, c.Placement.BESIDE), post),
        "减签": (c.RemoveSigner(chain.open_seats()[-1][1].id), 11),
        "跳转": (c.Redirect(chain.steps[-1].id, "人员变动"), ADMIN),
        "督办": (c.Supervise(16, NINE + timedelta(days=2)), 12),
        "退文": (c.ReturnDocument(seat, c.ReturnReason.NOT_OURS, "不属本单位职责"), post),
        "拒收": (c.RefuseDelivery(seat, "送错单位"), post),
    }
    return asked[verb]


def cells(marks: str) -> list[tuple[str, StepKind]]:
    marked = [(verb, kind, mark) for verb, row in MATRIX.items() for kind, mark in zip(COLUMNS, row, strict=True)]
    return [(verb, kind) for verb, kind, mark in marked if mark in marks]


@pytest.mark.parametrize(("verb", "kind"), cells("y"))
def test_what_must_work_is_done(verb: str, kind: StepKind) -> None:
    CHECKS[verb](kind)


@pytest.mark.parametrize(("verb", "kind"), cells("r-"))
@pytest.mark.parametrize("life", [Life.OUTGOING, Life.INCOMING])
def test_what_is_refused_says_why_and_what_to_do(verb: str, kind: StepKind, life: Life) -> None:
    chain = standing_at(kind, life=life)
    command, by = asked_in_vain(verb, chain)
    with pytest.raises(KNOWN) as told:
        after(chain, command, by)
    said = told.value.sentence
    assert said.endswith("。")
    assert "请" in said or "就行" in said, "a reason without a next step helps nobody"
    assert len(said) > 12


def test_the_code_refuses_no_cell_that_must_work() -> None:
    named = {verb.value: verb for verb in Verb}
    for verb, kind in cells("y"):
        if verb not in ("委托", "移交"):  # who stands in is no verb; 移交 is 重新指派 of everything
            assert (named.get(verb, Verb.STOP), kind) not in REFUSED, (verb, kind)
    assert all((Verb.REASSIGN, kind) not in REFUSED for kind in COLUMNS)


def test_every_refusal_of_the_code_is_one_of_the_matrix() -> None:
    known = {(verb, kind) for verb, kind in cells("r-")}
    claims = {(Verb.CLAIM.value, kind) for kind in COLUMNS if kind is not K.POOL}
    assert {(verb.value, kind) for verb, kind in REFUSED} <= known | claims
    for verb, kind in REFUSED:
        assert isinstance(OfficeError(REFUSED[verb, kind]).sentence, str)
        assert "请" in REFUSED[verb, kind] or "就行" in REFUSED[verb, kind]
