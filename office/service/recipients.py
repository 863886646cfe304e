"""发给谁: choose 主送 and 抄送 one press at a time; what is out of scope, how many get it, how it is printed."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

from office.domain.document import Content, Selection
from office.domain.errors import Invalid, NotFound
from office.domain.organs import Level, Organ, OrganTree
from office.domain.people import Actor
from office.service import access, directory, drafting, lists
from office.store import documents, organs
from office.store.work import Work

MOST_NAMED = 40  # organs a suggested text names one by one


class Part(StrEnum):
    """Which of the two."""

    PRINCIPALS = "principals"
    COPIES = "copies"


@dataclass(frozen=True, slots=True)
class Tier:
    """A whole tier as one press: everything of `level` under `root`."""

    root: int
    level: Level
    name: str
    organs: int
    on: bool


@dataclass(frozen=True, slots=True)
class Node:
    """A line of the opened tree: `on` chosen, `part` something below it is, `opened` its children follow."""

    organ: directory.OrganView
    depth: int
    on: bool
    part: bool
    opened: bool


@dataclass(frozen=True, slots=True)
class Chosen:
    """One chosen thing as a chip; `press` takes it out again."""

    name: str
    press: str
    organs: int


@dataclass(frozen=True, slots=True)
class Page:
    """Everything the page shows."""

    document: documents.Document
    content: Content
    part: Part
    tiers: tuple[Tier, ...]
    nodes: tuple[Node, ...]
    hits: int | None
    chips: tuple[Chosen, ...]
    left_out: tuple[Chosen, ...]
    outside: tuple[directory.OutOfScope, ...]
    needs: Level | None
    by_level: tuple[tuple[Level, int], ...]
    total: int
    suggested: str
    saved: tuple[lists.SavedList, ...]


def show(work: Work, document_id: int, actor: Actor, part: Part, *, opened: int | None, text: str) -> Page:
    """The page of a draft this person may edit."""
    found = access.own_draft(work, document_id, by=actor)
    content = documents.content(work, found.id, found.content_seq)
    tree = organs.tree(work)
    selection = of(content, part)
    inside, outside = _reached(work, found, content)
    chosen = {organ.id for organ in directory.chosen(tree, selection)}
    hits = directory.search(work, text) if text else None
    area = area_of(tree, found.organ_id)
    levels = [tree[organ_id].level for organ_id in inside]
    return Page(
        found, content, part, _tiers(tree, area, opened, selection),
        _hit_nodes(hits.organs, chosen) if hits else _nodes(tree, area, found.organ_id, opened, chosen),
        hits.total if hits else None, _chips(tree, selection), _left_out(tree, selection), outside,
        max((tree[o.organ_id].level for o in outside), default=None),
        tuple((level, levels.count(level)) for level in Level if level in levels), len(inside),
        printed(tree, selection, found.organ_id), lists.of_organ(work, actor),
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Picker:
    """Tiers and tree to choose organs from, for anything that is not a draft; `hits` counts a search's finds."""

    tiers: tuple[Tier, ...]
    nodes: tuple[Node, ...]
    hits: int | None


def picker(work: Work, organ_id: int, chosen: frozenset[int], *, opened: int | None, text: str) -> Picker:
    """The same tree an organ finds in its drafts, with these organs chosen; a tier is on when all of it is."""
    tree = organs.tree(work)
    area, held = area_of(tree, organ_id), set(chosen)
    hits = directory.search(work, text) if text else None
    tiers = tuple(
        replace(one, on=all(organ.id in held for organ in directory.tier(tree, one.root, one.level)))
        for one in _tiers(tree, area, opened, Selection())
    )
    nodes = _hit_nodes(hits.organs, held) if hits else _nodes(tree, area, organ_id, opened, held)
    return Picker(tiers, nodes, hits.total if hits else None)


def pressed(work: Work, press: str) -> tuple[int, ...]:
    """The organs a press means: one (`organ:7`), or a whole tier (`tier:1:2`)."""
    tree = organs.tree(work)
    return tuple(organ.id for organ in directory.chosen(tree, toggled(tree, Selection(), press)))


