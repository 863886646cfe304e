"""Random chains and random requests: mostly sensible, so that chains get far, with a steady share of nonsense."""

from datetime import datetime, timedelta
from random import Random

from office.domain.chain import COUNTERSIGNS, Chain, Purpose, SeatState, Step, StepKind, StepState
from office.domain.document import Kind
from office.domain.incoming import start as receive
from office.domain.organs import Level
from office.domain.outgoing import Countersign
from office.domain.people import Actor, Delegation, deputy_of
from tests.domain.cast import ADMIN, COUNTY, NINE, TOWN, VILLAGE, actor, desk, line, outgoing, request, seated, step
from tests.domain.chain_asks import ask
from tests.domain.chain_model import Row

POSTS = (*(organ * 10 + k for organ in (1, 2, 3, 5) for k in (1, 2, 3, 4, 5, 6)), 41, 43)
STRANGERS = (10, 18, 29, 71, 73)
# What people do most comes most often; the rest often enough to meet every state.
WEIGHTS = {
    "COMPLETE": 34, "DECIDE": 4, "PASS_UPWARD": 4, "CLAIM": 3, "RETURN": 7, "WITHDRAW": 3, "TAKE_BACK": 6,
    "HAND_OVER": 5, "ADD_SIGNER": 9, "REMOVE_SIGNER": 6, "REDIRECT": 3, "REASSIGN": 3, "REMIND": 1, "SUPERVISE": 1,
    "CIRCULATE": 1, "MARK_READ": 2, "RETURN_DOCUMENT": 1, "REFUSE": 1, "CORRECT": 2, "AMEND": 2,
}  # fmt: skip
DEAL = (*(verb for verb, weight in WEIGHTS.items() for _ in range(2 * weight)), "TERMINATE", "STOP")
DUE = NINE + timedelta(days=3)
QUORUMS = ((1, 2), (2, 3), (1, 1))


def a_chain(dice: Random) -> Chain:
    """Any of the lives of a paper, in any shape."""
    match dice.choice(("outgoing", "outgoing", "incoming", "request", "free")):
        case "incoming":
            level = dice.choice((Level.COUNTY, Level.COUNTY, Level.TOWNSHIP, Level.VILLAGE))
            of = desk({Level.COUNTY: COUNTY, Level.TOWNSHIP: TOWN}.get(level, VILLAGE), heads=dice.choice((0, 1, 2)))
            return receive(of, kind=Kind.NOTICE, level=level, at=NINE, due=DUE, reach=None)
        case "request":
            return request(dice.choice((10_000, 200_000, 2_000_000)), heads=dice.choice((0, 1, 2)))
        case "free":
            return line(*(_free_step(dice, 50 * (i + 1)) for i in range(dice.randint(1, 12))))
        case _:
            return outgoing(
                countersign=_countersign(dice) if dice.random() < 0.7 else None,
                signatories=dice.choice(((13,), (13,), (13, 53), (13, 53, 23))),
                reviewers=dice.choice(((12,), (12, 14), (13,))),
                clerks=dice.choice(((11,), (11, 16))),
                due=DUE,
            )


def _free_step(dice: Random, step_id: int) -> Step:
    kind = dice.choice([kind for kind in StepKind if kind is not StepKind.EXCHANGE])
    posts = tuple(dice.sample(POSTS, 1 if kind is StepKind.SINGLE else dice.randint(1, 5)))
    return step(step_id, kind, posts, quorum=dice.choice(QUORUMS), due=DUE)


def _countersign(dice: Random) -> Countersign:
    kind = dice.choice((*sorted(COUNTERSIGNS), StepKind.POOL))
    posts = tuple(dice.sample(POSTS, dice.randint(1, 5)))
    return Countersign(seated(*posts), kind, dice.choice(QUORUMS), posts[0])


