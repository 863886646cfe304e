"""The directory (通讯录): organs opened level by level, found by name, chosen as recipients; who sits where."""

import unicodedata
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace

from office.domain.document import Selection
from office.domain.errors import Invalid, NotFound
from office.domain.organs import EdgeKind, Level, Organ, OrganKind, OrganTree
from office.domain.people import Post, Role
from office.store import organs, people
from office.store.work import Work

PAGE = 100
HITS = 30
LONGEST_SEARCH = 40

OUTSIDE_LIST = "发文单位没有写发至层级，只发给主送、抄送单位，不能再往下转发。"
BELOW_REACH = "发文单位只让发到{reach}，这里是{level}。可以向发文单位申请扩大范围。"
NOT_BELOW = "不是本单位的下级，不能由本单位转发。"
LEVEL_NAMES = {Level.CITY: "市级", Level.COUNTY: "县级", Level.TOWNSHIP: "乡镇级", Level.VILLAGE: "村级"}
_BODIES = frozenset({OrganKind.GOVERNMENT, OrganKind.VILLAGE})
_DEPARTMENTS = frozenset({OrganKind.BUREAU, OrganKind.OFFICE})
MOST_ASKED = 200  # organs whose posts one page offers


@dataclass(frozen=True, slots=True)
class OrganView:
    """An organ as lists show it. `trail` is the path people read; `below` counts its direct subordinates."""

    id: int
    name: str
    title: str
    level: Level
    kind: OrganKind
    trail: str
    below: int
    demo: bool
    note: str = ""


@dataclass(frozen=True, slots=True)
class OrganPage:
    """A page of direct subordinates. `after` asks for the next page; None: this is the last."""

    organs: tuple[OrganView, ...]
    after: int | None


@dataclass(frozen=True, slots=True)
class Hits:
    """Organs found by name, the closest first, at most `HITS`; `total` says how many there are."""

    organs: tuple[OrganView, ...]
    total: int


@dataclass(frozen=True, slots=True)
class OutOfScope:
    """A chosen organ that may not get the document, with the sentence that says why (M02, 条例31)."""

    organ_id: int
    trail: str
    reason: str


@dataclass(frozen=True, slots=True)
class Recipients:
    """A selection resolved to organ ids in official order, and what fell outside the scope."""

    organ_ids: tuple[int, ...]
    out_of_scope: tuple[OutOfScope, ...] = ()


@dataclass(frozen=True, slots=True)
class Card:
    """One organ opened: itself, its posts, and its relations in words."""

    organ: OrganView
    phone: str
    word: str
    posts: tuple[Post, ...]


def view(tree: OrganTree, organ: Organ, *, note: str = "") -> OrganView:
    """The organ as lists show it."""
    below = len(tree.children(organ.id))
    return OrganView(
        organ.id, organ.name, organ.title, organ.level, organ.kind, tree.trail(organ.id), below, organ.demo, note
    )


def children(work: Work, organ_id: int | None = None, after: int | None = None, limit: int = PAGE) -> OrganPage:
    """Direct subordinates in official order (None: the top), `limit` at a time behind the organ `after`."""
    tree = organs.tree(work)
    if organ_id is not None:
        _known(tree, organ_id)
    below = tree.children(organ_id)
    start = next((place + 1 for place, organ in enumerate(below) if organ.id == after), 0)
    shown = below[start : start + min(limit, PAGE)]
    more = start + len(shown) < len(below)
    return OrganPage(tuple(view(tree, organ) for organ in shown), shown[-1].id if more else None)


def _known(tree: OrganTree, organ_id: int) -> Organ:
    if organ_id not in tree:
        raise NotFound("没有这个单位。")
    return tree[organ_id]


def search(work: Work, text: str) -> Hits:
    """Organs whose path or title holds every word of `text`; two Chinese characters suffice."""
    words = unicodedata.normalize("NFKC", text)[:LONGEST_SEARCH].split()
    if not words:
        return Hits((), 0)
    tree = organs.tree(work)
    found = sorted((_distance(words, organ), organ.id) for organ in tree if _matches(tree, organ, words))
    return Hits(tuple(view(tree, tree[organ_id]) for _, organ_id in found[:HITS]), len(found))


def _matches(tree: OrganTree, organ: Organ, words: list[str]) -> bool:
    """Every word is somewhere on the path, and the last one in the organ's own name: 兴平 finds no village."""
    if words[-1] not in organ.name and words[-1] not in organ.title.removeprefix(_above(tree, organ)):
        return False
    trail = tree.trail(organ.id)
    return all(word in trail or word in organ.title for word in words)


def _above(tree: OrganTree, organ: Organ) -> str:
    """The part of a title that only names the superiors."""
    names = (above.name for above in reversed(tree.ascend(organ.id)) if above.level is not Level.CITY)
    return "".join(names)


def _distance(words: list[str], organ: Organ) -> tuple[bool, bool, int, int]:
    last = words[-1]
    return (organ.name != last, not organ.name.startswith(last), int(organ.level), organ.sort)


def card(work: Work, organ_id: int) -> Card:
    """One organ with its posts; NotFound when absent."""
    tree = organs.tree(work)
    organ = _known(tree, organ_id)
    shown = view(tree, organ, note=_note(work, tree, organ_id))
    return Card(shown, organ.phone, organ.word, people.posts_of(work, organ_id))