def of(content: Content, part: Part) -> Selection:
    """The selection of a part."""
    return content.principals if part is Part.PRINCIPALS else content.copies


def area_of(tree: OrganTree, organ_id: int) -> Organ:
    """Where its recipients are first looked for: an organ without lower ones writes within its superior's area."""
    own = tree[organ_id]
    below = any(child.level > own.level for child in tree.children(organ_id))
    return own if below or own.parent_id is None else tree[own.parent_id]


def _reached(
    work: Work, found: documents.Document, content: Content
) -> tuple[tuple[int, ...], tuple[directory.OutOfScope, ...]]:
    """Who really gets it, each once, and who is below the reach."""
    parts = [
        directory.resolve(work, selection, issuer_id=found.organ_id, reach=content.reach)
        for selection in (content.principals, content.copies)
    ]
    inside = dict.fromkeys(organ_id for part in parts for organ_id in part.organ_ids)
    return tuple(inside), tuple(o for part in parts for o in part.out_of_scope)


def _tiers(tree: OrganTree, area: Organ, opened: int | None, selection: Selection) -> tuple[Tier, ...]:
    """The tiers of the area, and of the opened county or township."""
    roots = [area]
    if opened is not None and opened in tree and tree[opened].is_under(area):
        roots.append(tree[opened])
    found = []
    for root in roots:
        for level in Level:
            count = sum(1 for _ in directory.tier(tree, root.id, level)) if level >= root.level else 0
            if count:
                name = tier_name(root, level, within=area)
                found.append(Tier(root.id, level, name, count, (root.id, level) in selection.tiers))
    return tuple(found)


def tiers_by_name(work: Work, organ_id: int) -> Mapping[str, tuple[int, Level]]:
    """The whole tiers an organ writes to, by the name they are printed under."""
    tree = organs.tree(work)
    area = area_of(tree, organ_id)
    levels = [level for level in Level if level >= area.level and any(directory.tier(tree, area.id, level))]
    return {tier_name(area, level, within=area): (area.id, level) for level in levels}


def tier_name(root: Organ, level: Level, *, within: Organ) -> str:
    """各县（市、区）人民政府, 市政府各部门, 兴平市各镇人民政府（街道办事处）."""
    where = "" if root.id == within.id else root.name
    match level:
        case Level.COUNTY if root.level is Level.CITY:
            return "各县（市、区）人民政府"
        case Level.TOWNSHIP if root.level < Level.TOWNSHIP:
            return f"{where}各镇人民政府（街道办事处）"
        case Level.VILLAGE:
            return f"{where}各村（居）民委员会"
        case _:
            return f"{where or root.name[-1]}政府各部门"


def _nodes(tree: OrganTree, area: Organ, issuer_id: int, opened: int | None, chosen: set[int]) -> tuple[Node, ...]:
    """Superiors first, then the area level by level along the opened path."""
    way = {o.id for o in (tree[opened], *tree.ascend(opened))} if opened is not None and opened in tree else set()
    touched = {int(part) for organ_id in chosen for part in tree[organ_id].path.strip("/").split("/")}
    found = [_node(tree, o, 0, chosen, touched) for o in reversed(tree.ascend(issuer_id))]

    def down(organ_id: int, depth: int) -> None:
        own = tree[organ_id].level
        for child in sorted(tree.children(organ_id), key=lambda organ: organ.level is own):  # departments last
            if child.id == issuer_id:
                continue
            is_open = child.id in way and bool(tree.children(child.id))
            found.append(replace(_node(tree, child, depth, chosen, touched), opened=is_open))
            if is_open:
                down(child.id, depth + 1)

    down(area.id, 0)
    return tuple(found)


def _node(tree: OrganTree, organ: Organ, depth: int, chosen: set[int], touched: set[int]) -> Node:
    on = organ.id in chosen
    return Node(directory.view(tree, organ), depth, on, not on and organ.id in touched, opened=False)


def _hit_nodes(found: Iterable[directory.OrganView], chosen: set[int]) -> tuple[Node, ...]:
    return tuple(Node(organ, 0, organ.id in chosen, part=False, opened=False) for organ in found)


