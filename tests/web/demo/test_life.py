"""The demo city as `yiwang demo` leaves it: alive, consistent, and with something to do for every printed account."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pypdfium2
import pytest
from sqlalchemy import func, select

from office.domain.chain import Purpose
from office.domain.document import Kind
from office.domain.organs import Level
from office.domain.people import ADMIN_ROLES, Actor, Role
from office.service import checking, delegation, lists, reading
from office.store import chains, history, numbers, organs, receipts
from office.store.base_tables import event
from office.store.database import Database
from office.store.tables import document, login, post, receipt, task
from office.store.work import Work
from web.app import open_database, provider_of
from web.config import Config
from web.demo import accounts, start
from web.demo.city import CHOSEN, Account
from web.jobs import named_blobs
from web.passwords import matches

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600), pytest.mark.xdist_group("demo-city")]
TODO, OFFICE = 3, [one for one in CHOSEN if one.role not in ADMIN_ROLES]
EVERYBODY = 2_530


@dataclass(frozen=True, slots=True)
class Loaded:
    """The city, loaded once for all tests of this file."""

    config: Config
    db: Database
    printed: list[Account]


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Loaded]:
    config = Config(data=tmp_path_factory.mktemp("demo"), demo=True)
    printed = start.load(config)
    db = open_database(config)
    yield Loaded(config, db, printed)
    db.close()


def actor(work: Work, login_name: str) -> Actor:
    row = work.execute(
        select(post.c.person_id, post.c.id, post.c.organ_id, post.c.role)
        .join(login, login.c.person_id == post.c.person_id)
        .where(login.c.name == login_name)
    ).one()
    return Actor(row[0], row[1], row[2], Role(row[3]))


@pytest.mark.parametrize("login_name", [one.login_name for one in OFFICE])
def test_everybody_has_something_to_do_to_read_and_done(loaded: Loaded, login_name: str) -> None:
    who = loaded.db.read_now(actor, login_name)
    inbox = loaded.db.read_now(reading.inbox, who)
    assert inbox.todo_count >= TODO
    assert inbox.reading_count >= 1
    assert loaded.db.read_now(reading.done, who)


def test_administrators_have_no_papers(loaded: Loaded) -> None:
    for one in CHOSEN:
        if one.role in ADMIN_ROLES:
            inbox = loaded.db.read_now(reading.inbox, loaded.db.read_now(actor, one.login_name))
            assert (inbox.todo_count, inbox.reading_count) == (0, 0)


def test_something_is_due_today_and_something_is_late(loaded: Loaded) -> None:
    def due(work: Work) -> tuple[int, int]:
        posts = [actor(work, one.login_name).post_id for one in OFFICE]
        count = select(func.count()).select_from(task).where(task.c.post_id.in_(posts), task.c.state == 0)
        tonight = work.midnight + timedelta(days=1)
        soon = work.integer(count.where(task.c.due >= work.now, task.c.due < tonight))
        return soon, work.integer(count.where(task.c.due < work.now))

    soon, late = loaded.db.read_now(due)
    assert soon >= 1
    assert late >= 1


def test_the_history_is_whole_and_in_the_past(loaded: Loaded) -> None:
    with loaded.db.reader_engine.connect() as connection:
        assert history.count(connection) > 10_000
        assert history.verify(connection) is None
        first, last = connection.execute(select(func.min(event.c.at), func.max(event.c.at))).one()
    now = loaded.db.now()
    assert last <= now
    assert 18 <= (now - first).days <= 45


def test_all_fifteen_kinds_were_issued_or_are_under_way(loaded: Loaded) -> None:
    rows = loaded.db.read_now(lambda work: work.execute(select(document.c.kind).distinct()).scalars().all())
    assert {Kind(row) for row in rows} == set(Kind)


def test_notices_reached_every_unit_and_stand_at_different_points(loaded: Loaded) -> None:
    r = receipt.c

    def counts(work: Work) -> list[tuple[int, ...]]:
        columns = [func.count(), *(func.count(c) for c in (r.opened_at, r.signed_at, r.replied_at, r.returned_at))]
        statement = select(*columns).group_by(r.document_id).having(func.count() >= EVERYBODY)
        return [tuple(row) for row in work.execute(statement)]

    found = loaded.db.read_now(counts)
    assert len(found) == 3
    for whole, opened, signed, _, _ in found:
        assert EVERYBODY <= whole <= EVERYBODY + 2
        assert 0 < signed < opened < whole
    assert any(replied > 1_000 for _, _, _, replied, _ in found)
    reasons = select(r.return_reason).where(r.returned_at.is_not(None)).distinct()
    given = loaded.db.read_now(lambda work: set(work.execute(reasons).scalars()))
    assert {"NOT_OURS", "WRITING_RULES", "KIND_OR_FORMAT", "NOT_COUNTERSIGNED", "OTHER"} <= given


def test_villages_answer_and_their_township_can_sum_it_up(loaded: Loaded) -> None:
    def forwarded(work: Work) -> tuple[int, int]:
        town = actor(work, "zhen-wenshu")
        row = work.execute(
            select(receipt.c.document_id)
            .where(receipt.c.via_organ_id == town.organ_id, receipt.c.role == "FORWARDED")
            .group_by(receipt.c.document_id)
        ).first()
        assert row is not None
        found = receipts.forwarded_by(work, row[0], town.organ_id)
        return len(found), sum(one.replied_at is not None for one in found)

    sent, replied = loaded.db.read_now(forwarded)
    assert sent == 17
    assert 0 < replied < sent


def test_requests_stand_at_every_height_and_some_were_answered(loaded: Loaded) -> None:
    def places(work: Work) -> tuple[set[Level], set[bool]]:
        heights, decided = set(), set()
        for row in work.execute(select(document.c.id).where(document.c.kind == str(Kind.REQUEST))):
            for stored in chains.of_document(work, row[0]):
                current = stored.chain.current
                if stored.chain.purpose.value == "REQUEST" and current is not None:
                    heights.add(organs.load(work, current.organ_id).level)
                if stored.chain.granted is not None and current is None:
                    decided.add(stored.chain.granted)
        return heights, decided

    heights, decided = loaded.db.read_now(places)
    assert heights == {Level.CITY, Level.COUNTY, Level.TOWNSHIP, Level.VILLAGE}
    assert decided == {True, False}


def test_only_the_faulty_draft_stops_at_the_check(loaded: Loaded) -> None:
    """Texts a person would send pass the writing rules; half-written drafts and one with faults may not."""

    def stopped(work: Work) -> dict[str, set[str]]:
        found: dict[str, set[str]] = {}
        rows = work.execute(select(document.c.id, document.c.drafter_post_id, document.c.organ_id, document.c.title))
        for document_id, post_id, organ_id, title in rows.all():
            by = Actor(0, post_id, organ_id, Role.CLERK)
            rules = {f.rule for f in checking.report(work, document_id, by, moment="send").faults if f.stops}
            if rules:
                found[title] = rules
        return found

    assert list(loaded.db.read_now(stopped)) == ["老旧小区供暖保障工作方案"]


def test_voided_and_revoked_stay_visible(loaded: Loaded) -> None:
    def seen(work: Work) -> tuple[list[str], int]:
        city = organs.by_code(work, "6104")
        book = numbers.book(work, organ_id=city.id, word=city.word, year=work.today.year)
        revoked = select(func.count()).select_from(document).where(document.c.stage == "REVOKED")
        return [line.void_reason for line in book if line.voided_at is not None], work.integer(revoked)

    reasons, revoked = loaded.db.read_now(seen)
    assert reasons == ["评比会增加基层负担，不再开展。"]
    assert revoked == 1


def test_a_delegation_runs_and_a_countersign_is_half_done(loaded: Loaded) -> None:
    head = loaded.db.read_now(actor, "xian-bangongshi")
    made = loaded.db.read_now(delegation.mine, head)
    assert [one.state for one in made] == [delegation.DelegationState.RUNNING]
    assert loaded.db.read_now(lists.of_organ, loaded.db.read_now(actor, "shi-wenshu"))

    def half(work: Work) -> list[tuple[int, int]]:
        rows = work.execute(select(task.c.chain_id).where(task.c.kind == "COUNTERSIGN", task.c.state == 0).distinct())
        steps = (chains.load(work, row[0]).chain.current for row in rows.all())
        return [(len(s.seats), len(s.live())) for s in steps if s is not None and s.purpose is Purpose.COUNTERSIGN]

    assert (3, 2) in loaded.db.read_now(half)


def test_issued_papers_are_sealed_genuine_and_say_that_they_are_made_up(loaded: Loaded) -> None:
    def issued(work: Work) -> list[str]:
        statement = select(document.c.issued_blob).where(document.c.issued_blob.is_not(None)).order_by(document.c.id)
        return list(work.execute(statement).scalars())

    names = loaded.db.read_now(issued)
    assert 40 <= len(names) <= 100
    assert set(names) <= loaded.db.read_now(named_blobs)
    for name in names[:: len(names) // 6]:
        data = (Path(loaded.config.blob_place) / name[:2] / name).read_bytes()
        assert provider_of(loaded.config).verify(data).outcome == "GENUINE"
        pdf = pypdfium2.PdfDocument(data)
        assert "演示文件" in pdf[0].get_textpage().get_text_range()
        pdf.close()


def test_printed_passwords_open_the_accounts_and_new_ones_replace_them(loaded: Loaded) -> None:
    text = accounts.table(loaded.printed)
    assert len(text.splitlines()) == len(CHOSEN) + 1
    assert len({one.password for one in loaded.printed}) == len(CHOSEN)

    def stored(work: Work) -> dict[str, tuple[str, bool]]:
        names = [one.login_name for one in CHOSEN]
        columns = select(login.c.name, login.c.password_hash, login.c.must_change)
        rows = work.execute(columns.where(login.c.name.in_(names)))
        return {row[0]: (row[1], row[2]) for row in rows}

    before = loaded.db.read_now(stored)
    fresh = {one.login_name: one.password for one in accounts.new_passwords(loaded.db)}
    after = loaded.db.read_now(stored)
    assert set(fresh) == set(before) == set(after)
    assert all(before[name][0] != after[name][0] and not after[name][1] for name in fresh)
    assert not {one.password for one in loaded.printed} & set(fresh.values())


async def test_a_new_password_fits(loaded: Loaded) -> None:
    fresh = accounts.new_passwords(loaded.db)[0]

    def stored(work: Work) -> str:
        return str(work.execute(select(login.c.password_hash).where(login.c.name == fresh.login_name)).scalar_one())

    kept = await loaded.db.read(stored)
    assert await matches(kept, fresh.password)
    assert not await matches(kept, fresh.password + "x")


def test_a_second_start_keeps_the_data(loaded: Loaded, capsys: pytest.CaptureFixture[str]) -> None:
    before = loaded.db.read_now(lambda work: work.integer(select(func.count()).select_from(event)))
    assert start.run(loaded.config, full=False, only_load=True) == 0
    assert "--new-passwords" in capsys.readouterr().out
    assert loaded.db.read_now(lambda work: work.integer(select(func.count()).select_from(event))) == before
