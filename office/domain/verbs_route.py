"""Verbs that move the whole paper: return, withdraw, take back, redirect, decide, end."""

from office.domain.chain import (
    AFTER_NUMBER,
    FIXED_ORDER,
    ChainPurpose,
    ChainStage,
    Opinion,
    Purpose,
    ReturnMode,
    Seat,
    Signer,
    Step,
    StepKind,
    StepState,
    Verdict,
)
from office.domain.chain_events import (
    ChainEnded,
    ContentReopened,
    Redirected,
    RequestDecided,
    Returned,
    SeatActed,
    StepInserted,
    StepsSkipped,
    TookBack,
    Withdrawn,
)
from office.domain.commands import (
    REASON_WORDS,
    Amend,
    Complete,
    Decide,
    PassUpward,
    Redirect,
    RefuseDelivery,
    Return,
    ReturnDocument,
    ReturnReason,
    Stop,
    Terminate,
    Withdraw,
)
from office.domain.errors import Invalid, NotPermitted, WrongStage
from office.domain.people import Role
from office.domain.rounds import deciding
from office.domain.turn import Turn
from office.domain.verbs_seats import act

OFFICE_ROLES = frozenset({Role.OFFICE_HEAD, Role.LEADER, Role.DEPUTY_LEADER})


def required(text: str, what: str) -> str:
    """The reason without its margins, or a refusal: this verb needs one."""
    if not text.strip():
        raise Invalid(f"{what}要写明理由。", article="《党政机关公文处理工作条例》第二十一条")
    return text.strip()


def return_(turn: Turn, command: Return) -> None:
    """退回: the whole step goes back, inside one organ; opinions and values stay."""
    step, seat, signer = turn.held(command.seat_id)
    reason = required(command.reason, "退回")
    target = _return_target(turn, step, command.to_step)
    signing = next((i for i, s in enumerate(turn.chain.steps) if s.purpose is Purpose.SIGN_OFF), None)
    fixed = [i for i in (signing, deciding(turn.chain)) if i is not None and i < turn.chain.position]
    crosses = any(turn.chain.index(target.id) <= i for i in fixed)
    mode = ReturnMode.RUN_AGAIN if crosses else command.mode
    turn.emit(Returned(target.id, mode, turn.opinion(step, seat, signer, Verdict.RETURN, reason)))
    turn.open(turn.chain.steps[turn.chain.index(target.id)])


def _return_target(turn: Turn, step: Step, to_step: int | None) -> Step:
    passed = [s for s in turn.chain.steps[: turn.chain.position] if s.state is StepState.DONE]
    own = [s for s in passed if s.organ_id == step.organ_id and s.kind is not StepKind.EXCHANGE]  # 签收 is a fact
    if not own:
        raise WrongStage("前面没有本单位办过的环节可退。来文有问题，请用“退文”退给来文单位。")
    if to_step is None:
        return own[-1]
    target = next((s for s in own if s.id == to_step), None)
    if target is None:
        raise WrongStage("只能退到本单位已经办过的环节。")
    return target


def withdraw(turn: Turn, command: Withdraw) -> None:  # noqa: ARG001 - the reason is kept with the command
    """撤回 by the drafter: before sign-off, while no later holder has acted; opening does not block."""
    chain = turn.chain
    if chain.purpose is ChainPurpose.INCOMING:
        raise WrongStage("来文不能撤回。要退给来文单位，请用“退文”。")
    if turn.by.post_id != chain.drafter_post_id:
        raise NotPermitted("只有拟稿人能撤回。您可以用“退回”。")
    if chain.position == 0:
        raise WrongStage("稿子就在您手上，不用撤回。")
    if any(s.purpose is Purpose.SIGN_OFF and s.state is StepState.DONE for s in chain.steps[: chain.position]):
        raise WrongStage("已经签发，不能撤回。请与签发人商量，由其退回。")
    if chain.acted:
        raise WrongStage("后面已经有人办过，不能撤回。请联系正在办的人退回给您。")
    turn.emit(Withdrawn(turn.signer(), turn.at))
    turn.open(turn.chain.steps[0])


def take_back(turn: Turn) -> None:
    """取回 one's own last act, while the next has not acted."""
    undo = turn.chain.undo
    if undo is None or undo.by_post_id != turn.by.post_id:
        raise WrongStage("后面已经有人办了，或最后一步不是您办的，取不回来。您可以补一条更正意见。")
    if undo.step.purpose is Purpose.RECEIVE:
        raise WrongStage("已经签收，签收不能取回。送错了请用“退文”。")
    turn.emit(TookBack(turn.signer(), turn.at))


