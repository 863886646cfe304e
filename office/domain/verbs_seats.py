"""Verbs that work on seats: act, claim, hand over, add and remove signers, re-assign."""

from office.domain.chain import (
    GONE,
    Assignment,
    Chain,
    ChainPurpose,
    Purpose,
    Seat,
    SeatRole,
    SeatState,
    Signer,
    Step,
    StepKind,
    StepState,
    Verdict,
)
from office.domain.chain_events import (
    CONSENT,
    Claimed,
    HandedOver,
    ProposalMade,
    Reassigned,
    SeatActed,
    SeatsClosed,
    SignerAdded,
    SignersRemoved,
    StepInserted,
    StepsSkipped,
)
from office.domain.commands import AddSigner, Claim, Complete, HandOver, Placement, Reassign, RemoveSigner
from office.domain.errors import Invalid, NotPermitted, Stale, WrongStage
from office.domain.people import Role
from office.domain.replacing import replace
from office.domain.turn import Turn, signed_content

MOST_SEATS = 200  # of one step; a wider circle is an issue to organs, not a countersign
MOST_STEPS = 100
DEEPEST = 5  # signers asked by signers asked …
PLAIN_ACTS = frozenset(
    {
        Purpose.RECHECK, Purpose.NUMBER, Purpose.SEAL, Purpose.RELEASE, Purpose.DISPATCH, Purpose.RECEIVE,
        Purpose.REGISTER, Purpose.RESPOND, Purpose.RELAY, Purpose.CLOSE, Purpose.DRAFT,
    }
)  # fmt: skip
AFTER_SIGN_OFF = frozenset({Purpose.RECHECK, Purpose.NUMBER, Purpose.SEAL, Purpose.RELEASE, Purpose.DISPATCH})
ASSIGNS = frozenset({Purpose.SCREEN, Purpose.PROPOSE, Purpose.INSTRUCT})


def complete(turn: Turn, command: Complete) -> None:
    """办理: close the seat with an opinion, then whatever follows from it."""
    step, seat, signer = turn.held(command.seat_id)
    verdict = _verdict(step, command)
    _check_complete(turn, step, seat, command)
    act(turn, step, seat, signer, verdict, command)


def act(turn: Turn, step: Step, seat: Seat, signer: Signer, verdict: Verdict, command: Complete) -> None:
    """The act itself, shared with decisions on requests."""
    opinion = turn.opinion(
        step, seat, signer, verdict, command.opinion, content_hash=command.content_hash, signature=command.signature
    )
    turn.emit(SeatActed(step.id, seat.id, opinion))
    own = seat.parent is None and verdict in CONSENT  # who was only asked to sign first assigns nothing
    if own and step.purpose in ASSIGNS and turn.chain.purpose is ChainPurpose.INCOMING:
        assign(turn, step, command.assign)
    turn.settle(step.id, seat)


def _now(turn: Turn, step: Step) -> Step:
    found = turn.chain.step(step.id)
    if found is None:
        raise LookupError(step.id)
    return found


def _verdict(step: Step, command: Complete) -> Verdict:
    if step.kind is StepKind.CIRCULATION:
        return Verdict.READ
    verdict = command.verdict
    if verdict not in (Verdict.AGREE, Verdict.DISAGREE, Verdict.TICK):
        raise Invalid("办理只能是同意、不同意或圈阅。")
    if verdict is Verdict.DISAGREE and (step.purpose in PLAIN_ACTS or step.kind is StepKind.EXCHANGE):
        raise WrongStage("这一步没有“不同意”。有问题请用“退回”，写明理由。")
    if verdict is Verdict.DISAGREE and not command.opinion.strip():
        raise Invalid("不同意要写明理由，拟稿人才知道怎么改。")
    return verdict


def _check_complete(turn: Turn, step: Step, seat: Seat, command: Complete) -> None:
    if step.purpose is Purpose.INSTRUCT and turn.chain.purpose is ChainPurpose.REQUEST and seat.parent is None:
        raise WrongStage("请示要有结论：能定的选“批复”，定不了的选“转报上级”。")
    taken = step.kind is StepKind.POOL and seat.claimed_by not in (None, turn.by.person_id)
    if taken and seat.post_id != turn.by.post_id:  # the post's own holder goes on where his deputy began
        raise Stale("这件已有人抢办。")
    busy = (SeatState.OPEN, SeatState.WAITING)  # waiting: a co-handler asked somebody first
    if seat.role is SeatRole.LEAD and any(s.role is SeatRole.CO and s.state in busy for s in step.seats):
        raise WrongStage("还有协办没有办完。请等协办办完，或减签后再办。")
    if step.purpose in AFTER_SIGN_OFF and turn.chain.signed_hash != command.content_hash:
        raise WrongStage(
            "签发后内容变了，不能往下办。请点“报原签批人再审”。",
            code="S01",
            article="《党政机关公文处理工作条例》第二十五条第（一）项",
        )
    if step.purpose is Purpose.SIGN_OFF and not command.content_hash:
        raise Invalid("签发时没有带上所看内容的指纹，请刷新页面再签。")
    before = signed_content(turn.chain, step) if step.purpose is Purpose.SIGN_OFF else ""
    if before and command.content_hash != before and seat.parent is None and command.verdict is not Verdict.DISAGREE:
        raise WrongStage("前一位签发人签的不是这一稿，几方要签同一稿。请退回拟稿人，改定后重新会签、签发。", code="S01")
    _check_readers(turn, step, command)


