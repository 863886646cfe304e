"""发给谁: presses, what is out of scope, how it is printed, who may."""

from dataclasses import replace

import pytest

from office.domain.document import Content, Kind, Selection
from office.domain.errors import Invalid, NotFound, NotPermitted
from office.domain.organs import Level
from office.domain.people import Role
from office.service import lists, recipients
from office.service.recipients import Choose, Page, Part
from office.store import receipts
from office.store.database import Database
from tests.service import steps
from tests.town import CITY, COUNTY, FINANCE, OTHER_VILLAGE, TOWN, VILLAGE, WATER, Town, build


@pytest.fixture
def town(db: Database) -> Town:
    return db.write_now(build)


@pytest.fixture
def draft(db: Database, town: Town) -> int:
    return steps.draft(db, Content(Kind.NOTICE, "关于取暖的通知"), town(CITY))


def press(db: Database, town: Town, draft: int, *presses: str, part: Part = Part.PRINCIPALS) -> Page:
    for one in presses:
        db.write_now(recipients.choose, Choose(draft, part, one), town(CITY))
    return db.read_now(recipients.show, draft, town(CITY), part, opened=None, text="")


def test_a_tier_and_single_organs_are_chosen_and_printed(db: Database, town: Town, draft: int) -> None:
    page = press(db, town, draft, f"tier:{CITY}:2", f"organ:{WATER}")
    assert page.content.principals == Selection((WATER,), ((CITY, Level.COUNTY),))
    assert page.content.principal_text == "各县（市、区）人民政府，咸阳市水利局"
    assert (page.total, page.by_level) == (2, ((Level.CITY, 1), (Level.COUNTY, 1)))
    page = press(db, town, draft, f"organ:{COUNTY}")
    assert page.content.principals.excluded == (COUNTY,)
    assert page.content.principal_text.endswith("（兴平市除外）")
    assert page.total == 1
    assert [chip.press for chip in page.left_out] == [f"organ:{COUNTY}"]
    page = press(db, town, draft, f"organ:{COUNTY}", f"tier:{CITY}:2", f"organ:{WATER}")
    assert (page.content.principals, page.content.principal_text, page.total) == (Selection(), "", 0)


def test_a_text_written_by_hand_stays(db: Database, town: Town, draft: int) -> None:
    press(db, town, draft, f"organ:{WATER}")
    texts = recipients.WriteTexts(draft, "市水利局", "")
    db.write_now(recipients.write_texts, texts, town(CITY))
    page = press(db, town, draft, f"organ:{FINANCE}")
    assert page.content.principal_text == "市水利局"
    assert page.suggested == "咸阳市水利局、咸阳市财政局"


def test_what_is_below_the_reach_is_named_and_has_both_ways_out(db: Database, town: Town, draft: int) -> None:
    db.write_now(recipients.set_reach, draft, Level.TOWNSHIP, town(CITY))
    page = press(db, town, draft, f"organ:{TOWN}", f"organ:{VILLAGE}")
    assert [o.organ_id for o in page.outside] == [VILLAGE]
    assert (page.total, page.needs) == (1, Level.VILLAGE)
    db.write_now(recipients.set_reach, draft, Level.VILLAGE, town(CITY))
    assert press(db, town, draft).outside == ()
    db.write_now(recipients.set_reach, draft, Level.TOWNSHIP, town(CITY))
    db.write_now(recipients.take_out, draft, town(CITY))
    page = press(db, town, draft)
    assert (page.outside, page.content.principals.organ_ids) == ((), (TOWN,))


def test_who_is_in_both_parts_gets_it_once(db: Database, town: Town, draft: int) -> None:
    press(db, town, draft, f"organ:{WATER}")
    page = press(db, town, draft, f"organ:{WATER}", f"organ:{FINANCE}", part=Part.COPIES)
    assert page.total == 2
    assert page.content.copy_text == "咸阳市水利局、咸阳市财政局"


def test_a_saved_list_joins_what_is_chosen(db: Database, town: Town, draft: int) -> None:
    press(db, town, draft, f"organ:{WATER}")
    kept = db.write_now(recipients.save_list, draft, Part.PRINCIPALS, "水利", town(CITY))
    press(db, town, draft, "clear", f"organ:{FINANCE}")
    db.write_now(recipients.choose, Choose(draft, Part.PRINCIPALS, list_id=kept), town(CITY))
    assert press(db, town, draft).content.principals.organ_ids == (FINANCE, WATER)
    assert [one.name for one in db.read_now(lists.of_organ, town(CITY))] == ["水利"]


def test_the_tree_opens_level_by_level(db: Database, town: Town, draft: int) -> None:
    shut = press(db, town, draft)
    assert [n.organ.id for n in shut.nodes] == [COUNTY, WATER, FINANCE]
    page = db.read_now(recipients.show, draft, town(CITY), Part.PRINCIPALS, opened=TOWN, text="")
    assert [(n.organ.id, n.depth, n.opened) for n in page.nodes][:4] == [
        (COUNTY, 0, True), (TOWN, 1, True), (VILLAGE, 2, False), (OTHER_VILLAGE, 2, False),
    ]  # fmt: skip
    hits = db.read_now(recipients.show, draft, town(CITY), Part.PRINCIPALS, opened=None, text="张里")
    assert [n.organ.trail for n in hits.nodes] == ["兴平市 南位镇 张里村"]


@pytest.mark.parametrize("nonsense", ["", "organ:", "organ:x", "organ:999", "tier:1:9", "tier:1", "organ:1:2"])
def test_nonsense_is_refused(db: Database, town: Town, draft: int, nonsense: str) -> None:
    with pytest.raises(Invalid):
        press(db, town, draft, nonsense)


def test_only_who_may_edit_the_draft_chooses(db: Database, town: Town, draft: int) -> None:
    for by in (town(COUNTY), town(CITY, Role.LEADER), town(CITY, Role.SYSTEM_ADMIN)):
        with pytest.raises((NotFound, NotPermitted)):
            db.read_now(recipients.show, draft, by, Part.PRINCIPALS, opened=None, text="")
        with pytest.raises((NotFound, NotPermitted)):
            db.write_now(recipients.choose, Choose(draft, Part.PRINCIPALS, f"organ:{WATER}"), by)


def test_who_really_gets_it_is_who_the_page_counts(db: Database, town: Town, draft: int) -> None:
    db.write_now(recipients.set_reach, draft, Level.TOWNSHIP, town(CITY))
    page = press(db, town, draft, f"tier:{CITY}:2", f"organ:{TOWN}", f"organ:{VILLAGE}")
    content = replace(steps.notice(reach=Level.TOWNSHIP), principals=page.content.principals)
    document_id = steps.issued(db, town, content=content)
    sent = db.read_now(receipts.of_document, document_id)
    assert [r.organ_id for r in sent] == [COUNTY, TOWN]
    assert len(sent) == page.total