def redirect(turn: Turn, command: Redirect) -> None:
    """跳转 by an administrator; never past a stage the regulation fixes, never back over a number."""
    if turn.by.role is not Role.SYSTEM_ADMIN:
        raise NotPermitted("跳转由系统管理员办。")
    reason = required(command.reason, "跳转")
    chain = turn.chain
    target = chain.step(command.to_step)
    if target is None or target.state is StepState.SKIPPED:
        raise Invalid("要跳去的环节不在这条流程里。")
    at = chain.index(target.id)
    if at == chain.position:
        raise Invalid("文件就在这一步，不用跳转。")
    if target.organ_id != turn.running().organ_id:
        raise WrongStage("跳转不能跨单位，层级不能跳过。")
    if target.kind is StepKind.EXCHANGE:
        raise WrongStage("不能跳到收发环节：签收是事实，不能重来，也不能替对方签收。")
    _check_fixed(turn, at)
    turn.emit(Redirected(target.id, turn.signer(), reason, turn.at))
    turn.open(turn.chain.steps[turn.chain.index(target.id)])


def _check_fixed(turn: Turn, at: int) -> None:
    chain = turn.chain
    if at > chain.position:
        skipped = [s for s in chain.steps[chain.position : at] if s.state in (StepState.OPEN, StepState.WAITING)]
        fixed = next((s for s in skipped if s.purpose in FIXED_ORDER or s.purpose is Purpose.COUNTERSIGN), None)
        if fixed is not None or (chain.purpose is ChainPurpose.OUTGOING and chain.position == 0):
            raise WrongStage(
                "审核、签发、复核、登记、印制、核发的次序是规定的，不能跳过。",
                code="S05",
                article="《党政机关公文处理工作条例》第十八条、第二十五条",
            )
    elif any(s.purpose in AFTER_NUMBER and s.state is StepState.DONE for s in chain.steps):
        raise WrongStage("已经编号，不能往回跳。确要改，请报原签批人再审。")


def return_document(turn: Turn, command: ReturnDocument) -> None:
    """退文 to the source, with one of five reasons (条例24(3))."""
    step, seat, signer = turn.held(command.seat_id)
    if turn.chain.purpose is ChainPurpose.OUTGOING:
        raise WrongStage("退文只退外来文件。自己单位的稿子请用“退回”。")
    text = command.text.strip()
    if command.reason is ReturnReason.OTHER and not text:
        raise Invalid("选“其他”要写明原因，来文单位才知道怎么改。")
    words = REASON_WORDS[command.reason]
    said = f"{words}：{text}" if text else words
    opinion = turn.opinion(step, seat, signer, Verdict.RETURN, said)
    if step.kind is StepKind.SUBORDINATE:
        _unit_gives_back(turn, step, seat, opinion)
        return
    if step.purpose not in (Purpose.RECEIVE, Purpose.SCREEN, Purpose.REGISTER):
        raise WrongStage("退文在签收或初审时办。已经往下办了，请先退回到初审。")
    send_back(turn, step, seat, signer, said)


def _unit_gives_back(turn: Turn, step: Step, seat: Seat, opinion: Opinion) -> None:
    """One lower unit of several: its part ends, the others' go on."""
    turn.emit(SeatActed(step.id, seat.id, opinion))
    turn.settle(step.id, seat)


def send_back(turn: Turn, step: Step, seat: Seat, signer: Signer, said: str) -> None:
    """To the organ it came from: a request to its drafter, any other paper ends here as returned."""
    opinion = turn.opinion(step, seat, signer, Verdict.RETURN, said)
    if turn.chain.purpose is ChainPurpose.REQUEST:
        turn.emit(Returned(turn.chain.steps[0].id, ReturnMode.RUN_AGAIN, opinion))
        turn.open(turn.chain.steps[0])
        return
    turn.emit(SeatActed(step.id, seat.id, opinion))
    turn.emit(ChainEnded(ChainStage.RETURNED, said, turn.at))


def refuse_delivery(turn: Turn, command: RefuseDelivery) -> None:
    """拒收 at receipt: wrong delivery (条例24(1))."""
    step, seat, signer = turn.held(command.seat_id)
    of_unit = step.kind is StepKind.SUBORDINATE and turn.chain.purpose is not ChainPurpose.OUTGOING
    if step.purpose is not Purpose.RECEIVE and not of_unit:
        raise WrongStage("拒收只在签收时用。已经签收的，请用“退文”。")
    said = "拒收：" + required(command.text, "拒收")
    if of_unit:
        _unit_gives_back(turn, step, seat, turn.opinion(step, seat, signer, Verdict.RETURN, said))
    else:
        send_back(turn, step, seat, signer, said)


def decide_request(turn: Turn, command: Decide) -> None:
    """The leader decides where the tier is competent; the answer then goes down, tier by tier."""
    step, seat, signer = turn.held(command.seat_id)
    _check_deciding(turn, step)
    if step.limit_yuan is not None and turn.chain.amount_yuan > step.limit_yuan:
        raise WrongStage(
            f"申请 {turn.chain.amount_yuan:,} 元，超出本级权限 {step.limit_yuan:,} 元。请选“转报上级”，并写上本级意见。"
        )
    if not command.opinion.strip():
        raise Invalid("批复要写明意见。")
    verdict = Verdict.GRANT if command.granted else Verdict.DENY
    _decided(turn, step, seat, signer, verdict, command.opinion, command.content_hash, command.signature)


def _check_deciding(turn: Turn, step: Step) -> None:
    if turn.chain.purpose is not ChainPurpose.REQUEST or step.purpose is not Purpose.INSTRUCT:
        raise WrongStage("批复和转报只在请示的批示环节用。")


