"""The same request in two languages: an ask of the model and a command of the domain; and both states side by side."""
# ruff: noqa: ARG005 - one signature for every verb of the table

from collections.abc import Callable
from datetime import datetime

from office.domain import commands as c
from office.domain.chain import (
    GONE as REAL_GONE,
)
from office.domain.chain import (
    Assignment,
    Chain,
    ReturnMode,
    Seat,
    SeatState,
    Step,
    StepKind,
    StepState,
    Verdict,
)
from office.domain.people import Actor
from tests.domain.chain_model import Row, new_seat, new_step

LIVE = (SeatState.OPEN, SeatState.WAITING)
GONE = ("closed", "handed", "removed")
STATES = {
    "todo": StepState.WAITING, "open": StepState.OPEN, "done": StepState.DONE, "skipped": StepState.SKIPPED,
}  # fmt: skip


def model_of(chain: Chain) -> Row:
    """The model of a chain that has just begun."""
    m: Row = {
        "life": str(chain.purpose), "home": chain.organ_id, "drafter": chain.drafter_post_id, "stage": "RUNNING",
        "at": 0, "hash": None, "granted": None, "decided": None, "proposal": None, "acted": False, "before": None,
        "dropped": [], "said": [], "readers": {}, "reminded": None, "amount": chain.amount_yuan, "key": 0, "line": [],
    }  # fmt: skip
    for step in chain.steps:
        seats = [new_seat(m, seat.post_id, str(seat.role), None) for seat in step.seats]
        row = new_step(str(step.purpose), str(step.kind), step.organ_id, seats)
        row |= {"quorum": step.quorum, "limit": step.limit_yuan, "merged": step.merged_into is not None}
        row["state"] = "skipped" if step.state is StepState.SKIPPED else "todo"
        m["line"].append(row)
    for seat, old in zip(m["line"][0]["seats"], chain.steps[0].seats, strict=True):
        seat["state"] = "open" if old.state is SeatState.OPEN else "todo"
    m["line"][0]["state"] = "open"
    return m


def ask(verb: str, by: Actor, now: datetime, deps: dict[int, int], **said: object) -> Row:
    return {"verb": verb, "by": by.post_id, "role": str(by.role), "now": now, "deps": deps, **said}


def _seat(step: Step | None, post: int) -> int:
    if step is None:
        return 0
    mine = [seat for seat in step.seats if seat.post_id == post]
    live = [seat for seat in mine if seat.state in LIVE]
    return (live or mine)[-1].id if mine else 0


def _step(chain: Chain, index: int) -> Step | None:
    return chain.steps[index] if 0 <= index < len(chain.steps) else None


