"""`yiwang demo`: load the made-up city at the first start, say how to get in, serve."""

import asyncio
import sys
import time
from collections.abc import Mapping
from datetime import UTC, datetime

from office.store import organs
from office.store.blobs import Blobs
from office.store.database import Database
from web.app import open_database, provider_of
from web.config import Config
from web.demo.accounts import new_passwords, table
from web.demo.city import Account, load_city
from web.demo.life import live
from web.demo.moments import SetClock
from web.server import serve

MARK = "demo-loaded"  # written last: a city without it is none of ours, or half loaded
_ONCE = "以下密码只显示这一次，请记下。丢了用 --new-passwords 换新的："
_SAY_EVERY = 250  # acts


def run(config: Config, *, full: bool, only_load: bool, fresh: bool = False) -> int:
    """Load what is not there, print the address and the accounts, serve until stopped. `fresh`: new passwords."""
    mark = config.data / MARK
    db = open_database(config)
    try:
        there = db.read_now(organs.any_organ)
        if there and not mark.exists() and not fresh:
            _say(
                f"数据库里已经有单位，但不是装完的演示数据（{config.data}）：可能上次装入中断了，也可能是正式数据，没有动它。"
                "要重新演示，请换一个文件夹：--data 文件夹；要接着用现有演示数据，加 --new-passwords。"
            )
            return 1
        accounts = new_passwords(db) if there and fresh else []
    finally:
        db.close()
    if not there:
        accounts = load(config, full=full)
    if only_load:
        _say_accounts(accounts)
        return 0
    asyncio.run(serve(config, started=lambda where: _welcome(where, accounts)))
    return 0


def load(config: Config, *, full: bool = False, passwords: Mapping[str, str] | None = None) -> list[Account]:
    """The city with its weeks of papers, into an empty database; says what it does and how long it takes.

    `passwords` by login name, for pictures and tests; all others are fresh random ones.
    """
    begun = time.monotonic()
    open_database(config).close()
    _say("第一次启动，装入演示咸阳，约需一分钟。单位取自公开的区划名录，部门、人员和文件全部虚构。")
    clock = SetClock(datetime.now(UTC))
    db = Database.open(
        config.database_url, clock=clock, demo=True, allow_unsafe_sqlite=config.allow_unsafe_sqlite
    )  # fmt: skip
    try:
        accounts = load_city(db, full=full, passwords=passwords)
        _say(f"  单位、岗位、人员{'（六万个账号）' if full else ''}：{time.monotonic() - begun:.1f} 秒")
        told = Progress(begun)
        acts, issued = live(db, clock, Blobs.open(config.blob_place), provider_of(config), told)
    finally:
        db.close()
    (config.data / MARK).write_text(f"{datetime.now(UTC).isoformat()}\n")
    _say(f"  近四周往来公文：{acts} 步，印发 {issued} 份。装入共 {time.monotonic() - begun:.0f} 秒。")
    return accounts


class Progress:
    """Says now and then how far it has come."""

    def __init__(self, begun: float) -> None:
        self._begun = begun

    def __call__(self, acts: int, issued: int) -> None:
        """After an act."""
        if acts % _SAY_EVERY == 0:
            _say(f"  办理 {acts} 步，印发 {issued} 份：{time.monotonic() - self._begun:.0f} 秒")


def _welcome(where: str, accounts: list[Account]) -> None:
    _say(f"演示咸阳已启动：{where}")
    _say("证书是自己签的，浏览器会提醒一次，选“继续前往”。按 Ctrl+C 停止，数据会保留。")
    _say_accounts(accounts)


def _say_accounts(accounts: list[Account]) -> None:
    if accounts:
        _say(f"{_ONCE}\n{table(accounts)}")
    else:
        _say("数据还是上次的，账号和密码不变。密码丢了：停止后用 ./scripts/demo --new-passwords 启动。")


def _say(text: str) -> None:
    """To the person at the terminal."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()