def _check_readers(turn: Turn, step: Step, command: Complete) -> None:
    unread = sum(reader.read_at is None for reader in turn.chain.readers)
    if step.purpose is Purpose.CLOSE and unread and not command.unread_reason.strip():
        raise Invalid(
            f"还有 {unread} 人没有阅完。请等阅完，或写明提前结束的理由。",
            code="I07",
            article="《党政机关公文处理工作条例》第二十四条第（五）项",
        )


def assign(turn: Turn, step: Step, assignment: Assignment | None) -> None:
    """Keep a proposal at 拟办; make the handling step at 批办, or at 初审 for papers only to be read."""
    if step.purpose is Purpose.PROPOSE:
        if assignment is None and turn.chain.proposal is None:
            raise Invalid("请写明拟交给谁办。", code="I04")
        turn.emit(ProposalMade(assignment or turn.chain.proposal))
        return
    chosen = assignment if step.purpose is Purpose.SCREEN else assignment or turn.chain.proposal
    earlier = [s for s in turn.chain.steps if _was_assigned(s) and s.state is not StepState.SKIPPED]
    if chosen is None or (assignment is None and earlier):
        return  # nobody new: whoever was assigned before a return still has it
    given_up = [s for s in earlier if s.state is StepState.WAITING]
    if step.purpose is Purpose.SCREEN:
        later = [s for s in turn.chain.steps if s.purpose in (Purpose.PROPOSE, Purpose.INSTRUCT)]
        given_up += [s for s in later if s.state is StepState.WAITING]
        step = later[-1] if later else step
    if given_up:
        turn.emit(StepsSkipped(tuple(s.id for s in given_up)))
    turn.emit(StepInserted(_last_asked(turn.chain, step).id, handling_step(turn, chosen)))


def _was_assigned(step: Step) -> bool:
    return step.inserted_by is not None and step.purpose is not Purpose.ADDED


def _last_asked(chain: Chain, step: Step) -> Step:
    """The last of the after-signers of a step, or the step: they come before whatever follows it."""
    for following in chain.steps[chain.index(step.id) + 1 :]:
        if following.purpose is not Purpose.ADDED:
            break
        step = following
    return step


def handling_step(turn: Turn, chosen: Assignment) -> Step:
    """The step that handles, from an assignment; two or more handlers need a lead (条例24(4))."""
    posts = chosen.post_ids
    if not posts or len(posts) > MOST_SEATS:
        raise Invalid(f"承办人要有 1 到 {MOST_SEATS} 个。")
    if len({post for post, _ in posts}) != len(posts):
        raise Invalid("同一个人选了两次。")
    kind = StepKind.SINGLE if len(posts) == 1 and chosen.kind is StepKind.LEAD else chosen.kind
    if kind is StepKind.EXCHANGE:
        raise Invalid("给别的机关请用“分发”。这里只选本单位的人或下级单位。")
    if kind is StepKind.SINGLE and len(posts) > 1:
        raise Invalid("几家办的要定主办。请选一个主办。", code="I04")
    if kind is StepKind.LEAD and chosen.lead_post_id not in {post for post, _ in posts}:
        raise Invalid("几家办的要定主办。请选一个主办。", code="I04")
    roles = {
        StepKind.LEAD: SeatRole.CO, StepKind.CIRCULATION: SeatRole.READER, StepKind.SUBORDINATE: SeatRole.UNIT,
    }  # fmt: skip
    first = turn.chain.next_id
    lead = chosen.lead_post_id if kind is StepKind.LEAD else None
    role = roles.get(kind, SeatRole.MEMBER)
    seats = tuple(
        Seat(first + 1 + i, post, organ, SeatRole.LEAD if post == lead else role, added_by=turn.by.post_id)
        for i, (post, organ) in enumerate(posts)
    )
    purposes = {StepKind.CIRCULATION: Purpose.CIRCULATE, StepKind.SUBORDINATE: Purpose.FORWARD}
    return Step(
        first, turn.by.organ_id, purposes.get(kind, Purpose.HANDLE), kind, seats,
        inserted_by=turn.by.post_id, due=chosen.due,
    )  # fmt: skip


