"""The few accounts to look around with: new passwords for them, and the table that shows them once."""

import unicodedata
from collections.abc import Sequence

from sqlalchemy import select, update

from office.store import history, people
from office.store.database import Database
from office.store.tables import login, organ, person, post
from office.store.work import Work
from web import passwords
from web.demo.city import CHOSEN, Account

_HEAD = ("岗位", "单位", "姓名", "登录名", "密码")


def new_passwords(db: Database) -> list[Account]:
    """Fresh passwords for the chosen accounts of made-up people, and nobody else; their sessions end."""
    fresh = {one.login_name: passwords.fresh() for one in CHOSEN}
    hashes = {name: passwords.hash_now(word) for name, word in fresh.items()}
    return [
        Account(name, fresh[name], title, post_name, person_name)
        for name, title, post_name, person_name in db.write_now(_set_passwords, hashes)
    ]


def _set_passwords(work: Work, hashes: dict[str, str]) -> list[tuple[str, str, str, str]]:
    found = []
    for name, hashed in hashes.items():
        row = work.execute(
            select(person.c.id, post.c.id, organ.c.id, organ.c.title, post.c.name, person.c.name)
            .join(login, login.c.person_id == person.c.id)
            .join(post, post.c.person_id == person.c.id)
            .join(organ, organ.c.id == post.c.organ_id)
            .where(login.c.name == name, person.c.demo.is_(True))
            .order_by(post.c.id)
        ).first()
        if row is None:
            continue  # renamed or gone since
        people.set_password(work, row[0], hashed)
        work.execute(update(login).where(login.c.person_id == row[0]).values(must_change=False))
        by = history.By(row[2], row[0], row[1])
        history.record(work, history.Entry("PASSWORD_RESET", by, body=[{"person": row[0], "demo": True}]))
        found.append((name, row[3], row[4], row[5]))
    return found


def table(accounts: Sequence[Account]) -> str:
    """Lines under a head, columns aligned on a terminal where Chinese takes two places."""
    rows = [_HEAD, *((one.post, one.organ, one.person, one.login_name, one.password) for one in accounts)]
    widths = [max(_width(row[column]) for row in rows) for column in range(len(_HEAD))]
    return "\n".join(
        "  ".join(cell + " " * (width - _width(cell)) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    )


def _width(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in text)
