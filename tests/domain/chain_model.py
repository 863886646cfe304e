"""The rules of a chain a second time, in plain dicts: written from the meanings of the verbs, not from `office.domain`.

Here: rounds, closing, going back. The verbs are in `chain_model_verbs.py`.

A step is {for, kind, organ, seats, state}; a seat {key, post, role, state, under, by, deputy, claimed, verdict}.
A request ("ask") is a dict too: verb, by (post), role, and what the verb needs; seats are named by their posts.
"""

import pickle
from typing import Any

Row = dict[str, Any]
CONSENT = {"AGREE", "TICK", "READ", "GRANT", "PASS_UPWARD"}
FIXED = ["REVIEW", "COUNTERSIGN", "SIGN_OFF", "RECHECK", "NUMBER", "SEAL", "RELEASE"]
NUMBERED = {"NUMBER", "SEAL", "RELEASE", "DISPATCH"}
SIGNED = {"RECHECK", *NUMBERED}
CLERICAL = SIGNED | {"RECEIVE", "REGISTER", "RESPOND", "RELAY", "CLOSE", "DRAFT"}
TO_DRAFTER = {"REVIEW", "COUNTERSIGN", "SIGN_OFF", "ADDED"}
KINDS = ["SINGLE", "POOL", "ALL", "QUORUM", "ORDERED", "LEAD", "CIRCULATION", "SUBORDINATE", "EXCHANGE"]
TABLE = {  # y works, r refused with a sentence, - no meaning; the columns are KINDS
    "COMPLETE": "yyyyyyyyy", "RETURN": "yyyyyyryr", "WITHDRAW": "yyyyyyyyy", "TAKE_BACK": "yyyyyyyyy",
    "HAND_OVER": "yyyyyyryy", "ADD_SIGNER": "yyyyyyyyr", "REMOVE_SIGNER": "yryyyyyyr", "REDIRECT": "yyyyyyryr",
    "REMIND": "yyyyyyyyy", "SUPERVISE": "yyyyyyryy", "CIRCULATE": "yyyyyyyyy", "TERMINATE": "yyyyyyyyy",
    "STOP": "yyyyyyyyy", "REASSIGN": "yyyyyyyyy", "CLAIM": "-y-------",
    "RETURN_DOCUMENT": "y------yy", "REFUSE": "y------yy",
}  # fmt: skip


class Refused(Exception):
    """The rules do not allow it."""


def need(allowed: object) -> None:
    if not allowed:
        raise Refused


def here(m: Row) -> Row:
    step: Row = m["line"][m["at"]]
    return step


def top(step: Row) -> list[Row]:
    return [s for s in step["seats"] if s["under"] is None and s["state"] not in ("closed", "handed", "removed")]


def present(step: Row, post: int) -> bool:
    return any(s["post"] == post and s["state"] in ("todo", "open", "done") for s in step["seats"])


def held(m: Row, ask: Row) -> tuple[Row, Row]:
    step = here(m)
    mine = [s for s in step["seats"] if s["post"] == ask["seat"] and s["state"] == "open"]
    need(mine and ask["by"] in (mine[0]["post"], mine[0]["deputy"]))
    return step, mine[0]


def new_seat(m: Row, post: int, role: str, by: int | None, under: int | None = None) -> Row:
    m["key"] += 1
    return {
        "key": m["key"], "post": post, "role": role, "state": "todo", "under": under, "by": by,
        "deputy": None, "claimed": None, "verdict": None,
    }  # fmt: skip


def new_step(purpose: str, kind: str, organ: int, seats: list[Row], *, assigned: bool = False) -> Row:
    return {
        "for": purpose, "kind": kind, "organ": organ, "seats": seats, "state": "todo", "quorum": (1, 1),
        "merged": False, "assigned": assigned, "limit": None,
    }  # fmt: skip


def give_out(m: Row, ask: Row, index: int, seats: list[Row] | None = None) -> None:
    step = m["line"][index]
    if seats is None:
        seats = [s for s in top(step) if s["state"] == "todo"]
        seats = seats[:1] if step["kind"] == "ORDERED" else seats
    for seat in seats:
        seat["state"], seat["deputy"] = "open", ask["deps"].get(seat["post"])
    step["state"], m["at"] = "open", index


def again(m: Row, step: Row) -> None:
    """Another round of a step: everyone of it but who left it."""
    last = {s["post"]: s for s in step["seats"] if s["under"] is None and s["state"] not in ("handed", "removed")}
    step["seats"] = [new_seat(m, s["post"], s["role"], s["by"]) for s in last.values()]
    step["state"] = "todo"


def back_to(m: Row, target: int) -> None:
    """Run again from there: nothing after it counts as done, nothing signed or decided after it stays so."""
    undo_marks(m, target)
    for step in m["line"][target:]:
        if step["state"] in ("open", "done"):
            again(m, step)


def undo_marks(m: Row, target: int) -> None:
    signing = [i for i, s in enumerate(m["line"]) if s["for"] == "SIGN_OFF"]
    if signing and target <= signing[0]:
        m["hash"] = None
    decided = decided_at(m)
    if decided is not None and target <= decided:
        for i, step in enumerate(m["line"]):
            if step["for"] in ("RESPOND", "RELAY"):
                step["state"] = "skipped"
            elif i > decided and step["state"] == "skipped" and not step["merged"] and step["for"] in TIER:
                again(m, step)
        m["granted"] = m["decided"] = None


