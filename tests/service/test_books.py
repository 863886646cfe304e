"""What waits to be signed for, the register, what was issued, the ledger, answering; and finding papers."""

import pytest

from office.domain.document import Kind, Selection
from office.domain.errors import NotFound, NotPermitted, WrongStage
from office.domain.outgoing import Countersign
from office.domain.people import Actor, Role
from office.service import books, exchange, finding, outgoing, reading, voiding
from office.store import chains
from office.store.database import Database
from tests.conftest import Clock
from tests.service import steps
from tests.town import CITY, COUNTY, FINANCE, OTHER_VILLAGE, TOWN, VILLAGE, WATER, Town, build


@pytest.fixture
def town(db: Database) -> Town:
    return db.write_now(build)


def test_what_waits_is_signed_for_and_registered_in_one_press(db: Database, town: Town, clock: Clock) -> None:
    first = steps.issued(db, town)
    clock.pass_(hours=1)
    second = steps.issued(db, town, content=steps.notice(title="关于值班的通知"))
    waiting = db.read_now(books.waiting, town(TOWN))
    assert [(w.document_id, w.mine) for w in waiting] == [(first, True), (second, True)]
    for line in waiting:
        db.write_now(books.sign_task, line.task_id, town(TOWN), register_it=True)
    assert db.read_now(books.waiting, town(TOWN)) == ()
    book = db.read_now(books.register_book, town(TOWN), year=2026)
    assert [(e.serial, e.document_id) for e in book] == [(2, second), (1, first)]
    assert [e.serial for e in db.read_now(books.register_book, town(TOWN), year=2026, before=2)] == [1]
    with pytest.raises(WrongStage, match="已经签收"):
        db.write_now(books.sign_task, waiting[0].task_id, town(TOWN), register_it=True)


def test_a_request_on_its_way_is_signed_for_on_its_own_chain(db: Database, town: Town) -> None:
    document_id = steps.issued(db, town, VILLAGE, steps.request())
    waiting = db.read_now(books.waiting, town(TOWN))
    assert [(w.document_id, w.receipt_id) for w in waiting] == [(document_id, None)]
    receipt = steps.receipt_of(db, document_id, TOWN)
    assert db.write_now(books.sign_receipt, receipt.id, town(TOWN), register_it=True) == document_id
    assert steps.receipt_of(db, document_id, TOWN).signed_at is not None
    assert [e.serial for e in db.read_now(books.register_book, town(TOWN), year=2026)] == [1]
    assert [c.chain.purpose for c in db.read_now(chains.of_document, document_id)] == ["OUTGOING", "REQUEST"]


def test_nobody_signs_for_another_organ(db: Database, town: Town) -> None:
    steps.issued(db, town)
    waiting = db.read_now(books.waiting, town(TOWN))
    with pytest.raises(WrongStage):
        db.write_now(books.sign_task, waiting[0].task_id, town(COUNTY), register_it=False)
    with pytest.raises(NotPermitted):
        db.write_now(books.sign_task, waiting[0].task_id, town(TOWN, Role.OFFICE_HEAD), register_it=False)


def test_the_books_are_kept_by_clerks_and_office_heads(db: Database, town: Town) -> None:
    for role in (Role.LEADER, Role.HANDLER, Role.SYSTEM_ADMIN):
        by = town(CITY, role)
        for ask in (books.waiting, books.sent, books.ledger_book):
            with pytest.raises(NotPermitted):
                db.read_now(ask, by)
        with pytest.raises(NotPermitted):
            db.read_now(books.register_book, by, year=2026)


def test_issued_papers_tell_how_far_they_are(db: Database, town: Town, clock: Clock) -> None:
    first = steps.issued(db, town)
    clock.pass_(minutes=1)
    second = steps.issued(db, town, content=steps.notice(title="第二份", principals=Selection((COUNTY,))))
    steps.sign_for(db, first, town, VILLAGE)
    rows = db.read_now(books.sent, town(CITY, Role.OFFICE_HEAD))
    assert [(r.document_id, r.total, r.signed) for r in rows] == [(second, 1, 0), (first, 4, 1)]
    older = db.read_now(books.sent, town(CITY), before=(rows[0].issued_at, rows[0].document_id))
    assert [r.document_id for r in older] == [first]
    assert db.read_now(books.sent, town(COUNTY)) == ()


def test_the_ledger_keeps_void_numbers_with_their_reason(db: Database, town: Town) -> None:
    first, second = steps.numbered(db, town), steps.numbered(db, town)
    db.write_now(voiding.void_number, voiding.VoidNumber(first, "内容重复"), town(CITY))
    book, there = db.read_now(books.ledger_book, town(CITY))
    assert there == (("咸政发", 2026),)
    assert book is not None
    assert [(n.serial, n.document_id, n.void_reason) for n in book.lines] == [(2, second, ""), (1, first, "内容重复")]
    assert (book.missing, book.following) == ((), None)
    assert book.voidable == frozenset({second})
    assert db.read_now(books.ledger_book, town(COUNTY)) == (None, ())