def claim(turn: Turn, command: Claim) -> None:
    """抢办: the others' tasks close, this one is mine."""
    step, seat, signer = turn.held(command.seat_id)
    if seat.parent is not None:
        raise WrongStage("您是被请来先签的，直接办理就行，不用抢办。")
    if _is_claimed(step):
        raise Stale("这件已有人抢办。")
    turn.emit(Claimed(step.id, seat.id, signer))


def _is_claimed(step: Step) -> bool:
    return any(seat.claimed_by is not None for seat in step.members())


def hand_over(turn: Turn, command: HandOver) -> None:
    """转办: to another post of the same organ; not to a member of the same countersign."""
    step, seat, signer = turn.held(command.seat_id)
    if command.to_organ != seat.organ_id:
        raise WrongStage("转办只在本单位内。要给别的单位，请用“交办”或“退文”。")
    if command.to_post == seat.post_id:
        raise Invalid("不用转给自己。")
    if any(s.post_id == command.to_post and s.state not in GONE for s in step.seats):
        raise WrongStage("对方已在这一步里，不能再转给他。")
    deputy = turn.deputies.get(command.to_post)
    taken = replace(
        seat,
        id=turn.chain.next_id,
        post_id=command.to_post,
        deputy_id=deputy,
        claimed_by=None,
        opened=turn.at,
    )
    turn.emit(HandedOver(step.id, seat.id, taken, signer, command.note))


def add_signer(turn: Turn, command: AddSigner) -> None:
    """加签: before (returns to me), after (a step of its own), beside (a member more)."""
    step, seat, signer = turn.held(command.seat_id)
    if step.purpose is Purpose.DRAFT:
        raise WrongStage("还在拟稿，不用加签。请先送审，或在会签单位里加上。")
    match command.placement:
        case Placement.AFTER:
            _add_after(turn, step, command)
        case Placement.BEFORE | Placement.BESIDE:
            _check_new_member(step, command.post_id)
            added = _added_seat(turn, step, seat, command)
            if step.kind is StepKind.POOL and added.parent is not None and not _is_claimed(step):
                turn.emit(Claimed(step.id, seat.id, signer))
            turn.emit(SignerAdded(step.id, added, signer, command.note))
            if step.kind is not StepKind.ORDERED or added.parent is not None:
                turn.open(_now(turn, step), (added,))


def _check_new_member(step: Step, post_id: int) -> None:
    if any(seat.post_id == post_id and seat.state not in GONE for seat in step.seats):
        raise WrongStage("这个人已在这一步里，不用再加。")
    if len(step.seats) >= MOST_SEATS:
        raise WrongStage(f"一步最多 {MOST_SEATS} 个人。人再多，请改用分发或传阅。")


def _depth(step: Step, seat: Seat) -> int:
    depth = 0
    while seat.parent is not None and depth <= DEEPEST:
        parent = step.seat(seat.parent)
        if parent is None:
            break
        seat, depth = parent, depth + 1
    return depth


def _added_seat(turn: Turn, step: Step, seat: Seat, command: AddSigner) -> Seat:
    roles = {
        StepKind.LEAD: SeatRole.CO, StepKind.CIRCULATION: SeatRole.READER, StepKind.SUBORDINATE: SeatRole.UNIT,
    }  # fmt: skip
    new = Seat(turn.chain.next_id, command.post_id, command.organ_id, added_by=turn.by.post_id)
    if command.placement is Placement.BESIDE:
        if step.kind is StepKind.SINGLE:
            raise WrongStage("这一步只有您一个人签，没有并签。请用前加签或后加签。")
        if seat.parent is not None:
            raise WrongStage("您是被请来先签的，不能再加成员。要请别人先看，请用前加签。")
        return replace(new, role=roles.get(step.kind, SeatRole.MEMBER))
    if step.kind in (StepKind.CIRCULATION, StepKind.SUBORDINATE):
        raise WrongStage("传阅和交下级只能并列添加。请选“并加”。")
    if _depth(step, seat) + 1 > DEEPEST:
        raise WrongStage(f"一层请一层已有 {DEEPEST} 层，不能再往里加签。请直接办理。")
    return replace(new, parent=seat.id)