TIER = {"RECEIVE", "REGISTER", "SCREEN", "PROPOSE", "INSTRUCT"}


def decided_at(m: Row) -> int | None:
    found = [i for i, s in enumerate(m["line"]) if s["for"] == "INSTRUCT" and s["organ"] == m["decided"]]
    return found[0] if found else None


KEPT = ("line", "at", "hash", "granted", "decided", "proposal", "acted")


def remember(m: Row, ask: Row, *, undoable: bool = True) -> None:
    state = pickle.dumps({name: m[name] for name in KEPT})
    m["before"] = {"by": ask["by"], "said": len(m["said"]), "for": here(m)["for"], "state": state} if undoable else None
    m["dropped"] = []


def say(m: Row, ask: Row, seat: Row, verdict: str) -> None:
    behalf = seat["post"] if seat["post"] != ask["by"] else None
    m["said"].append({
        "by": ask["by"], "behalf": behalf, "verdict": verdict, "text": ask.get("text", "").strip(), "back": False,
        "corrects": None, "for": here(m)["for"], "seat": seat["key"], "hash": ask.get("hash", ""),
    })  # fmt: skip


def act(m: Row, ask: Row, step: Row, seat: Row, verdict: str) -> None:
    remember(m, ask, undoable=step["for"] not in NUMBERED)
    say(m, ask, seat, verdict)
    seat["state"], seat["verdict"] = "done", verdict
    m["acted"] = step["for"] != "DRAFT"


def wake(m: Row, ask: Row, step: Row, key: int) -> None:
    parent = next(s for s in step["seats"] if s["key"] == key)
    asked = [s for s in step["seats"] if s["under"] == key and s["state"] in ("todo", "open")]
    if not asked and parent["state"] == "todo":
        give_out(m, ask, m["at"], [parent])


def settle(m: Row, ask: Row, step: Row, seat: Row) -> None:
    """A seat ended: whoever waited for it goes on, or the next in order, or the step closes, once."""
    agreed = closed(step)
    if seat["under"] is not None:
        wake(m, ask, step, seat["under"])
    elif agreed is not None:
        close(m, ask, step, agreed=agreed)
    elif step["kind"] == "ORDERED" and not any(s["state"] == "open" for s in step["seats"]):
        give_out(m, ask, m["at"])


def close(m: Row, ask: Row, step: Row, *, agreed: bool) -> None:
    for other in step["seats"]:
        if other["state"] in ("todo", "open"):
            other["state"] = "closed"
    step["state"] = "done"
    if agreed and step["for"] == "SIGN_OFF":
        m["hash"] = signed_so_far(m, step)
    if not agreed and m["life"] == "OUTGOING" and step["for"] in TO_DRAFTER:
        back_to(m, 0)
        m["acted"] = True
        give_out(m, ask, 0)
        return
    following = [i for i, s in enumerate(m["line"]) if i > m["at"] and s["state"] == "todo"]
    if following:
        give_out(m, ask, following[0])
    else:
        over(m, "DONE")


def over(m: Row, stage: str) -> None:
    m["stage"], m["before"] = stage, None


def closed(step: Row) -> bool | None:
    """Whether what was said closes the step, and how."""
    members = top(step)
    yes = sum(s["state"] == "done" and s["verdict"] in CONSENT for s in members)
    no = sum(s["state"] == "done" and s["verdict"] not in CONSENT for s in members)
    everyone = yes + no == len(members)
    num, den = step["quorum"]
    enough = max(1, -(-len(members) * num // den))
    lead = [s["verdict"] in CONSENT for s in members if s["role"] == "LEAD" and s["state"] == "done"]
    by_kind: dict[str, bool | None] = {
        "ALL": no == 0 if everyone else None,
        "ORDERED": False if no else (True if everyone else None),
        "QUORUM": True if yes >= enough else (False if len(members) - no < enough else None),
        "LEAD": lead[0] if lead else None,
        "CIRCULATION": True if everyone else None,
        "SUBORDINATE": True if everyone else None,
    }
    return by_kind.get(step["kind"], yes > 0 if yes + no else None)


def signed_so_far(m: Row, step: Row) -> str:
    keys = {s["key"] for s in top(step) if s["verdict"] in CONSENT}
    hashes: list[str] = [o["hash"] for o in m["said"] if o["seat"] in keys]
    return hashes[-1] if hashes else ""


def claimed(step: Row) -> bool:
    return any(s["claimed"] is not None for s in top(step))


def take(step: Row, seat: Row, by: int) -> None:
    for other in step["seats"]:
        if other is not seat and other["state"] == "open":
            other["state"] = "closed"
    seat["claimed"] = by


def depth(step: Row, seat: Row) -> int:
    if seat["under"] is None:
        return 0
    return 1 + depth(step, next(s for s in step["seats"] if s["key"] == seat["under"]))


def close_under(step: Row, key: int) -> None:
    for child in step["seats"]:
        if child["under"] == key and child["state"] in ("todo", "open"):
            child["state"] = "closed"
            close_under(step, child["key"])