def test_the_reply_starts_from_the_villages_and_is_given_once(db: Database, town: Town) -> None:
    document_id = steps.issued(db, town, content=steps.notice(principals=Selection((TOWN,))))
    steps.sign_for(db, document_id, town, TOWN)
    db.write_now(exchange.forward, exchange.Forward(document_id), town(TOWN))
    command = exchange.Reply(steps.receipt_of(db, document_id, VILLAGE).id, "涵洞已清。")
    db.write_now(books.reply, command, town(VILLAGE))
    mine = steps.receipt_of(db, document_id, TOWN)
    found = db.read_now(books.answering, mine.id, town(TOWN))
    assert (found.units, found.organ) == (2, "咸阳市人民政府")
    assert "张里村：涵洞已清。" in found.start
    assert "未回复：定周村" in found.start
    assert db.read_now(books.answering, command.receipt_id, town(VILLAGE)).organ == "兴平市南位镇人民政府"
    with pytest.raises(WrongStage, match="已经答复"):
        db.write_now(books.reply, command, town(VILLAGE))
    with pytest.raises(NotFound):
        db.read_now(books.answering, mine.id, town(COUNTY))


def found(db: Database, by: Actor, **query: object) -> list[int]:
    asked = finding.Query(**query)  # type: ignore[arg-type]
    return [row.id for row in db.read_now(finding.search, asked, by).rows]


def test_search_finds_only_what_may_be_seen(db: Database, town: Town) -> None:
    content = steps.notice(principals=Selection((TOWN,)))
    document_id = steps.issued(db, town, content=content)
    secret = steps.draft(db, steps.notice(title="取暖草稿"), town(CITY))
    assert found(db, town(CITY), text="取暖") == [secret, document_id]
    assert found(db, town(CITY, Role.LEADER), text="取暖") == [document_id]
    assert found(db, town(TOWN, Role.LEADER), text="冬季 取暖") == [document_id]
    for by in (town(VILLAGE), town(COUNTY), town(WATER), town(TOWN, Role.HANDLER), town(CITY, Role.SYSTEM_ADMIN)):
        assert found(db, by, text="取暖") == []


def test_a_countersigning_bureau_finds_the_paper(db: Database, town: Town) -> None:
    document_id = steps.draft(db, steps.notice(), town(CITY))
    asked = Countersign(((town(WATER, Role.LEADER).post_id, WATER),))
    db.write_now(outgoing.send_for_review, outgoing.SendForReview(document_id, asked), town(CITY))
    steps.act(db, document_id, town(CITY, Role.OFFICE_HEAD))
    assert found(db, town(WATER, Role.LEADER), text="取暖") == [document_id]
    assert found(db, town(WATER), text="取暖") == [document_id]
    assert found(db, town(WATER, Role.HANDLER), text="取暖") == []
    assert found(db, town(FINANCE), text="取暖") == []


def test_search_by_number_kind_and_day_and_no_wildcards(db: Database, town: Town, clock: Clock) -> None:
    document_id = steps.issued(db, town)
    begun = clock.now
    clock.pass_(days=2)
    other = steps.issued(db, town, VILLAGE, steps.request())
    assert found(db, town(CITY), text="咸政发〔2026〕1号") == [document_id]
    assert found(db, town(TOWN), kind=Kind.REQUEST) == [other]
    assert found(db, town(TOWN), since=clock.now) == [other]
    assert found(db, town(TOWN), until=begun.replace(hour=23)) == [document_id]
    assert found(db, town(CITY), text="%") == []
    assert found(db, town(OTHER_VILLAGE), kind=Kind.REQUEST) == []


def test_every_page_goes_on_where_the_last_one_ended(db: Database, town: Town, clock: Clock) -> None:
    sent = []
    for number in range(3):
        sent.append(steps.issued(db, town, content=steps.notice(title=f"第{number}份")))
        clock.pass_(minutes=1)
    seen: list[int] = []
    after = None
    for _ in sent:
        page = db.read_now(reading.tasks, town(TOWN), reading=False, after=after, limit=1)
        seen.extend(row.document_id for row in page.rows)
        after = page.following
    assert (seen, after) == (sent, None)
    papers = db.read_now(reading.sent, town(CITY), limit=1)
    rest = db.read_now(reading.sent, town(CITY), before=(papers[0].at, papers[0].id))
    assert [row.id for row in (*papers, *rest)] == sent[::-1]
    arrived = db.read_now(reading.received, town(TOWN), limit=1)
    rest_arrived = db.read_now(reading.received, town(TOWN), before=(arrived[0].delivered_at, arrived[0].receipt_id))
    assert [row.document_id for row in (*arrived, *rest_arrived)] == sent[::-1]
    hits = db.read_now(finding.search, finding.Query("第0份"), town(CITY))
    beyond = db.read_now(finding.search, finding.Query(), town(CITY), before=(hits.rows[0].at, hits.rows[0].id))
    assert beyond.rows == ()