def _decided(
    turn: Turn,
    step: Step,
    seat: Seat,
    signer: Signer,
    verdict: Verdict,
    text: str,
    content_hash: str,
    signature: str,
) -> None:
    if seat.parent is not None:
        raise WrongStage("您是被请来加签的，请写意见后办理，由批示人作决定。")
    opinion = turn.opinion(step, seat, signer, verdict, text, content_hash=content_hash, signature=signature)
    turn.emit(SeatActed(step.id, seat.id, opinion))
    after = turn.chain.steps[turn.chain.position + 1 :]
    above = tuple(s.id for s in after if s.state is StepState.WAITING and not _asked_here(s, step))
    if above:
        turn.emit(StepsSkipped(above))
    _way_down(turn)
    turn.emit(RequestDecided(verdict is Verdict.GRANT, step.organ_id))
    turn.settle(step.id, seat)


def _asked_here(step: Step, deciding_step: Step) -> bool:
    return step.purpose is Purpose.ADDED and step.organ_id == deciding_step.organ_id


def _way_down(turn: Turn) -> None:
    """The answer: written by the deciding organ's clerk, relayed by each organ below, ending at the drafter's."""
    clerks: list[tuple[int, int]] = []
    for passed in turn.chain.steps[: turn.chain.position + 1]:
        if passed.purpose in (Purpose.DRAFT, Purpose.RECEIVE):
            held = passed.members()[-1]
            clerks.append((held.post_id, passed.organ_id))
    last = turn.chain.steps[-1].id
    for i, (post, organ) in enumerate(reversed(clerks)):
        first = turn.chain.next_id
        purpose, kind = (Purpose.RESPOND, StepKind.SINGLE) if i == 0 else (Purpose.RELAY, StepKind.EXCHANGE)
        turn.emit(StepInserted(last, Step(first, organ, purpose, kind, (Seat(first + 1, post, organ),))))
        last = first


def pass_upward(turn: Turn, command: PassUpward) -> None:
    """转报: up one tier, none skipped, with this organ's own opinion (条例15(3))."""
    step, seat, signer = turn.held(command.seat_id)
    _check_deciding(turn, step)
    if seat.parent is not None:
        raise WrongStage("您是被请来加签的，请写意见后办理，由批示人作决定。")
    if not command.opinion.strip():
        raise Invalid(
            "转报要有本级的倾向性意见，不能原样转。",
            code="R05",
            article="《党政机关公文处理工作条例》第十五条第（三）项",
        )
    above = turn.chain.steps[turn.chain.position + 1 :]
    if not any(s.purpose is Purpose.RECEIVE and s.state is StepState.WAITING for s in above):
        raise WrongStage("本级已是最高一级，请直接批复。")
    said = Complete(seat.id, opinion=command.opinion, content_hash=command.content_hash, signature=command.signature)
    act(turn, step, seat, signer, Verdict.PASS_UPWARD, said)


def amend(turn: Turn, command: Amend) -> None:
    """The content changed after sign-off: back to the signatory, who signs the new hash (条例25(1))."""
    step = turn.running()
    if turn.chain.signed_hash is None:
        raise WrongStage("还没有签发，直接改稿就行。")
    if step.purpose is Purpose.DISPATCH or not any(turn.by.post_id in (s.post_id, s.deputy_id) for s in step.live()):
        raise NotPermitted("签发以后，只有正在复核、编号、用印、核发的人能报原签批人再审。")
    if command.content_hash == turn.chain.signed_hash:
        raise Invalid("内容没有变，不用再签。")
    turn.emit(ContentReopened(command.content_hash, turn.signer(), turn.at, command.note))
    signing = next(s for s in turn.chain.steps if s.purpose is Purpose.SIGN_OFF)
    turn.open(signing)


def terminate(turn: Turn, command: Terminate) -> None:
    """终止 before sign-off, by the drafter or the office; a number is never involved."""
    chain = turn.chain
    office = turn.by.organ_id == chain.organ_id and turn.by.role in OFFICE_ROLES
    if turn.by.post_id != chain.drafter_post_id and not office:
        raise NotPermitted("只有拟稿人或办公室能终止。")
    numbering = {s.id for s in chain.steps if s.purpose is Purpose.NUMBER}
    numbered = any(o.step_id in numbering and o.verdict is not Verdict.RETURN for o in chain.opinions)
    if chain.signed_hash is not None or chain.granted is not None or numbered:
        raise WrongStage("已经签发或批复，不能终止。发出以后请用“撤销”或“废止”。")
    if chain.purpose is ChainPurpose.INCOMING:
        raise WrongStage("来文不能终止，请办结或退文。")
    turn.emit(ChainEnded(ChainStage.ENDED, required(command.reason, "终止"), turn.at))


def stop(turn: Turn, command: Stop) -> None:
    """撤销 or 废止 reached this chain; who may do so is decided where the document is."""
    stage = ChainStage.REVOKED if command.revoked else ChainStage.ABOLISHED
    turn.emit(ChainEnded(stage, required(command.reason, "撤销或废止"), turn.at))
