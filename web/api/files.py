"""The API where bytes move or the edge works between two use cases: the page handlers do the work, addresses differ."""

from dataclasses import dataclass

from aiohttp import web

from office.domain.document import Content
from office.service import drafting, tasks
from office.service.verifying import Standing
from office.sign.provider import Verdict
from office.store import chains
from office.store.work import Work
from web.api import acting
from web.api.entry import FileEntry
from web.api.handlers import encoded
from web.api.papers import ChainState, state_of
from web.handlers import documents, login, receipts, verify
from web.handlers.outgoing import seal_now
from web.keys import actor, db
from web.routing import PUBLIC, Handler
from web.uploads import receive, take_draft_file
from web.verdict import Answer

PDF = "application/pdf"
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
BYTES = "application/octet-stream"
MULTIPART = "multipart/form-data"


@dataclass(frozen=True, slots=True)
class SignIn:
    """A name and a password."""

    name: str
    password: str


@dataclass(frozen=True, slots=True)
class Token:
    """A session's token, for the header `Authorization: Bearer …`."""

    token: str


@dataclass(frozen=True, slots=True)
class Uploaded:
    """A checked file, waiting for its draft."""

    upload_id: int


@dataclass(frozen=True, slots=True)
class ReadDraft:
    """A draft read from a file; nothing is stored as a document yet."""

    upload_id: int
    content: Content
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Judgement:
    """The one answer about a file, and what it rests on."""

    answer: Answer
    verdict: Verdict
    state: str
    standing: Standing | None


def _as(inner: Handler, **names: str) -> Handler:
    """The page handler under an address whose fields are called otherwise."""

    async def handle(request: web.Request) -> web.StreamResponse:
        for own, theirs in names.items():
            request.match_info[theirs] = request.match_info[own]
        return await inner(request)

    return handle


async def seal(request: web.Request) -> web.StreamResponse:
    """用印: set, merge and seal between two use cases."""
    await seal_now(request)
    return encoded(await db(request).read(_state, int(request.match_info["chain_id"])))


def _state(work: Work, chain_id: int) -> ChainState:
    return state_of(chains.load(work, chain_id))


async def upload(request: web.Request) -> web.StreamResponse:
    """A file for an attachment: streamed, checked, kept until a draft takes it."""
    checked = await receive(request, draft=False)
    return encoded(Uploaded(await db(request).write(drafting.keep_upload, checked.upload, actor(request))))


async def import_draft(request: web.Request) -> web.StreamResponse:
    """Read a draft out of a file."""
    upload_id, intake = await take_draft_file(request)
    return encoded(ReadDraft(upload_id, intake.content, tuple(intake.notes)))


async def judge(request: web.Request) -> web.StreamResponse:
    """Genuine, altered or unknown."""
    found = await verify.judge(request)
    return encoded(Judgement(found.answer, found.verdict, found.state, found.standing if found.open else None))


FILES: tuple[FileEntry, ...] = (
    FileEntry("GET", "/documents/{document_id:\\d+}/receipts", _as(receipts.show_json, document_id="id"),
              "收文情况：合计和分页名单", result=receipts.Answer),
    FileEntry("POST", "/login", login.sign_in_json, "登录", "application/json", body=SignIn, result=Token, rule=PUBLIC),
    FileEntry("POST", "/chains/{chain_id:\\d+}/act", acting.act, "办理：各种动作", "application/json",
              result=tasks.Acted, variants=acting.ACTS),
    FileEntry("POST", "/chains/{chain_id:\\d+}/seal", seal, "用印", result=ChainState),
    FileEntry("POST", "/uploads", upload, "上传附件", MULTIPART, result=Uploaded, heavy=True),
    FileEntry("POST", "/drafts/import", import_draft, "从 Word 或 PDF 读出草稿", MULTIPART, result=ReadDraft,
              heavy=True),
    FileEntry("POST", "/verify", judge, "验证文件真伪", MULTIPART, result=Judgement, rule=PUBLIC, heavy=True),
    FileEntry("GET", "/documents/{document_id:\\d+}/paper.pdf", _as(documents.paper_pdf, document_id="id"),
              "PDF", gives=PDF),
    FileEntry("GET", "/documents/{document_id:\\d+}/paper.docx", _as(documents.paper_docx, document_id="id"),
              "Word", gives=DOCX),
    FileEntry("GET", "/documents/{document_id:\\d+}/pages/{n:\\d+}.png", _as(documents.page_picture, document_id="id"),
              "一页的图", gives="image/png"),
    FileEntry("GET", "/documents/{document_id:\\d+}/attachments/{attachment_id:\\d+}",
              _as(documents.attachment, document_id="id", attachment_id="aid"), "附件", gives=BYTES),
)  # fmt: skip
