"""What a receiving organ's acts mean for its receipt, and for a request's way up and down."""

from collections.abc import Sequence

from sqlalchemy import func, insert, select

from office.domain.chain import Chain, ChainPurpose, ChainStage, Purpose, SeatRole, Step, StepState
from office.domain.chain_events import ChainEnded, Event, Returned, SeatsOpened, StepClosed
from office.domain.commands import REASON_WORDS
from office.domain.people import Actor
from office.store import chains, documents, receipts
from office.store.tables import document, organ, register, task
from office.store.work import Work

_TELLING = frozenset({Purpose.RECEIVE, Purpose.RELAY, Purpose.REGISTER, Purpose.HANDLE, Purpose.CLOSE, Purpose.FORWARD})


def follow(work: Work, after: chains.StoredChain, events: Sequence[Event], actor: Actor) -> None:
    """Keep receipts, register and deliveries in step with what was just decided."""
    for event in events:
        match event:
            case StepClosed(step_id=step_id):
                step = after.chain.step(step_id)
                if step is not None:
                    _closed(work, after, step, actor)
            case SeatsOpened(step_id=step_id):
                step = after.chain.step(step_id)
                if step is not None:
                    _opened(work, after, step)
            case ChainEnded(stage=ChainStage.RETURNED, reason=reason):
                _returned(work, after, reason)
            case Returned(opinion=opinion) if after.chain.purpose is ChainPurpose.REQUEST and opinion is not None:
                _request_returned(work, after, opinion.by.organ_id, opinion.text)
            case _:
                pass


def _receipt(work: Work, stored: chains.StoredChain, organ_id: int) -> receipts.Receipt | None:
    document_id = stored.document_id
    if stored.chain.purpose is ChainPurpose.REQUEST and stored.chain.granted is not None:
        answer = answer_of(work, stored.document_id)
        document_id = answer if answer is not None else document_id
    return receipts.of_organ(work, document_id, organ_id)


def answer_of(work: Work, document_id: int) -> int | None:
    """The issued 批复 that answers a request, if there is one."""
    d = document.c
    found = work.execute(
        select(d.id).where(d.answers_id == document_id, d.stage == "ISSUED").order_by(d.id.desc())
    ).scalar()
    return int(found) if found is not None else None


def _closed(work: Work, stored: chains.StoredChain, step: Step, actor: Actor) -> None:
    if step.purpose not in _TELLING:
        return
    found = _receipt(work, stored, step.organ_id)
    match step.purpose:
        case Purpose.RECEIVE | Purpose.RELAY if found is not None and found.signed_at is None:
            issued = documents.load(work, found.document_id).issued_blob
            receipts.change(
                work, found, signed_at=work.now, signed_by=actor.person_id, signed_hash=issued,
                opened_at=found.opened_at or work.now,
            )  # fmt: skip
        case Purpose.REGISTER if found is not None:
            _register(work, found)
        case Purpose.HANDLE | Purpose.CLOSE | Purpose.FORWARD if found is not None and found.handled_at is None:
            receipts.change(work, found, handled_at=work.now)
        case _:
            pass


def _register(work: Work, found: receipts.Receipt) -> None:
    """One line of the register (收文簿), numbered within organ and year."""
    r = register.c
    there = work.execute(select(r.id).where(r.receipt_id == found.id)).first()
    if there is not None:
        return
    year = work.today.year
    work.lock("register", found.organ_id)
    last = work.execute(
        select(func.coalesce(func.max(r.serial), 0)).where(r.organ_id == found.organ_id, r.year == year)
    ).scalar_one()
    work.execute(
        insert(register).values(organ_id=found.organ_id, year=year, serial=last + 1, receipt_id=found.id, at=work.now)
    )


def _opened(work: Work, stored: chains.StoredChain, step: Step) -> None:
    match step.purpose:
        case Purpose.FORWARD:
            units = tuple(seat.organ_id for seat in step.seats if seat.role is SeatRole.UNIT)
            _deliver_down(work, stored, step, units)
        case Purpose.RECEIVE if stored.chain.purpose is ChainPurpose.REQUEST:
            _deliver_one(work, stored.document_id, step.organ_id, via=_organ_before(stored.chain, step))
        case Purpose.RELAY:
            answer = answer_of(work, stored.document_id)
            if answer is not None:
                _deliver_one(work, answer, step.organ_id, via=_organ_before(stored.chain, step))
        case _:
            pass


def _organ_before(chain: Chain, step: Step) -> int | None:
    done = [s for s in chain.steps[: chain.index(step.id)] if s.state is StepState.DONE]
    return done[-1].organ_id if done else None


def _deliver_one(work: Work, document_id: int, organ_id: int, *, via: int | None) -> None:
    """A receipt without a task: the chain's own step is the task."""
    receipts.deliver(
        work, document_id=document_id, role="PRINCIPAL", where=organ.c.id == organ_id, due=None, via_organ_id=via
    )


def _deliver_down(work: Work, stored: chains.StoredChain, step: Step, units: tuple[int, ...]) -> None:
    receipts.deliver(
        work, document_id=stored.document_id, role="FORWARDED", where=organ.c.id.in_(units), due=step.due,
        via_organ_id=step.organ_id,
    )  # fmt: skip
    receipts.give_out(work, document_id=stored.document_id)


def _returned(work: Work, stored: chains.StoredChain, reason: str) -> None:
    """退文: the receipt ends as returned and the source has a task at once."""
    found = _receipt(work, stored, stored.organ_id)
    if found is not None:
        code, text = _reason(reason)
        receipts.change(work, found, returned_at=work.now, return_reason=code, return_text=text)
    tell_source(work, stored.document_id, stored.organ_id, via=found.via_organ_id if found else None, note=reason)


_CODES = {words: str(reason) for reason, words in REASON_WORDS.items()}


def _reason(said: str) -> tuple[str, str]:
    """The code and the text of a returning opinion; 拒收 has no code of its own."""
    words, _, text = said.partition("：")
    return _CODES.get(words, words[:24]), text


def _request_returned(work: Work, stored: chains.StoredChain, organ_id: int, text: str) -> None:
    if organ_id == stored.chain.organ_id:
        return
    found = receipts.of_organ(work, stored.document_id, organ_id)
    if found is not None and found.returned_at is None:
        code, said = _reason(text)
        receipts.change(work, found, returned_at=work.now, return_reason=code, return_text=said)


def tell_source(work: Work, document_id: int, from_organ: int, *, via: int | None, note: str) -> None:
    """A task for who sent it: the forwarding organ's clerk, or the drafter in the issuing organ."""
    from_name = work.execute(select(organ.c.name).where(organ.c.id == from_organ)).scalar_one()
    found = documents.load(work, document_id)
    organ_id, post_id = found.organ_id, found.drafter_post_id
    if via is not None and via != found.organ_id:
        clerk = receipts.first_clerk(work, via)
        organ_id, post_id = (via, clerk) if clerk is not None else (organ_id, post_id)
    work.execute(
        insert(task).values(
            document_id=document_id, organ_id=organ_id, post_id=post_id, kind="RETURNED", due=chains.NO_DUE,
            created=work.now, note=f"{from_name} 退文：{note}",
        )
    )  # fmt: skip