def _chips(tree: OrganTree, selection: Selection) -> tuple[Chosen, ...]:
    tiers = [
        Chosen(tier_name(tree[root], level, within=_top(tree, root)), f"tier:{root}:{int(level)}",
               sum(1 for _ in directory.tier(tree, root, level)))
        for root, level in selection.tiers if root in tree
    ]  # fmt: skip
    single = [Chosen(tree.trail(i), f"organ:{i}", 1) for i in selection.organ_ids if i in tree]
    return tuple(tiers + single)


def _top(tree: OrganTree, organ_id: int) -> Organ:
    above = tree.ascend(organ_id)
    return above[-1] if above else tree[organ_id]


def _left_out(tree: OrganTree, selection: Selection) -> tuple[Chosen, ...]:
    return tuple(Chosen(tree.trail(i), f"organ:{i}", 1) for i in selection.excluded if i in tree)


def printed(tree: OrganTree, selection: Selection, issuer_id: int) -> str:
    """How the page would name them: tiers by their usual names, single organs by their titles."""
    area = area_of(tree, issuer_id)
    groups = [tier_name(tree[root], level, within=area) for root, level in selection.tiers if root in tree]
    single = [tree[i].title for i in selection.organ_ids if i in tree and i not in selection.excluded]
    if len(single) > MOST_NAMED:
        single = [*single[:MOST_NAMED], "等"]
    text = "，".join([*groups, "、".join(single)] if single else groups).replace("、等", "等")
    but = [tree[i].name for i in selection.excluded if i in tree]
    return text + (f"（{'、'.join(but[:MOST_NAMED])}除外）" if but and text else "")


def toggled(tree: OrganTree, selection: Selection, press: str) -> Selection:
    """The selection after a press on an organ (`organ:7`) or a tier (`tier:1:2`); Invalid for anything else."""
    what, *numbers = press.split(":")
    if not numbers or not all(number.isascii() and number.isdigit() and len(number) < 10 for number in numbers):
        raise Invalid("页面内容旧了，请刷新后再选。")
    match what, [int(number) for number in numbers]:
        case "organ", [organ_id] if organ_id in tree:
            return _toggle_organ(tree, selection, organ_id)
        case "tier", [root, level] if root in tree and level in {int(known) for known in Level}:
            return _toggle_tier(tree, selection, (root, Level(level)))
        case _:
            raise Invalid("选的单位已经不在单位表里，请刷新后再选。")


def _toggle_organ(tree: OrganTree, selection: Selection, organ_id: int) -> Selection:
    by_tier = replace(selection, organ_ids=(), excluded=())
    covered = any(organ.id == organ_id for organ in directory.chosen(tree, by_tier))
    kept = tuple(i for i in selection.organ_ids if i != organ_id)
    spared = tuple(i for i in selection.excluded if i != organ_id)
    if organ_id in selection.excluded:
        return replace(selection, organ_ids=kept if covered else (*kept, organ_id), excluded=spared)
    if covered:
        return replace(selection, organ_ids=kept, excluded=(*selection.excluded, organ_id))
    return replace(selection, organ_ids=kept if organ_id in selection.organ_ids else (*kept, organ_id))


def _toggle_tier(tree: OrganTree, selection: Selection, tier: tuple[int, Level]) -> Selection:
    inside = {organ.id for organ in directory.tier(tree, *tier)}
    spared = tuple(i for i in selection.excluded if i not in inside)
    if tier in selection.tiers:
        return replace(selection, tiers=tuple(t for t in selection.tiers if t != tier), excluded=spared)
    singles = tuple(i for i in selection.organ_ids if i not in inside)
    return replace(selection, organ_ids=singles, tiers=(*selection.tiers, tier), excluded=spared)


def merged(selection: Selection, other: Selection) -> Selection:
    """Both together; who was left out of one but is in the other gets it."""
    organ_ids = tuple(dict.fromkeys((*selection.organ_ids, *other.organ_ids)))
    tiers = tuple(dict.fromkeys((*selection.tiers, *other.tiers)))
    out = dict.fromkeys((*selection.excluded, *other.excluded))
    return Selection(organ_ids, tiers, tuple(i for i in out if i not in organ_ids))


