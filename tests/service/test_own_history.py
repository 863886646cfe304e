"""经过 of one's own organ and of one person: who may look, what is shown, and that a changed row is named."""

import pytest
from sqlalchemy import update

from office.domain.errors import NotFound
from office.domain.people import Role
from office.service import histories
from office.service.histories import Older
from office.store.base_tables import event
from office.store.database import Database
from office.store.history import Break
from office.store.work import Work
from tests.service.steps import draft, issued, notice, request
from tests.service.test_history import disarm
from tests.town import CITY, COUNTY, VILLAGE, Town, seat


def test_an_office_reads_its_own_organs_past_and_no_colleagues_draft(db: Database, town: Town) -> None:
    issued(db, town)
    sketched = draft(db, notice(), town(CITY))
    shown = db.read_now(histories.of_organ, Older(), town(CITY, Role.LEADER)).rows
    assert {row.organ for row in shown} == {"咸阳市"}
    assert [row.organ_seq for row in shown] == sorted((row.organ_seq for row in shown), reverse=True)
    assert sketched not in {row.document_id for row in shown}
    assert sketched in {row.document_id for row in db.read_now(histories.of_organ, Older(), town(CITY)).rows}
    assert db.read_now(histories.of_organ, Older(), town(COUNTY)).rows == ()


def test_who_has_no_office_post_reads_no_organs_past(db: Database, town: Town) -> None:
    issued(db, town)
    for actor in (
        town(CITY, Role.HANDLER),
        town(CITY, Role.SYSTEM_ADMIN),
        db.write_now(seat, CITY, Role.AUDITOR, "审"),
    ):
        with pytest.raises(NotFound):
            db.read_now(histories.of_organ, Older(), actor)


def test_pages_of_an_organs_past_follow_each_other(db: Database, town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    issued(db, town)
    whole = [row.id for row in db.read_now(histories.of_organ, Older(), town(CITY)).rows]
    monkeypatch.setattr(histories, "PAGE", 3)
    walked: list[int] = []
    before: int | None = None
    while True:
        page = db.read_now(histories.of_organ, Older(before), town(CITY))
        walked += [row.id for row in page.rows]
        before = page.before
        if before is None:
            break
    assert walked == whole


def test_a_persons_changed_row_is_named_to_himself_and_to_the_auditor(db: Database, town: Town) -> None:
    issued(db, town, VILLAGE, request())
    mayor, clerk = town(VILLAGE, Role.LEADER), town(VILLAGE)
    auditor = db.write_now(seat, CITY, Role.AUDITOR, "审计员")
    assert db.read_now(histories.check_mine, mayor).whole
    db.write_now(disarm)

    def forge(work: Work) -> int:
        mine = first_of(work, mayor.person_id)
        work.execute(update(event).where(event.c.id == mine).values(post_id=clerk.post_id))
        return mine

    forged = db.write_now(forge)
    for found in (
        db.read_now(histories.check_mine, mayor),
        db.read_now(histories.check_person, mayor.person_id, auditor),
    ):
        assert (found.whole, found.event_id, found.what) == (False, forged, Break.CHANGED)
    assert db.read_now(histories.check_mine, town(CITY)).whole
    with pytest.raises(NotFound):
        db.read_now(histories.check_person, mayor.person_id, clerk)


def first_of(work: Work, person_id: int) -> int:
    """The id of the first event of that person."""
    return work.integer(event.select().with_only_columns(event.c.id).where(event.c.person_id == person_id).limit(1))
