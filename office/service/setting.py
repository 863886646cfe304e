"""What a paper looks like on the page: issuer, mark, number, signatory, colophon; the press only sets it."""

from office.domain.chain import ChainPurpose, Purpose
from office.domain.document import Content, Imprint, Issuer, Layout, Paper
from office.domain.organs import Level, Organ, OrganKind
from office.domain.outgoing import UPWARD_KINDS
from office.store import chains, desks, documents, organs
from office.store.work import Work


def paper_of(work: Work, found: documents.Document, content: Content | None = None) -> Paper:
    """The paper as it would be set now."""
    issuer = organs.load(work, found.organ_id)
    content = content or documents.content(work, found.id, found.content_seq)
    joint = tuple(organs.load(work, i).title for i in content.joint_organ_ids)
    signed = found.signatory_post_id
    held = desks.posts_by_id(work, (signed,)).get(signed) if signed is not None else None
    signatory, post_name = (held.person_name, held.name) if held is not None else ("", "")
    shown = found.kind in UPWARD_KINDS and signatory
    imprint = Imprint(
        number=found.number,
        day=found.day,
        signatories=(signatory, *_other_signatories(work, found, content)) if shown else (),
        signatory_post=post_name,
        printer=printer(issuer),
        printed=work.today if found.day else None,
        demo=issuer.demo or work.demo,
    )
    return Paper(content, Issuer(issuer.title, mark(issuer, content), issuer.seal_mm, joint), imprint)


def _other_signatories(work: Work, found: documents.Document, content: Content) -> tuple[str, ...]:
    """Who signed for the other parties of a joint issue, in the order of the parties (GB/T 9704 7.2.6)."""
    if not content.joint_organ_ids:
        return ()
    outgoing = [c.chain for c in chains.of_document(work, found.id) if c.chain.purpose is ChainPurpose.OUTGOING]
    signing = [s for s in outgoing[-1].steps if s.purpose is Purpose.SIGN_OFF] if outgoing else []
    posts = {seat.organ_id: seat.post_id for step in signing for seat in step.members()}
    held = desks.posts_by_id(work, posts.values())
    return tuple(held[posts[i]].person_name for i in content.joint_organ_ids if i in posts)


def mark(issuer: Organ, content: Content) -> str:
    """发文机关标志, GB/T 9704 7.2.4 and 10."""
    match content.layout:
        case Layout.GENERAL:
            return f"{issuer.title}文件"
        case Layout.ORDER:
            return f"{issuer.title}令"
        case Layout.MINUTES:
            return f"{issuer.title}会议纪要"
        case Layout.LETTER:
            return issuer.title


def printer(issuer: Organ) -> str:
    """印发机关: a government's office prints for it; any other organ prints its own."""
    governs = issuer.kind is OrganKind.GOVERNMENT and issuer.level <= Level.COUNTY
    return f"{issuer.title}办公室" if governs else issuer.title