def within(tree: OrganTree, selection: Selection, reach: Level) -> Selection:
    """The selection without what lies below `reach`."""
    return replace(
        selection,
        organ_ids=tuple(i for i in selection.organ_ids if tree[i].level <= reach),
        tiers=tuple(tier for tier in selection.tiers if tier[1] <= reach),
        excluded=tuple(i for i in selection.excluded if tree[i].level <= reach),
    )


@dataclass(frozen=True, slots=True)
class Choose:
    """One press on the page of a draft's recipients."""

    document_id: int
    part: Part
    press: str = ""  # organ:7, tier:1:2, clear
    list_id: int | None = None


def choose(work: Work, command: Choose, actor: Actor) -> None:
    """Change one part; its printed text follows as long as nobody has written it himself."""
    found = access.own_draft(work, command.document_id, by=actor)
    before = documents.content(work, found.id, found.content_seq)
    tree, selection = organs.tree(work), of(before, command.part)
    if command.list_id is not None:
        changed = merged(selection, lists.use(work, command.list_id, actor))
    elif command.press == "clear":
        changed = Selection()
    else:
        changed = toggled(tree, selection, command.press)
    _save(work, found, before, _with(tree, before, command.part, changed, found.organ_id), actor)


def _with(tree: OrganTree, content: Content, part: Part, selection: Selection, issuer_id: int) -> Content:
    old, new = printed(tree, of(content, part), issuer_id), printed(tree, selection, issuer_id)
    if part is Part.PRINCIPALS:
        text = new if content.principal_text in ("", old) else content.principal_text
        return replace(content, principals=selection, principal_text=text)
    text = new if content.copy_text in ("", old) else content.copy_text
    return replace(content, copies=selection, copy_text=text)


def _save(work: Work, found: documents.Document, before: Content, after: Content, actor: Actor) -> None:
    if after != before:
        drafting.save(work, drafting.SaveDraft(found.id, after, found.content_seq), actor)


def take_out(work: Work, document_id: int, actor: Actor) -> None:
    """Take everything out that lies below the draft's reach."""
    found = access.own_draft(work, document_id, by=actor)
    before = documents.content(work, found.id, found.content_seq)
    if before.reach is None:
        raise Invalid("这份稿子没有写发至层级，没有超出范围的单位。")
    tree, after = organs.tree(work), before
    for part in Part:
        after = _with(tree, after, part, within(tree, of(after, part), before.reach), found.organ_id)
    _save(work, found, before, after, actor)


def set_reach(work: Work, document_id: int, reach: Level | None, actor: Actor) -> None:
    """发至层级 of the draft (条例9(15), 31): None for the named recipients only."""
    found = access.own_draft(work, document_id, by=actor)
    before = documents.content(work, found.id, found.content_seq)
    _save(work, found, before, replace(before, reach=reach), actor)


@dataclass(frozen=True, slots=True)
class WriteTexts:
    """主送 and 抄送 as they are printed, written by hand."""

    document_id: int
    principal_text: str
    copy_text: str


def write_texts(work: Work, command: WriteTexts, actor: Actor) -> None:
    """Keep the texts; who gets it does not change."""
    if max(len(command.principal_text), len(command.copy_text)) > 2_000:
        raise Invalid("主送、抄送超过 2000 字，印不下。请改用统称。")
    found = access.own_draft(work, command.document_id, by=actor)
    before = documents.content(work, found.id, found.content_seq)
    after = replace(before, principal_text=command.principal_text, copy_text=command.copy_text)
    _save(work, found, before, after, actor)


def save_list(work: Work, document_id: int, part: Part, name: str, actor: Actor) -> int:
    """Keep the current choice of a part under a name (常用)."""
    found = access.document(work, document_id, by=actor)
    if found.organ_id != actor.organ_id:
        raise NotFound
    selection = of(documents.content(work, found.id, found.content_seq), part)
    return lists.create(work, lists.CreateList(name, selection), actor)
