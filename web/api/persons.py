"""The API about oneself and others: who am I, delegations, accounts and posts."""

from dataclasses import dataclass

from office.domain.people import Actor, Post
from office.service import delegation, histories, reassigning, refusals, staffing, suggestions
from office.store import people
from office.store.work import Work
from web.api.entry import Entry, read, write
from web.api.papers import Nothing
from web.routing import AUDITOR, STAFFING, SYSTEM_ADMIN, WATCHING


@dataclass(frozen=True, slots=True)
class Me:
    """Who is signed in, in which post, with which others."""

    actor: Actor
    posts: tuple[Post, ...]
    acting_for: tuple[Post, ...]


def me(work: Work, _command: Nothing, actor: Actor) -> Me:
    """Who am I."""
    return Me(actor, people.posts_held(work, actor.person_id), delegation.acting_for(work, actor))


def delegations(work: Work, _command: Nothing, actor: Actor) -> tuple[delegation.DelegationView, ...]:
    """Made by one's post, or naming it."""
    return delegation.mine(work, actor)


@dataclass(frozen=True, slots=True)
class Delegated:
    """A new delegation."""

    delegation_id: int


def delegate(work: Work, command: delegation.CreateDelegation, actor: Actor) -> Delegated:
    """委托."""
    return Delegated(delegation.create(work, command, actor))


def acts(work: Work, _command: Nothing, actor: Actor) -> tuple[delegation.DeputyAct, ...]:
    """What was done as 代."""
    return delegation.acts(work, actor)


@dataclass(frozen=True, slots=True)
class ByName:
    """A part of a name."""

    name: str


def find_people(work: Work, command: ByName, actor: Actor) -> tuple[staffing.PersonView, ...]:
    """People by name."""
    return staffing.find(work, command.name, actor)


@dataclass(frozen=True, slots=True)
class ByNumber:
    """A document number, or the id of a document."""

    number: str


def find_chains(work: Work, command: ByNumber, actor: Actor) -> tuple[reassigning.ChainHead, ...]:
    """Chains without content."""
    return reassigning.find(work, command.number, actor)


@dataclass(frozen=True, slots=True)
class OneOrgan:
    """Which organ."""

    organ_id: int


def organ_posts(work: Work, command: OneOrgan, actor: Actor) -> tuple[staffing.PostView, ...]:
    """The posts of an organ with what waits on them."""
    return staffing.organ_posts(work, command.organ_id, actor)


@dataclass(frozen=True, slots=True)
class NewPost:
    """A new post."""

    post_id: int


def create_post(work: Work, command: staffing.CreatePost, actor: Actor) -> NewPost:
    """设岗位."""
    return NewPost(staffing.create_post(work, command, actor))


@dataclass(frozen=True, slots=True)
class Moved:
    """The document whose seat moved."""

    document_id: int


def move_seat(work: Work, command: reassigning.MoveSeat, actor: Actor) -> Moved:
    """重新指派."""
    return Moved(reassigning.move_seat(work, command, actor))


def jump(work: Work, command: reassigning.Jump, actor: Actor) -> Moved:
    """跳转."""
    return Moved(reassigning.jump(work, command, actor))


def history_of(work: Work, command: histories.OfDocument, actor: Actor) -> histories.Past:
    """谁在什么时候办过什么."""
    return histories.of_document(work, command, actor)


def own_history(work: Work, command: histories.Older, actor: Actor) -> histories.Past:
    """What one did oneself."""
    return histories.mine(work, command, actor)


@dataclass(frozen=True, slots=True)
class Suggested:
    """A new suggestion."""

    suggestion_id: int


def suggest(work: Work, command: suggestions.Suggest, actor: Actor) -> Suggested:
    """投诉建议."""
    return Suggested(suggestions.suggest(work, command, actor))


def own_suggestions(work: Work, _command: Nothing, actor: Actor) -> tuple[suggestions.Suggestion, ...]:
    """One's own, with the answers."""
    return suggestions.own(work, actor)


@dataclass(frozen=True, slots=True)
class OlderThan:
    """Where a page goes on."""

    before: int | None = None


def refused(work: Work, command: OlderThan, actor: Actor) -> refusals.Refusals:
    """Files that were refused."""
    return refusals.refused(work, actor, command.before)


ENTRIES: tuple[Entry, ...] = (
    read("/me", me, "我是谁"),
    read("/delegations", delegations, "委托"),
    write("POST", "/delegations", delegate, "委托给别人"),
    write("DELETE", "/delegations/{delegation_id}", delegation.revoke, "收回委托"),
    read("/delegations/acts", acts, "代办过的文件"),
    read("/documents/{document_id}/history", history_of, "一份文件的经过"),
    read("/documents/{document_id}/history/check", histories.check_document, "核对一份文件的经过"),
    read("/me/history", own_history, "我办过的事"),
    read("/history", histories.search, "历史记录", rule=AUDITOR),
    read("/refused", refused, "拒收的文件", rule=WATCHING),
    read("/suggestions", own_suggestions, "我提的建议"),
    write("POST", "/suggestions", suggest, "投诉建议"),
    read("/suggestions/received", suggestions.received, "收到的建议"),
    write("PUT", "/suggestions/{suggestion_id}/answer", suggestions.answer, "答复建议"),
    read("/people", find_people, "找人", rule=STAFFING),
    read("/organs/{organ_id}/posts", organ_posts, "单位的岗位", rule=STAFFING),
    write("POST", "/organs/{organ_id}/posts", create_post, "设岗位", rule=STAFFING),
    write("PUT", "/posts/{post_id}/person", staffing.fill_post, "安排上岗", rule=STAFFING),
    write("DELETE", "/posts/{post_id}/person", staffing.vacate_post, "移出岗位", rule=STAFFING),
    read("/chains", find_chains, "按文号找流程", rule=SYSTEM_ADMIN),
    write("POST", "/chains/{chain_id}/move", move_seat, "重新指派", rule=SYSTEM_ADMIN),
    write("POST", "/chains/{chain_id}/jump", jump, "跳转", rule=SYSTEM_ADMIN),
)