def _add_after(turn: Turn, step: Step, command: AddSigner) -> None:
    if step.kind in (StepKind.CIRCULATION, StepKind.SUBORDINATE):
        raise WrongStage("传阅和交下级只能并列添加。请选“并加”。")
    if command.post_id == turn.by.post_id:
        raise WrongStage("不用请自己后签，直接办理就行。")
    if len(turn.chain.steps) >= MOST_STEPS:
        raise WrongStage(f"一份文件最多 {MOST_STEPS} 步，不能再加签。人再多，请改用会签或传阅。")
    asked = [s for s in turn.chain.steps if s.purpose is Purpose.ADDED and s.state is StepState.WAITING]
    if any(s.seats[0].post_id == command.post_id for s in asked):
        raise WrongStage("已经请过这个人后签，不用再加。")
    first = turn.chain.next_id
    seat = Seat(first + 1, command.post_id, command.organ_id, added_by=turn.by.post_id)
    added = Step(first, step.organ_id, Purpose.ADDED, StepKind.SINGLE, (seat,), inserted_by=turn.by.post_id)
    turn.emit(StepInserted(step.id, added))


def _may_remove(turn: Turn, step: Step, seat: Seat) -> bool:
    lead = any(s.role is SeatRole.LEAD and s.post_id == turn.by.post_id for s in step.members())
    adder = seat.added_by if seat.added_by is not None else turn.chain.drafter_post_id
    return lead or turn.by.post_id == adder


def remove_signer(turn: Turn, command: RemoveSigner) -> None:
    """减签: one who has not acted; never the last; may close the step, once."""
    waiting = next(
        (s for s in turn.chain.steps if s.purpose is Purpose.ADDED and s.state is StepState.WAITING
         and s.seat(command.seat_id) is not None), None,
    )  # fmt: skip
    step = waiting or turn.running()
    seat = step.seat(command.seat_id)
    if seat is None or seat.state not in (SeatState.OPEN, SeatState.WAITING):
        raise Stale("要减的人已经办过，或不在这一步里。")
    if not _may_remove(turn, step, seat):
        raise NotPermitted("只有加签的人或主办才能减签。")
    if waiting is not None:
        turn.emit(StepsSkipped((waiting.id,)))
        return
    _remove(turn, step, seat, command.reason)


def _remove(turn: Turn, step: Step, seat: Seat, reason: str) -> None:
    if seat.role is SeatRole.LEAD:
        raise WrongStage("主办不能减。要换主办，请用“转办”，或请管理员重新指派。")
    if step.purpose is Purpose.SIGN_OFF and seat.parent is None and seat.added_by is None:
        raise WrongStage(
            "联合行文要各方负责人都签发，不能减。要换人请管理员重新指派。",
            article="《党政机关公文处理工作条例》第二十二条",
        )
    if seat.parent is None and len(step.members()) == 1:
        raise WrongStage("只剩这一个人了，不能减。要换人请用“转办”，不办了请用“退回”。")
    turn.emit(SignersRemoved(step.id, (seat.id,), turn.signer(), reason))
    children = descendants(step, seat.id)
    if children:
        turn.emit(SeatsClosed(step.id, children))
    turn.settle(step.id, seat)


def descendants(step: Step, seat_id: int) -> tuple[int, ...]:
    """Seats that were asked, directly or through others, by that seat and have not acted."""
    live = (SeatState.OPEN, SeatState.WAITING)
    direct = tuple(s.id for s in step.seats if s.parent == seat_id and s.state in live)
    return tuple(i for child in direct for i in (child, *descendants(step, child)))


def reassign(turn: Turn, command: Reassign) -> None:
    """重新指派: an administrator moves an open or waiting seat to another post; nothing else changes."""
    if turn.by.role is not Role.SYSTEM_ADMIN:
        raise NotPermitted("重新指派由系统管理员办。")
    if not command.reason.strip():
        raise Invalid("请写明重新指派的理由，会记入经过。")
    turn.running()
    live = (SeatState.OPEN, SeatState.WAITING)
    found = next(((st, s) for st in turn.chain.steps for s in st.seats if s.id == command.seat_id), None)
    if found is None or found[1].state not in live or found[0].state is StepState.SKIPPED:
        raise Stale("这一步已经办过，不用重新指派。")
    step, seat = found
    if command.to_organ != seat.organ_id:
        raise WrongStage("只能指派给同一单位的人。请重新选。")
    if any(s.post_id == command.to_post and s.state not in GONE for s in step.seats):
        raise WrongStage("这个人已在这一步里，请指派给别人。")
    deputy = turn.deputies.get(command.to_post)
    turn.emit(Reassigned(step.id, seat.id, command.to_post, command.to_organ, deputy, turn.signer(), command.reason))