def some_delegations(dice: Random) -> tuple[Delegation, ...]:
    """Leave of a few people, beginning and ending while the paper is under way."""
    return tuple(
        Delegation(
            dice.choice(POSTS), dice.choice((*POSTS, ADMIN)), NINE + timedelta(hours=dice.randint(-5, 20)),
            NINE + timedelta(hours=dice.randint(10, 90)), dice.choice((None, frozenset({Kind.NOTICE}))),
        )
        for _ in range(dice.randint(0, 4))
    )  # fmt: skip


def on_leave(delegations: tuple[Delegation, ...], kind: Kind, at: datetime) -> dict[int, int]:
    """Posts with somebody standing in for them at that moment."""
    found = {d.post_id: deputy_of(d.post_id, delegations, kind=kind, at=at) for d in delegations}
    return {post: deputy for post, deputy in found.items() if deputy is not None}


def _mostly(dice: Random, likely: object, otherwise: object, chance: float = 0.9) -> object:
    return likely if dice.random() < chance else otherwise


class Asking:
    """One request in the making: who stands where, and what might be asked."""

    def __init__(self, dice: Random, chain: Chain, now: datetime, deps: dict[int, int], content: str) -> None:
        self.dice, self.chain, self.now, self.deps, self.content = dice, chain, now, deps, content
        self.anyone = dice.choice((*POSTS, *STRANGERS, ADMIN))
        self.live = chain.open_seats()

    def make(self, verb: str) -> Row:
        """The request for that verb."""
        by, said = self._who(verb), self._what(verb)
        if "seat" not in said and verb not in ("WITHDRAW", "TAKE_BACK"):
            said["seat"] = self._seat()
        if verb in SEATED:
            by = self._holder(int(said["seat"]))
        return ask(verb, actor(by), self.now, self.deps, **said)

    def _seat(self) -> int:
        return self.dice.choice(self.live)[1].post_id if self.live and self.dice.random() < 0.95 else self.anyone

    def _holder(self, post: int) -> int:
        deputy = next((seat.deputy_id for _, seat in self.live if seat.post_id == post and seat.deputy_id), None)
        if deputy is not None and self.dice.random() < 0.5:
            return deputy
        return post if self.dice.random() < 0.93 else self.anyone

    def _who(self, verb: str) -> int:
        likely: int | None = self.anyone
        match verb:
            case "WITHDRAW" | "TERMINATE" | "REMIND":
                likely = self.chain.drafter_post_id
            case "TAKE_BACK":
                likely = self.chain.undo.by_post_id if self.chain.undo else None
            case "REDIRECT" | "REASSIGN":
                likely = ADMIN
            case "SUPERVISE" | "STOP":
                likely = self.chain.organ_id * 10 + 2
            case "AMEND" | "CIRCULATE":
                likely = self.live[0][1].post_id if self.live else None
            case _:
                pass
        return likely if likely is not None and self.dice.random() < 0.9 else self.anyone

    def _text(self) -> str:
        return "" if self.dice.random() < 0.04 else "已阅处"

    def _what(self, verb: str) -> Row:
        dice = self.dice
        match verb:
            case "COMPLETE":
                return {
                    "verdict": dice.choices(("AGREE", "DISAGREE", "TICK"), (12, 2, 2))[0], "text": self._text(),
                    "hash": dice.choices((self.content, "", "other"), (30, 1, 1))[0],
                    "assign": self._assignment(), "unread": dice.choice(("", "时间紧")),
                }  # fmt: skip
            case "RETURN":
                to = None if dice.random() < 0.4 else dice.randint(0, max(self.chain.position, 1))
                return {"text": self._text(), "to_step": to, "straight": dice.random() < 0.5}
            case "HAND_OVER":
                return {"to": self._colleague(self._seat())}
            case "ADD_SIGNER":
                return {"to": self.anyone, "place": dice.choice(("BEFORE", "BEFORE", "AFTER", "BESIDE"))}
            case "REDIRECT":
                return {"step": dice.randint(0, len(self.chain.steps)), "text": self._text()}
            case _:
                return self._rest(verb)

    def _rest(self, verb: str) -> Row:
        dice = self.dice
        rest: dict[str, Row] = {
            "DECIDE": {"granted": dice.random() < 0.7, "text": self._text()},
            "RETURN_DOCUMENT": {"reason": dice.choice(("NOT_OURS", "WRITING_RULES", "OTHER")), "text": self._text()},
            "AMEND": {"hash": dice.choice((self.content, self.content + "+"))},
            "STOP": {"revoked": dice.random() < 0.5, "text": self._text()},
            "SUPERVISE": {"due": self.now + timedelta(days=dice.choice((-1, 2)))},
            "CIRCULATE": {"posts": tuple(dice.sample(POSTS, 2)), "text": self._text()},
            "CORRECT": {"which": dice.randint(0, max(len(self.chain.opinions), 1)), "text": self._text()},
        }
        return rest.get(verb, {"text": self._text()})

    def _colleague(self, post: int) -> int:
        return post // 10 * 10 + self.dice.randint(1, 6) if self.dice.random() < 0.9 else self.anyone

    def _assignment(self) -> Row | None:
        if self.chain.current is None or self.dice.random() < 0.4:
            return None
        posts = tuple(self.dice.sample(POSTS, self.dice.choices((1, 2, 3, 0), (3, 4, 3, 0.2))[0]))
        lead = self.dice.choice((*posts, None, None)[:-1] or (None,))
        return {"kind": str(self.dice.choice(list(StepKind))), "posts": posts, "lead": lead}

    def aimed(self, verb: str) -> Row:
        """Requests that name an existing thing: a signer who waits, an opinion, a copy to read."""
        dice, row = self.dice, self.make(verb)
        waiting = (SeatState.OPEN, SeatState.WAITING)
        steps = [(i, s) for i, s in enumerate(self.chain.steps) if s.state in (StepState.OPEN, StepState.WAITING)]
        seats = [(i, s, seat) for i, s in steps for seat in s.seats if seat.state in waiting]
        if verb == "REMOVE_SIGNER":
            seats = [e for e in seats if e[0] == self.chain.position or e[1].purpose is Purpose.ADDED] or seats
        if verb in ("REMOVE_SIGNER", "REASSIGN") and seats:
            index, _, seat = dice.choice(seats)
            row |= {"step": index, "seat": seat.post_id, "to": self._colleague(seat.post_id)}
            if verb == "REMOVE_SIGNER" and dice.random() < 0.9:
                row |= _by(seat.added_by if seat.added_by is not None else self.chain.drafter_post_id)
        elif verb in ("REMOVE_SIGNER", "REASSIGN"):
            row |= {"step": 0, "seat": self.anyone, "to": self.anyone}
        elif verb == "CORRECT" and self.chain.opinions and dice.random() < 0.9:
            which = dice.randrange(len(self.chain.opinions))
            row |= {"which": which, **_by(self.chain.opinions[which].by.post_id)}
        elif verb == "MARK_READ" and self.chain.readers and dice.random() < 0.9:
            row |= {"seat": (post := dice.choice(self.chain.readers).post_id), **_by(post)}
        return row


def _by(post: int) -> Row:
    who: Actor = actor(post)
    return {"by": post, "role": str(who.role)}


SEATED = frozenset(
    {"COMPLETE", "CLAIM", "RETURN", "HAND_OVER", "ADD_SIGNER", "RETURN_DOCUMENT", "REFUSE", "DECIDE", "PASS_UPWARD"}
)
AIMED = frozenset({"REMOVE_SIGNER", "REASSIGN", "CORRECT", "MARK_READ"})


def an_ask(dice: Random, chain: Chain, now: datetime, deps: dict[int, int], content: str) -> Row:
    """One request to a chain as it stands."""
    verb = dice.choice(DEAL)
    step_now = chain.current
    if step_now is not None and step_now.purpose is Purpose.INSTRUCT and verb == "COMPLETE":
        verb = dice.choice(("COMPLETE", "DECIDE", "PASS_UPWARD"))
    asking = Asking(dice, chain, now, deps, content)
    return asking.aimed(verb) if verb in AIMED else asking.make(verb)
