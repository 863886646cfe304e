"""联合行文: which organs issue a paper together (条例17), and who signs for each (条例22)."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from office.domain.chain import Chain, Purpose
from office.domain.document import Content
from office.domain.errors import Invalid, WrongStage
from office.domain.organs import Organ, OrganKind, OrganTree
from office.domain.people import Actor, Post, Role
from office.service import access, directory, drafting
from office.store import chains, desks, documents, organs, people
from office.store.work import Work

MOST_PARTIES = 20  # beside the lead organ; more heads and seals fit on no page


@dataclass(frozen=True, slots=True)
class Party:
    """An organ a paper may be issued with, and its head, who would sign."""

    organ: Organ
    head: Post


def parties(work: Work, organ_id: int) -> tuple[Party, ...]:
    """Organs of the same level and the same superior that have a head, in official order; bounded."""
    tree = organs.tree(work)
    equals = _equals(tree, organ_id)[: directory.MOST_ASKED]
    heads: dict[int, Post] = {}
    for post in people.posts_with(work, [o.id for o in equals], Role.LEADER):
        heads.setdefault(post.organ_id, post)
    return tuple(Party(organ, heads[organ.id]) for organ in equals if organ.id in heads)


def _equals(tree: OrganTree, organ_id: int) -> tuple[Organ, ...]:
    organ = tree[organ_id]
    if organ.kind is not OrganKind.GOVERNMENT:
        return directory.sisters(tree, organ_id)
    near = tree.children(organ.parent_id) if organ.parent_id is not None else ()
    return tuple(o for o in near if o.kind is organ.kind and o.level is organ.level and o.id != organ.id)


@dataclass(frozen=True, slots=True)
class Choose:
    """The organs that issue a draft together with the drafter's, in the order of their seals; none: it alone."""

    document_id: int
    organ_ids: tuple[int, ...]


def choose(work: Work, command: Choose, actor: Actor) -> None:
    """Write the parties into the draft."""
    found = access.own_draft(work, command.document_id, by=actor)
    chosen = tuple(dict.fromkeys(command.organ_ids))
    content = documents.content(work, found.id, found.content_seq)
    if chosen == content.joint_organ_ids:
        return
    if chains.of_document(work, found.id):
        raise WrongStage("送审过的稿子不能再改联合行文的单位。请终止，另起新稿。")
    if len(chosen) > MOST_PARTIES:
        raise Invalid(f"联合行文最多 {MOST_PARTIES + 1} 家。单位再多，请改用会签。")
    allowed = {party.organ.id for party in parties(work, found.organ_id)}
    if set(chosen) - allowed:
        raise Invalid(
            "联合行文只能和同级、有负责人的单位一起。请重新选。",
            code="R13",
            article="《党政机关公文处理工作条例》第十七条",
        )
    changed = replace(content, joint_organ_ids=chosen)
    drafting.save(work, drafting.SaveDraft(found.id, changed, found.content_seq), actor)


def of_draft(work: Work, document_id: int, actor: Actor) -> tuple[int, ...]:
    """The other parties a draft names."""
    found = access.document(work, document_id, by=actor)
    return documents.content(work, found.id, found.content_seq).joint_organ_ids


def signatories(work: Work, content: Content, named: Iterable[int] = ()) -> tuple[tuple[int, int], ...]:
    """(post, organ) of who signs for each other party: those named, else the organ's head (条例22)."""
    chosen = desks.organs_of(work, named)
    missing = [i for i in content.joint_organ_ids if i not in {organ for _, organ in chosen}]
    heads = ((desks.first(desks.posts(work, i, Role.LEADER), "主要负责人"), i) for i in missing)
    return (*chosen, *heads)


def check_signed_by_all(chain: Chain, content: Content) -> None:
    """Refuse to send on a paper that names a party whose head is not asked to sign it."""
    signing = next(step for step in chain.steps if step.purpose is Purpose.SIGN_OFF)
    if set(content.joint_organ_ids) - {seat.organ_id for seat in signing.members()}:
        raise WrongStage(
            "联合行文的单位和送审时不一样，有一方没有人签发。请终止，另起新稿。",
            article="《党政机关公文处理工作条例》第二十二条",
        )
