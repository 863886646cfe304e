"""经过: in order and whole; whoever changes a stored row is found at the first row he broke."""

from collections.abc import Callable

import pytest
from sqlalchemy import Executable, delete, func, insert, select, text, update
from sqlalchemy.exc import DatabaseError

from office.domain.people import Role
from office.service import exchange, histories
from office.service.histories import CheckDocument, OfDocument, Older
from office.store import history
from office.store.base_tables import event, event_head, microseconds
from office.store.database import Database
from office.store.history import Break
from office.store.work import Work
from tests.conftest import Clock
from tests.service.steps import chain_of, issued, receipt_of, sign_for
from tests.town import CITY, TOWN, VILLAGE, Town, seat

E = event.c
K = 4  # the row the vandals go for


def disarm(work: Work) -> None:
    """What only the owner of the database can do: take the triggers away."""
    if work.dialect == "sqlite":
        for name in ("event_no_update", "event_no_delete"):
            work.execute(text(f"DROP TRIGGER {name}"))
    else:
        work.execute(text("DROP TRIGGER event_append_only ON event"))


def at(work: Work, seq: int) -> history.Row:
    """The city's row with that place in its chain."""
    row = work.execute(select(*history.FIELDS).where(E.organ_id == CITY, E.organ_seq == seq)).one()
    return history.Row(*row)


def last(work: Work) -> int:
    return work.integer(select(func.max(E.organ_seq)).where(E.organ_id == CITY))


def rehashed(row: history.Row, seq: int, prev: str, kind: str) -> str:
    """The right hash for a row at another place, or with another kind."""
    values = (
        seq, prev, row.organ_id, row.document_id, row.chain_id, row.person_id, row.post_id, row.on_behalf_post_id,
        microseconds(row.at), kind, row.body,
    )  # fmt: skip
    return history.hash_of(values, row.alg)


def move(work: Work, old: int, new: int) -> None:
    work.execute(update(event).where(E.organ_id == CITY, E.organ_seq == old).values(organ_seq=new))


def edit(work: Work) -> tuple[int, Break]:
    work.execute(update(event).where(E.id == at(work, K).id).values(person_id=999))
    return K, Break.CHANGED


def edit_and_rehash(work: Work) -> tuple[int, Break]:
    """The row fits itself again, the next one does not fit it."""
    row = at(work, K)
    new = rehashed(row, K, row.prev, "REWRITTEN")
    work.execute(update(event).where(E.id == row.id).values(kind="REWRITTEN", hash=new))
    return K + 1, Break.ORDER


def remove(work: Work) -> tuple[int, Break]:
    work.execute(delete(event).where(E.id == at(work, K).id))
    return K, Break.MISSING


def remove_and_close_up(work: Work) -> tuple[int, Break]:
    end = last(work)
    remove(work)
    for seq in range(K + 1, end + 1):
        move(work, seq, seq - 1)
    return K, Break.ORDER


def put_in(work: Work) -> tuple[int, Break]:
    """A row that never happened, rightly hashed; those behind it make room."""
    row = at(work, K)
    for seq in range(last(work), K, -1):
        move(work, seq, seq + 1)
    values = {name: getattr(row, name) for name in history.Row.__slots__ if name != "id"}
    forged = {"organ_seq": K + 1, "prev": row.hash, "kind": "FORGED", "hash": rehashed(row, K + 1, row.hash, "FORGED")}
    work.execute(insert(event).values(values | forged))
    return K + 2, Break.ORDER


def swap(work: Work) -> tuple[int, Break]:
    for old, new in ((K, 10_000), (K + 1, K), (10_000, K + 1)):
        move(work, old, new)
    return K, Break.ORDER


def cut(work: Work) -> tuple[int, Break]:
    end = last(work)
    work.execute(delete(event).where(E.id == at(work, end).id))
    return end, Break.CUT


def run(work: Work, statement: Executable) -> int:
    return work.execute(statement).rowcount


VANDALS = (edit, edit_and_rehash, remove, remove_and_close_up, put_in, swap, cut)


@pytest.mark.parametrize("vandal", VANDALS)
def test_the_first_broken_row_is_named(db: Database, town: Town, vandal: Callable[[Work], tuple[int, Break]]) -> None:
    issued(db, town)
    assert db.read_now(lambda work: history.verify(work.connection)) is None
    db.write_now(disarm)
    seq, what = db.write_now(vandal)
    found = db.read_now(lambda work: history.verify(work.connection))
    assert found is not None
    assert (found.organ_id, found.organ_seq, found.what) == (CITY, seq, what)
    if what in (Break.MISSING, Break.CUT):
        assert found.event_id is None
    else:
        assert found.event_id == db.read_now(at, seq).id
    assert db.read_now(lambda work: history.verify(work.connection, TOWN)) is None


