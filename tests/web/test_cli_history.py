"""`verify --history` from the command line, beside a running server: whole, or the first broken row by name."""

import pytest
from sqlalchemy import text

from office.domain.people import Role
from office.store.work import Work
from tests.town import CITY
from tests.web.conftest import House
from tests.web.papers import act, sent_for_review
from web.cli import main


def _tamper(work: Work) -> int:
    """Change one row past the trigger, as somebody with the database in his hands could; returns its id."""
    if work.dialect == "sqlite":
        work.execute(text("DROP TRIGGER event_no_update"))
    else:
        work.execute(text("ALTER TABLE event DISABLE TRIGGER event_append_only"))
    row = work.integer(text("SELECT min(id) FROM event WHERE document_id IS NOT NULL"))
    work.execute(text("UPDATE event SET body = '[{}]' WHERE id = :row"), {"row": row})
    return row


async def test_it_is_whole_and_then_names_the_first_changed_row(
    house: House, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    document_id = await sent_for_review(house)
    head = await house.sign_in(CITY, Role.OFFICE_HEAD)
    assert await act(house, head, document_id, "COMPLETE", opinion="同意") == 303
    monkeypatch.setenv("YIWANG_DATABASE", house.services.config.database_url)
    assert main(["verify", "--history"]) == 0
    assert "没有发现改动" in capsys.readouterr().out
    row = await house.services.db.write(_tamper)
    assert main(["verify", "--history"]) == 1
    said = capsys.readouterr().out
    assert "咸阳市人民政府" in said
    assert f"第 {row} 条" in said
