"""The verbs of the model: what each may do and what follows from it; `play` is the only door."""

import pickle
from datetime import datetime, timedelta

from tests.domain.chain_model import (
    CLERICAL,
    CONSENT,
    FIXED,
    KINDS,
    NUMBERED,
    SIGNED,
    TABLE,
    Refused,
    Row,
    act,
    again,
    back_to,
    claimed,
    close_under,
    decided_at,
    depth,
    give_out,
    held,
    here,
    need,
    new_seat,
    new_step,
    over,
    present,
    remember,
    say,
    settle,
    signed_so_far,
    take,
    top,
    undo_marks,
)

ADMINS = {"SYSTEM_ADMIN", "SECURITY_ADMIN", "AUDITOR"}
OFFICE = {"OFFICE_HEAD", "LEADER", "DEPUTY_LEADER"}
BESIDE = {"MARK_READ", "CORRECT", "CIRCULATE"}


def play(m: Row, ask: Row) -> bool:
    """Do what is asked, or leave `m` as it was and answer False."""
    kept = pickle.dumps(m)
    try:
        need(ask["role"] not in ADMINS or ask["verb"] in ("REDIRECT", "REASSIGN"))
        if ask["verb"] not in BESIDE:
            need(m["stage"] == "RUNNING")
            row = TABLE.get(ask["verb"])
            need(row is None or row[KINDS.index(here(m)["kind"])] == "y")
        VERBS[ask["verb"]](m, ask)
    except Refused:
        m.clear()
        m.update(pickle.loads(kept))
        return False
    return True


def complete(m: Row, ask: Row) -> None:
    step, seat = held(m, ask)
    verdict, mine = ask["verdict"], seat["under"] is None
    if step["kind"] == "CIRCULATION":
        verdict = "READ"
    elif verdict == "DISAGREE":
        need(step["for"] not in CLERICAL and step["kind"] != "EXCHANGE" and ask["text"].strip())
    need(not (step["for"] == "INSTRUCT" and m["life"] == "REQUEST" and mine))
    need(seat["claimed"] in (None, ask["by"]) or ask["by"] == seat["post"])
    if seat["role"] == "LEAD":
        need(not any(s["role"] == "CO" and s["state"] in ("todo", "open") for s in step["seats"]))
    need(step["for"] not in SIGNED or ask["hash"] == m["hash"])
    if step["for"] == "SIGN_OFF":
        need(ask["hash"])
        need(not mine or ask["verdict"] == "DISAGREE" or signed_so_far(m, step) in ("", ask["hash"]))
    need(step["for"] != "CLOSE" or all(m["readers"].values()) or ask["unread"])
    act(m, ask, step, seat, verdict)
    if mine and verdict in CONSENT and m["life"] == "INCOMING":
        assign(m, ask, step)
    settle(m, ask, step, seat)


def assign(m: Row, ask: Row, step: Row) -> None:
    """拟办 proposes; 批办, or 初审 for what need not be proposed, makes the step that handles."""
    chosen = ask["assign"]
    if step["for"] == "PROPOSE":
        m["proposal"] = chosen or m["proposal"]
        return need(m["proposal"])
    if step["for"] not in ("SCREEN", "INSTRUCT"):
        return None
    chosen = chosen or (m["proposal"] if step["for"] == "INSTRUCT" else None)
    earlier = [s for s in m["line"] if s["assigned"] and s["state"] != "skipped"]
    if not chosen or (not ask["assign"] and earlier):
        return None
    after = step
    if step["for"] == "SCREEN":
        later = [s for s in m["line"] if s["for"] in ("PROPOSE", "INSTRUCT")]
        earlier, after = earlier + later, (later or [step])[-1]
    for other in earlier:
        if other["state"] == "todo":
            other["state"] = "skipped"
    place = m["line"].index(after) + 1
    while place < len(m["line"]) and m["line"][place]["for"] == "ADDED":
        place += 1
    m["line"].insert(place, handling(m, ask, chosen))
    return None