def _note(work: Work, tree: OrganTree, organ_id: int) -> str:
    """The relations beside subordination, in words."""
    sentences = []
    for kind, start, end in organs.edges_of(work, organ_id):
        match kind:
            case EdgeKind.ENTRUSTED if start == organ_id:
                sentences.append(f"由系统外的机构代管，{tree[end].name}不直接管理。")
            case EdgeKind.GUIDANCE if end == organ_id:
                sentences.append(f"业务上受{tree[start].title}指导。")
            case EdgeKind.DUAL if end == organ_id:
                sentences.append(f"同时受{tree[start].title}领导。")
            case _:
                continue
    return "".join(sentences)


def posts(work: Work, organ_id: int) -> tuple[Post, ...]:
    """The posts of an organ with who holds them."""
    _known(organs.tree(work), organ_id)
    return people.posts_of(work, organ_id)


def clerks(work: Work, organ_id: int) -> tuple[Post, ...]:
    """The held posts of an organ's clerks (文秘)."""
    return people.posts_with(work, (organ_id,), Role.CLERK)


def leaders(work: Work, organ_id: int) -> tuple[Post, ...]:
    """The held posts of an organ's leaders (主要负责人)."""
    return people.posts_with(work, (organ_id,), Role.LEADER)


def posts_of(work: Work, organ_id: int) -> tuple[Post, ...]:
    """The posts of an organ that somebody holds."""
    return tuple(post for post in posts(work, organ_id) if post.person_id is not None)


def countersigners(work: Work, organ_id: int) -> tuple[Post, ...]:
    """Leaders of the sister departments (the government's bureaus and offices), named with their organ; bounded."""
    tree = organs.tree(work)
    return _with_organ(tree, people.posts_with(work, [o.id for o in sisters(tree, organ_id)[:MOST_ASKED]], Role.LEADER))


def sisters(tree: OrganTree, organ_id: int) -> tuple[Organ, ...]:
    """The departments of the same government: of a government its own; the organ itself is left out."""
    organ = _known(tree, organ_id)
    if organ.kind is OrganKind.VILLAGE:
        return ()
    government = organ.id if organ.kind is OrganKind.GOVERNMENT else organ.parent_id
    return tuple(o for o in tree.children(government) if o.kind in _DEPARTMENTS and o.id != organ_id)


def unit_clerks(work: Work, organ_id: int) -> tuple[Post, ...]:
    """Clerks of the direct subordinates, named with their organ; bounded."""
    tree = organs.tree(work)
    below = tree.children(_known(tree, organ_id).id)
    return _with_organ(tree, people.posts_with(work, [o.id for o in below[:MOST_ASKED]], Role.CLERK))


def _with_organ(tree: OrganTree, found: Iterable[Post]) -> tuple[Post, ...]:
    """市财政局 局长 instead of 局长, in official order."""
    ordered = sorted(found, key=lambda post: (tree[post.organ_id].sort, post.organ_id, post.id))
    return tuple(replace(post, name=f"{tree[post.organ_id].name} {post.name}") for post in ordered)


def tier(tree: OrganTree, organ_id: int, level: Level) -> Iterator[Organ]:
    """Everything of `level` under an organ: its own departments on its own tier, else governments and villages.

    So 各县（市、区）人民政府 never means the counties' bureaus, and 市政府各部门 never means the counties.
    """
    root = _known(tree, organ_id)
    for organ in tree:
        if organ.level is not level or not organ.is_under(root):
            continue
        department = organ.kind not in _BODIES
        if department == (level is root.level) and (not department or organ.parent_id == root.id):
            yield organ


def chosen(tree: OrganTree, selection: Selection) -> tuple[Organ, ...]:
    """The organs of a selection in official order, each once; Invalid when one does not exist."""
    ids = set(selection.organ_ids)
    named = ids | {root for root, _ in selection.tiers}
    if any(organ_id not in tree for organ_id in named):
        raise Invalid("选的单位里有已经不在单位表里的，请重新选。")
    for root, level in selection.tiers:
        ids.update(organ.id for organ in tier(tree, root, level))
    ids.difference_update(selection.excluded)
    return tuple(sorted((tree[organ_id] for organ_id in ids), key=lambda organ: (organ.level, organ.sort, organ.id)))


def resolve(
    work: Work, selection: Selection, *, issuer_id: int | None = None, reach: Level | None = None
) -> Recipients:
    """The organs a document goes to from its issuer, who is never among them; below `reach` is out of scope."""
    tree = organs.tree(work)
    found = [organ for organ in chosen(tree, selection) if organ.id != issuer_id]
    return _divide(tree, found, lambda organ: _beyond(organ, reach) if reach is not None else "")


def resolve_forward(work: Work, selection: Selection, *, by_organ_id: int, reach: Level | None) -> Recipients:
    """The organs `by_organ_id` may pass a received document on to: its own lower organs, down to `reach` (M02)."""
    tree = organs.tree(work)
    root = _known(tree, by_organ_id)

    def reason(organ: Organ) -> str:
        if not organ.is_under(root):
            return NOT_BELOW
        return OUTSIDE_LIST if reach is None else _beyond(organ, reach)

    return _divide(tree, [organ for organ in chosen(tree, selection) if organ.id != by_organ_id], reason)


def _beyond(organ: Organ, reach: Level) -> str:
    if organ.level <= reach:
        return ""
    return BELOW_REACH.format(reach=LEVEL_NAMES[reach], level=LEVEL_NAMES[organ.level])


def _divide(tree: OrganTree, found: Iterable[Organ], reason: Callable[[Organ], str]) -> Recipients:
    inside, outside = [], []
    for organ in found:
        why = reason(organ)
        if why:
            outside.append(OutOfScope(organ.id, tree.trail(organ.id), why))
        else:
            inside.append(organ.id)
    return Recipients(tuple(inside), tuple(outside))


def count(work: Work, selection: Selection) -> int:
    """How many organs a selection means."""
    return len(chosen(organs.tree(work), selection))
