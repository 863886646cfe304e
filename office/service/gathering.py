"""Gathers what the writing rules may know about a draft: organs, relations, real files, what was issued before."""

from collections.abc import Mapping
from datetime import timedelta
from importlib import resources
from weakref import WeakKeyDictionary

import msgspec
from sqlalchemy import func, select

from office.domain import secrecy, wording
from office.domain.chain import Purpose, StepState, Verdict
from office.domain.document import Content, Selection
from office.domain.draft_facts import Answered, Edge, Facts, Party, Similar, relation
from office.domain.faults import Moment
from office.domain.likeness import likeness, pairs
from office.domain.organs import Organ, OrganTree
from office.service import directory
from office.service.drafting import plain_name
from office.store import chains, documents, organs
from office.store.base_tables import event
from office.store.tables import document, number
from office.store.work import Work

REASON_GIVEN = "REASON_GIVEN"
A_YEAR = timedelta(days=366)
NEARLY_SAME = 0.85
TITLE_ALIKE = 0.7  # below this the texts are not even looked at
MOST_LOOKED_AT = 300
MOST_COMPARED = 2

Names = Mapping[str, tuple[int, ...]]
_names: WeakKeyDictionary[OrganTree, Names] = WeakKeyDictionary()


def rule_text() -> str:
    """The text of the rule file that comes with the package."""
    return resources.files("office").joinpath("data/writing_rules.json").read_text(encoding="utf-8")


def names_of(tree: OrganTree) -> Names:
    """Every full and short name with the organs that bear it; built once for a tree."""
    held = _names.get(tree)
    if held is None:
        found: dict[str, list[int]] = {}
        for organ in tree:
            for name in {organ.title, organ.name}:
                found.setdefault(name, []).append(organ.id)
        held = {name: tuple(ids) for name, ids in found.items()}
        _names[tree] = held
    return held


def facts(
    work: Work, found: documents.Document, content: Content, moment: Moment, countersigned: frozenset[int] | None
) -> Facts:
    """The draft with its surroundings; `countersigned` None: taken from the chain, if one runs."""
    tree = organs.tree(work)
    issuer = tree[found.organ_id]
    edges = organs.edges_of(work, issuer.id)
    principals = _parties(tree, content.principals, issuer, edges)
    above, sisters = tree.ascend(issuer.id), directory.sisters(tree, issuer.id)
    near = (*above, *sisters, *tree.children(issuer.id), *tree.children(issuer.parent_id))
    asked, disagreed = _countersign(work, tree, found.id)
    issued = _issued(work, issuer)
    return Facts(
        content=content, issuer=issuer, moment=moment, principals=principals,
        copies=_parties(tree, content.copies, issuer, edges), edges=edges, dual_led=organs.dual_led(work), above=above,
        sisters=sisters, joint=tuple(tree[i] for i in content.joint_organ_ids if i in tree), names=names_of(tree),
        near={o.id: o for o in (*near, *(p.organ for p in principals[:MOST_LOOKED_AT]))},
        attachments=tuple(plain_name(file.name) for file in documents.attachments(work, found.id)),
        answered=_answered(work, content), similar=_similar(work, found, content, issuer),
        issued_this_year=issued.get(work.today.year, 0), issued_last_year=issued.get(work.today.year - 1, 0),
        countersigned=countersigned if countersigned is not None else asked, disagreed=disagreed,
        reasons=reasons(work, found.id), marks=_marks(content),
    )  # fmt: skip


def _parties(tree: OrganTree, chosen: Selection, issuer: Organ, edges: tuple[Edge, ...]) -> tuple[Party, ...]:
    known = Selection(
        tuple(i for i in chosen.organ_ids if i in tree), tuple(t for t in chosen.tiers if t[0] in tree), chosen.excluded
    )
    held = frozenset(edges)
    return tuple(Party(organ, relation(issuer, organ, held)) for organ in directory.chosen(tree, known))


def _marks(content: Content) -> tuple[str, ...]:
    judged = secrecy.judge([secrecy.Part(secrecy.BODY, content.text())])
    return (judged.sentence,) if judged is not None and judged.tier is secrecy.Tier.HARD else ()


def reasons(work: Work, document_id: int) -> dict[str, str]:
    """The last reason given for each rule."""
    statement = select(event.c.body).where(event.c.document_id == document_id, event.c.kind == REASON_GIVEN)
    found: dict[str, str] = {}
    for row in work.execute(statement.order_by(event.c.id)):
        for given in msgspec.json.decode(row[0], type=list[dict[str, str]]):
            found[given["rule"]] = given["reason"]
    return found


def _answered(work: Work, content: Content) -> Answered | None:
    if content.answers_document_id is None:
        return None
    asked = documents.load(work, content.answers_document_id)
    way = {asked.organ_id}
    for stored in chains.of_document(work, asked.id):
        way.update(step.organ_id for step in stored.chain.steps if step.state is StepState.DONE)
    return Answered(asked.kind, asked.title, asked.number, frozenset(way))


def _countersign(work: Work, tree: OrganTree, document_id: int) -> tuple[frozenset[int] | None, tuple[str, ...]]:
    """Organs asked for countersign (None: nothing sent yet), and those whose last word is no."""
    running = [c for c in chains.of_document(work, document_id) if c.chain.purpose.value == "OUTGOING"]
    if not running:
        return None, ()
    chain = running[-1].chain
    steps = {step.id: step for step in chain.steps if step.purpose is Purpose.COUNTERSIGN}
    last: dict[int, Verdict] = {}
    for opinion in chain.opinions:
        if opinion.step_id in steps and not opinion.taken_back and opinion.verdict is not Verdict.NOTE:
            last[opinion.by.organ_id] = opinion.verdict
    asked = frozenset(seat.organ_id for step in steps.values() for seat in step.seats)
    return asked, tuple(tree[i].name for i, verdict in last.items() if verdict is Verdict.DISAGREE and i in tree)


def _issued(work: Work, issuer: Organ) -> dict[int, int]:
    """Numbers taken this year and last, voids left out."""
    n = number.c
    years = (work.today.year, work.today.year - 1)
    rows = work.execute(
        select(n.year, func.count())
        .where(n.organ_id == issuer.id, n.word == issuer.word, n.year.in_(years), n.voided_at.is_(None))
        .group_by(n.year)
    )
    return {row[0]: row[1] for row in rows}


def _similar(work: Work, found: documents.Document, content: Content, issuer: Organ) -> tuple[Similar, ...]:
    """Own and the superior's documents of the last year that are nearly the same: titles first, then the texts."""
    d = document.c
    owners = [issuer.id] if issuer.parent_id is None else [issuer.id, issuer.parent_id]
    rows = work.execute(
        select(d.id, d.title, d.number, d.content_seq)
        .where(d.organ_id.in_(owners), d.updated > work.now - A_YEAR, d.stage == "ISSUED")
        .where(d.kind == str(content.kind), d.matter_id != found.matter_id)
        .order_by(d.updated.desc(), d.id.desc())
        .limit(MOST_LOOKED_AT)
    )
    title = pairs(content.title)
    close = [(likeness(title, pairs(row[1])), row) for row in rows]
    close = sorted((one for one in close if one[0] >= TITLE_ALIKE), key=lambda one: -one[0])[:MOST_COMPARED]
    if not close:
        return ()
    text = pairs(wording.body_text(content))
    alike = []
    for _, row in close:
        other = pairs(wording.body_text(documents.content(work, row[0], row[3])))
        alike.append(Similar(row[1], row[2], likeness(text, other)))
    return tuple(one for one in alike if one.likeness >= NEARLY_SAME)