def handling(m: Row, ask: Row, chosen: Row) -> Row:
    kind, posts = chosen["kind"], chosen["posts"]
    kind = "SINGLE" if kind == "LEAD" and len(posts) == 1 else kind
    need(posts and len(set(posts)) == len(posts) and kind != "EXCHANGE")
    need(len(posts) == 1 or kind != "SINGLE")
    need(kind != "LEAD" or chosen["lead"] in posts)
    role = {"LEAD": "CO", "CIRCULATION": "READER", "SUBORDINATE": "UNIT"}.get(kind, "MEMBER")
    seats = [new_seat(m, p, "LEAD" if kind == "LEAD" and p == chosen["lead"] else role, ask["by"]) for p in posts]
    purpose = {"CIRCULATION": "CIRCULATE", "SUBORDINATE": "FORWARD"}.get(kind, "HANDLE")
    return new_step(purpose, kind, ask["by"] // 10, seats, assigned=True)


def claim(m: Row, ask: Row) -> None:
    step, seat = held(m, ask)
    need(seat["under"] is None and not claimed(step))
    take(step, seat, ask["by"])
    m["before"] = None


def drafter_moves(m: Row, step: Row, seat: Row, to: int) -> None:
    if step["for"] == "DRAFT" and seat["post"] == m["drafter"]:
        m["drafter"] = to


def hand_over(m: Row, ask: Row) -> None:
    step, seat = held(m, ask)
    need(ask["to"] // 10 == seat["post"] // 10 and not present(step, ask["to"]))
    drafter_moves(m, step, seat, ask["to"])
    taker = new_seat(m, ask["to"], seat["role"], seat["by"], seat["under"])
    taker["state"], taker["deputy"], seat["state"] = "open", ask["deps"].get(ask["to"]), "handed"
    step["seats"].insert(step["seats"].index(seat) + 1, taker)
    m["before"] = None


def add_signer(m: Row, ask: Row) -> None:
    step, seat = held(m, ask)
    need(step["for"] != "DRAFT")
    crowd = step["kind"] in ("CIRCULATION", "SUBORDINATE")
    m["before"] = None
    if ask["place"] == "AFTER":
        asked = [s["seats"][0]["post"] for s in m["line"] if s["for"] == "ADDED" and s["state"] == "todo"]
        need(not crowd and ask["to"] != ask["by"] and ask["to"] not in asked and len(m["line"]) < 100)
        added = new_step("ADDED", "SINGLE", step["organ"], [new_seat(m, ask["to"], "MEMBER", ask["by"])])
        m["line"].insert(m["at"] + 1, added)
        return
    need(not present(step, ask["to"]) and len(step["seats"]) < 200)
    if ask["place"] == "BESIDE":
        need(step["kind"] != "SINGLE" and seat["under"] is None)
        role = {"LEAD": "CO", "CIRCULATION": "READER", "SUBORDINATE": "UNIT"}.get(step["kind"], "MEMBER")
        step["seats"].append(new_seat(m, ask["to"], role, ask["by"]))
        if step["kind"] != "ORDERED":
            give_out(m, ask, m["at"], step["seats"][-1:])
        return
    need(not crowd and depth(step, seat) < 5)
    if step["kind"] == "POOL" and not claimed(step):
        take(step, seat, ask["by"])
    seat["state"] = "todo"
    step["seats"].append(new_seat(m, ask["to"], "MEMBER", ask["by"], seat["key"]))
    give_out(m, ask, m["at"], step["seats"][-1:])


def find(m: Row, ask: Row) -> tuple[Row, Row]:
    need(0 <= ask["step"] < len(m["line"]))
    step = m["line"][ask["step"]]
    alive = [s for s in step["seats"] if s["post"] == ask["seat"] and s["state"] in ("todo", "open")]
    need(alive and step["state"] in ("todo", "open"))
    return step, alive[0]


def remove_signer(m: Row, ask: Row) -> None:
    step, seat = find(m, ask)
    lead = any(s["role"] == "LEAD" and s["post"] == ask["by"] for s in top(step))
    need(lead or ask["by"] == (m["drafter"] if seat["by"] is None else seat["by"]))
    if step["for"] == "ADDED" and step["state"] == "todo":
        step["state"] = "skipped"
        m["dropped"].append(seat["key"])
        return
    need(step is here(m) and seat["role"] != "LEAD")
    if seat["under"] is None:
        need(len(top(step)) > 1 and not (step["for"] == "SIGN_OFF" and seat["by"] is None))
    seat["state"] = "removed"
    close_under(step, seat["key"])
    m["before"] = None
    settle(m, ask, step, seat)


def reassign(m: Row, ask: Row) -> None:
    need(ask["role"] == "SYSTEM_ADMIN" and ask["text"].strip())
    step, seat = find(m, ask)
    need(ask["to"] // 10 == seat["post"] // 10 and not present(step, ask["to"]))
    drafter_moves(m, step, seat, ask["to"])
    seat["post"], seat["deputy"], seat["claimed"] = ask["to"], ask["deps"].get(ask["to"]), None
    m["before"] = None


def return_(m: Row, ask: Row) -> None:
    step, seat = held(m, ask)
    need(ask["text"].strip())
    passed = [
        i for i, s in enumerate(m["line"][: m["at"]])
        if s["state"] == "done" and s["organ"] == step["organ"] and s["kind"] != "EXCHANGE"
    ]  # fmt: skip
    target = passed[-1] if ask["to_step"] is None and passed else ask["to_step"]
    need(target in passed)
    signing = [i for i, s in enumerate(m["line"]) if s["for"] == "SIGN_OFF"]
    fixed = [i for i in (*signing, decided_at(m)) if i is not None and i < m["at"]]
    remember(m, ask)
    say(m, ask, seat, "RETURN")
    m["acted"] = True
    if ask["straight"] and not any(target <= i for i in fixed):
        undo_marks(m, target)
        again(m, step)
        again(m, m["line"][target])
    else:
        back_to(m, target)
    give_out(m, ask, target)


def withdraw(m: Row, ask: Row) -> None:
    signed = any(s["for"] == "SIGN_OFF" and s["state"] == "done" for s in m["line"][: m["at"]])
    need(m["life"] != "INCOMING" and ask["by"] == m["drafter"] and m["at"] > 0 and not signed and not m["acted"])
    back_to(m, 0)
    m["before"] = m["hash"] = None
    give_out(m, ask, 0)


def take_back(m: Row, ask: Row) -> None:
    before = m["before"]
    need(before and before["by"] == ask["by"] and before["for"] != "RECEIVE")
    m.update(pickle.loads(before["state"]))
    for step in m["line"]:
        if step["for"] == "ADDED" and step["seats"][0]["key"] in m["dropped"]:
            step["state"] = "skipped"
    m["said"][before["said"]]["back"] = True
    for entry in m["said"]:
        if entry["corrects"] == before["said"]:
            entry["back"] = True
    m["before"] = None


def redirect(m: Row, ask: Row) -> None:
    need(ask["role"] == "SYSTEM_ADMIN" and ask["text"].strip() and 0 <= ask["step"] < len(m["line"]))
    at, to, target = m["at"], ask["step"], m["line"][ask["step"]]
    need(to != at and target["state"] != "skipped" and target["organ"] == here(m)["organ"])
    need(target["kind"] != "EXCHANGE")
    if to < at:
        need(not any(s["for"] in NUMBERED and s["state"] == "done" for s in m["line"]))
        back_to(m, to)
    else:
        left = [s for s in m["line"][at:to] if s["state"] in ("open", "todo")]
        need(not any(s["for"] in FIXED for s in left) and not (m["life"] == "OUTGOING" and at == 0))
        for step in left:
            step["state"] = "skipped"
        again(m, target)
    m["before"], m["acted"] = None, True
    give_out(m, ask, to)


def return_document(m: Row, ask: Row) -> None:
    step, seat = held(m, ask)
    need(m["life"] != "OUTGOING" and (ask["reason"] != "OTHER" or ask["text"].strip()))
    if step["kind"] == "SUBORDINATE":
        act(m, ask, step, seat, "RETURN")
        settle(m, ask, step, seat)
        return
    need(step["for"] in ("RECEIVE", "SCREEN", "REGISTER"))
    send_back(m, ask, seat)


def send_back(m: Row, ask: Row, seat: Row) -> None:
    remember(m, ask)
    say(m, ask, seat, "RETURN")
    if m["life"] != "REQUEST":
        seat["state"] = "done"
        over(m, "RETURNED")
        return
    back_to(m, 0)
    m["acted"] = True
    give_out(m, ask, 0)


def refuse(m: Row, ask: Row) -> None:
    step, seat = held(m, ask)
    need(ask["text"].strip())
    if step["kind"] == "SUBORDINATE" and m["life"] != "OUTGOING":
        act(m, ask, step, seat, "RETURN")
        settle(m, ask, step, seat)
        return
    need(step["for"] == "RECEIVE")
    send_back(m, ask, seat)


def decide(m: Row, ask: Row) -> None:
    step, seat = held(m, ask)
    need(m["life"] == "REQUEST" and step["for"] == "INSTRUCT" and seat["under"] is None and ask["text"].strip())
    need(step["limit"] is None or m["amount"] <= step["limit"])
    act(m, ask, step, seat, "GRANT" if ask["granted"] else "DENY")
    for later in m["line"][m["at"] + 1 :]:
        if later["state"] == "todo" and not (later["for"] == "ADDED" and later["organ"] == step["organ"]):
            later["state"] = "skipped"
    clerks = [(top(s)[-1]["post"], s["organ"]) for s in m["line"][: m["at"] + 1] if s["for"] in ("DRAFT", "RECEIVE")]
    for i, (post, organ) in enumerate(reversed(clerks)):
        purpose, kind = ("RELAY", "EXCHANGE") if i else ("RESPOND", "SINGLE")
        m["line"].append(new_step(purpose, kind, organ, [new_seat(m, post, "MEMBER", None)]))
    m["granted"], m["decided"] = ask["granted"], step["organ"]
    settle(m, ask, step, seat)


def pass_upward(m: Row, ask: Row) -> None:
    step, seat = held(m, ask)
    need(m["life"] == "REQUEST" and step["for"] == "INSTRUCT" and seat["under"] is None and ask["text"].strip())
    need(any(s["for"] == "RECEIVE" and s["state"] == "todo" for s in m["line"][m["at"] + 1 :]))
    act(m, ask, step, seat, "PASS_UPWARD")
    settle(m, ask, step, seat)


def amend(m: Row, ask: Row) -> None:
    step = here(m)
    holders = [p for s in step["seats"] if s["state"] == "open" for p in (s["post"], s["deputy"])]
    need(m["hash"] is not None and step["for"] != "DISPATCH" and ask["by"] in holders and ask["hash"] != m["hash"])
    signing = next(i for i, s in enumerate(m["line"]) if s["for"] == "SIGN_OFF")
    back_to(m, signing)
    m["before"], m["acted"] = None, True
    give_out(m, ask, signing)


def terminate(m: Row, ask: Row) -> None:
    office = ask["by"] // 10 == m["home"] and ask["role"] in OFFICE
    numbered = any(o["for"] == "NUMBER" and o["verdict"] not in ("RETURN", "NOTE") for o in m["said"])
    need((ask["by"] == m["drafter"] or office) and m["life"] != "INCOMING" and ask["text"].strip())
    need(m["hash"] is None and m["granted"] is None and not numbered)
    over(m, "ENDED")


def stop(m: Row, ask: Row) -> None:
    need(ask["text"].strip())
    over(m, "REVOKED" if ask["revoked"] else "ABOLISHED")


def remind(m: Row, ask: Row) -> None:
    spoke = any(o["by"] == ask["by"] for o in m["said"])
    need(spoke or ask["by"] == m["drafter"] or ask["by"] // 10 == m["home"])
    last: datetime | None = m["reminded"]
    need(last is None or ask["now"] - last >= timedelta(hours=4))
    m["reminded"] = ask["now"]


def supervise(m: Row, ask: Row) -> None:
    need(ask["by"] // 10 == m["home"] and ask["role"] in OFFICE and ask["due"] > ask["now"])


def circulate(m: Row, ask: Row) -> None:
    need(m["stage"] in ("RUNNING", "DONE", "ABOLISHED") and ask["text"].strip())
    part = {s["organ"] for s in m["line"]} | {p // 10 for p in m["readers"]}
    need(ask["by"] // 10 in part | {s["post"] // 10 for step in m["line"] for s in step["seats"]})
    new = [p for p in ask["posts"] if p not in m["readers"]]
    need(new)
    m["readers"].update(dict.fromkeys(new, False))


def mark_read(m: Row, ask: Row) -> None:
    need(ask["seat"] == ask["by"] and ask["by"] in m["readers"])
    m["readers"][ask["by"]] = True


def correct(m: Row, ask: Row) -> None:
    need(0 <= ask["which"] < len(m["said"]) and m["said"][ask["which"]]["by"] == ask["by"] and ask["text"].strip())
    m["said"].append({
        **m["said"][ask["which"]], "verdict": "NOTE", "text": ask["text"].strip(), "back": False,
        "corrects": ask["which"], "behalf": None, "seat": None,
    })  # fmt: skip


VERBS = {
    "COMPLETE": complete, "CLAIM": claim, "HAND_OVER": hand_over, "ADD_SIGNER": add_signer,
    "REMOVE_SIGNER": remove_signer, "REASSIGN": reassign, "RETURN": return_, "WITHDRAW": withdraw,
    "TAKE_BACK": take_back, "REDIRECT": redirect, "RETURN_DOCUMENT": return_document, "REFUSE": refuse,
    "DECIDE": decide, "PASS_UPWARD": pass_upward, "AMEND": amend, "TERMINATE": terminate, "STOP": stop,
    "REMIND": remind, "SUPERVISE": supervise, "CIRCULATE": circulate, "MARK_READ": mark_read, "CORRECT": correct,
}  # fmt: skip