def test_without_taking_the_triggers_away_nothing_can_be_changed(db: Database, town: Town) -> None:
    issued(db, town)
    for statement in (update(event).values(kind="X"), delete(event)):
        with pytest.raises(DatabaseError, match="append-only"):
            db.write_now(run, statement)
    assert db.read_now(lambda work: history.verify(work.connection)) is None


def test_a_cut_or_rewritten_end_shows_against_a_head_kept_elsewhere(db: Database, town: Town) -> None:
    issued(db, town)
    known = db.read_now(lambda work: history.heads(work.connection))
    db.write_now(disarm)

    def cut_with_its_head(work: Work) -> int:
        end = last(work)
        work.execute(delete(event).where(E.id == at(work, end).id))
        head = at(work, end - 1)
        work.execute(update(event_head).where(event_head.c.organ_id == CITY).values(seq=end - 1, hash=head.hash))
        return end

    end = db.write_now(cut_with_its_head)
    assert db.read_now(lambda work: history.verify(work.connection)) is None  # whole in itself
    found = db.read_now(lambda work: history.verify(work.connection, known=known))
    assert found is not None
    assert (found.organ_seq, found.what) == (end, Break.CUT)


def test_a_documents_check_finds_its_own_broken_row(db: Database, town: Town) -> None:
    first, second = issued(db, town), issued(db, town)
    auditor = db.write_now(seat, CITY, Role.AUDITOR, "审计员")
    whole = db.read_now(histories.check_document, CheckDocument(second), auditor)
    assert whole.whole
    db.write_now(disarm)
    broken = db.read_now(lambda work: history.of_document(work, first, limit=100))[-2]
    db.write_now(lambda work: work.execute(update(event).where(E.id == broken.id).values(body="[]")).rowcount)
    found = db.read_now(histories.check_document, CheckDocument(first), auditor)
    assert (found.whole, found.event_id, found.what) == (False, broken.id, Break.CHANGED)
    assert db.read_now(histories.check_document, CheckDocument(second), auditor).whole
    assert db.read_now(histories.check_organ, CITY) is not None


def test_the_past_of_a_document_tells_everything_in_order(db: Database, town: Town, clock: Clock) -> None:
    document_id = issued(db, town)
    clock.pass_(hours=1)
    sign_for(db, document_id, town, VILLAGE)
    db.write_now(exchange.reply, exchange.Reply(receipt_of(db, document_id, VILLAGE).id, "无"), town(VILLAGE))
    rows = db.read_now(histories.of_document, OfDocument(document_id), town(CITY)).rows
    assert [row.id for row in rows] == sorted((row.id for row in rows), reverse=True)
    assert [row.at for row in rows] == sorted((row.at for row in rows), reverse=True)
    told = [(row.kind, row.person) for row in reversed(rows)]
    assert told[0] == ("DRAFTED", town(CITY).person_name)
    assert ("COMPLETE", town(CITY, Role.LEADER).person_name) in told
    assert [kind for kind, _ in told if kind != "COMPLETE"] == ["DRAFTED", "ISSUED", "REPLIED"]
    assert told[-1] == ("REPLIED", town(VILLAGE).person_name)
    opinions = len(chain_of(db, document_id).chain.opinions)
    assert [kind for kind, _ in told].count("COMPLETE") == opinions  # what the village does inside is its own
    own = db.read_now(histories.of_document, OfDocument(document_id), town(VILLAGE)).rows
    assert [row.kind for row in reversed(own)] == ["ISSUED", "COMPLETE", "COMPLETE", "REPLIED"]


def test_the_past_of_a_person_and_of_an_organ(db: Database, town: Town) -> None:
    document_id = issued(db, town)
    mayor = town(CITY, Role.LEADER)
    (one,) = db.read_now(histories.mine, Older(), mayor).rows
    assert (one.kind, one.document_id, one.post, one.verdict) == ("COMPLETE", document_id, mayor.post_name, "AGREE")
    rows = db.read_now(history.of_organ, CITY)
    assert [row.organ_seq for row in rows] == list(range(len(rows), 0, -1))
    assert db.read_now(history.of_organ, VILLAGE) == ()
    assert [row.prev for row in rows[:-1]] == [row.hash for row in rows[1:]]
    assert rows[-1].prev == history.GENESIS


def test_pages_of_the_past_follow_each_other_without_gap(db: Database, town: Town) -> None:
    document_id = issued(db, town)
    everything = [row.id for row in db.read_now(lambda work: history.of_document(work, document_id))]
    seen: list[int] = []
    while True:
        before = seen[-1] if seen else None
        page = db.read_now(history.of_document, document_id, before=before, limit=3)
        if not page:
            break
        seen.extend(row.id for row in page)
    assert seen == everything