def _assignment(chosen: Row | None) -> Assignment | None:
    if not chosen:
        return None
    posts = tuple((post, post // 10) for post in chosen["posts"])
    return Assignment(StepKind(chosen["kind"]), posts, chosen["lead"])


def command_of(chain: Chain, a: Row) -> c.Command:
    """The command that asks the same of the real chain."""
    step = _step(chain, a["step"]) if "step" in a else chain.current
    seat = _seat(step, a["seat"]) if "seat" in a else 0
    match a["verb"]:
        case "COMPLETE":
            return c.Complete(
                seat, Verdict(a["verdict"]), a["text"], a["hash"], assign=_assignment(a["assign"]),
                unread_reason=a["unread"],
            )  # fmt: skip
        case "RETURN":
            back = None if a["to_step"] is None else _step(chain, a["to_step"])
            mode = ReturnMode.STRAIGHT_BACK if a["straight"] else ReturnMode.RUN_AGAIN
            return c.Return(seat, a["text"], None if a["to_step"] is None else (back.id if back else -1), mode)
        case "ADD_SIGNER":
            return c.AddSigner(seat, a["to"], a["to"] // 10, c.Placement(a["place"]))
        case "HAND_OVER":
            return c.HandOver(seat, a["to"], a["to"] // 10)
        case "REASSIGN":
            return c.Reassign(seat, a["to"], a["to"] // 10, a["text"])
        case "DECIDE":
            return c.Decide(seat, a["granted"], a["text"])
        case "REDIRECT":
            return c.Redirect(step.id if step else -1, a["text"])
        case _:
            return PLAIN[a["verb"]](chain, a, seat)


def _reader(chain: Chain, post: int) -> int:
    return next((reader.id for reader in chain.readers if reader.post_id == post), 0)


def _opinion(chain: Chain, which: int) -> int:
    return chain.opinions[which].id if 0 <= which < len(chain.opinions) else -1


PLAIN: dict[str, Callable[[Chain, Row, int], c.Command]] = {
    "CLAIM": lambda chain, a, seat: c.Claim(seat),
    "REMOVE_SIGNER": lambda chain, a, seat: c.RemoveSigner(seat, "不需要了"),
    "RETURN_DOCUMENT": lambda chain, a, seat: c.ReturnDocument(seat, c.ReturnReason(a["reason"]), a["text"]),
    "REFUSE": lambda chain, a, seat: c.RefuseDelivery(seat, a["text"]),
    "PASS_UPWARD": lambda chain, a, seat: c.PassUpward(seat, a["text"]),
    "WITHDRAW": lambda chain, a, seat: c.Withdraw(),
    "TAKE_BACK": lambda chain, a, seat: c.TakeBack(),
    "AMEND": lambda chain, a, seat: c.Amend(a["hash"]),
    "TERMINATE": lambda chain, a, seat: c.Terminate(a["text"]),
    "STOP": lambda chain, a, seat: c.Stop(a["revoked"], a["text"]),
    "REMIND": lambda chain, a, seat: c.Remind(),
    "SUPERVISE": lambda chain, a, seat: c.Supervise(a["by"], a["due"]),
    "CIRCULATE": lambda chain, a, seat: c.Circulate(tuple((post, post // 10) for post in a["posts"]), a["text"]),
    "MARK_READ": lambda chain, a, seat: c.MarkRead(_reader(chain, a["seat"])),
    "CORRECT": lambda chain, a, seat: c.CorrectOpinion(_opinion(chain, a["which"]), a["text"]),
}


def _real_seat(step: Step, seat: Seat) -> tuple[object, ...]:
    live = seat.state is SeatState.OPEN
    under = step.seat(seat.parent) if seat.parent is not None else None
    return (
        seat.post_id, str(seat.role), {"WAITING": "todo"}.get(seat.state, str(seat.state).lower()),
        under.post_id if under else 0, (seat.deputy_id or 0) if live else 0,
        seat.claimed_by or 0, str(seat.verdict or ""),
    )  # fmt: skip


def _model_seat(step: Row, seat: Row) -> tuple[object, ...]:
    under = next((s["post"] for s in step["seats"] if s["key"] == seat["under"]), 0)
    return (
        seat["post"], seat["role"], seat["state"], under, (seat["deputy"] or 0) if seat["state"] == "open" else 0,
        1000 + seat["claimed"] if seat["claimed"] else 0, seat["verdict"] or "",
    )  # fmt: skip


def seen(chain: Chain) -> Row:
    """What of a chain must equal the model."""
    ids = [opinion.id for opinion in chain.opinions]
    running = chain.current is not None
    return {
        "stage": str(chain.stage), "at": chain.position if running else None, "hash": chain.signed_hash,
        "granted": chain.granted, "decided": chain.decided_by, "drafter": chain.drafter_post_id,
        "line": [
            (str(s.purpose), str(s.kind), s.organ_id, s.state, sorted(
                _real_seat(s, seat) for seat in s.seats if seat.state not in REAL_GONE
            ) if s.state is not StepState.SKIPPED else [])
            for s in chain.steps
        ] if running else None,
        "said": [
            (o.by.post_id, o.by.on_behalf, str(o.verdict), o.taken_back,
             ids.index(o.corrects) if o.corrects is not None else None) for o in chain.opinions
        ],
        "readers": {reader.post_id: reader.read_at is not None for reader in chain.readers},
    }  # fmt: skip


def foreseen(m: Row) -> Row:
    """What the model says of it."""
    running = m["stage"] == "RUNNING"
    return {
        "stage": m["stage"], "at": m["at"] if running else None, "hash": m["hash"], "granted": m["granted"],
        "decided": m["decided"], "drafter": m["drafter"],
        "line": [
            (s["for"], s["kind"], s["organ"], STATES[s["state"]], sorted(
                _model_seat(s, seat) for seat in s["seats"] if seat["state"] not in GONE
            ) if s["state"] != "skipped" else [])
            for s in m["line"]
        ] if running else None,
        "said": [(o["by"], o["behalf"], o["verdict"], o["back"], o["corrects"]) for o in m["said"]],
        "readers": m["readers"],
    }  # fmt: skip
