"""The first page of a village: the one paper that is due first, and whom to telephone at the township."""

from dataclasses import dataclass

from office.domain.errors import NotFound
from office.domain.organs import Organ
from office.domain.people import Actor, Post
from office.service import directory, papers, reading
from office.store import organs
from office.store.work import Work


@dataclass(frozen=True, slots=True)
class VillageHome:
    """Everything the page shows; `paper` None: nothing to do, or it was taken away a moment ago."""

    box: reading.Inbox
    first: reading.TaskRow | None
    paper: papers.DocumentView | None
    above: Organ | None
    clerk: Post | None  # of the township

    @property
    def others(self) -> int:
        """How many papers wait beside the one that is shown."""
        return max(0, self.box.todo_count - 1)


def home(work: Work, actor: Actor) -> VillageHome:
    """Read in one snapshot."""
    box = reading.inbox(work, actor)
    first = box.todo.rows[0] if box.todo.rows else None
    tree = organs.tree(work)
    above = next(iter(tree.ascend(actor.organ_id)), None)
    clerks = directory.clerks(work, above.id) if above is not None else ()
    return VillageHome(box, first, _paper(work, first, actor), above, clerks[0] if clerks else None)


def _paper(work: Work, first: reading.TaskRow | None, actor: Actor) -> papers.DocumentView | None:
    if first is None:
        return None
    try:
        return papers.view(work, first.document_id, actor)
    except NotFound:
        return None
