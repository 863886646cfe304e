"""`yiwang`: the one command line. Chinese by default; every command says what it did and what comes next."""

import argparse
import asyncio
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from sqlalchemy import Connection, select

from office.domain.errors import Invalid, OfficeError
from office.store import history, migrate
from office.store.database import reading_engine
from office.store.sqlite import UnsafeSqlite
from office.store.tables import organ
from web import config as settings
from web.app import open_database, provider_of
from web.config import BadSetting, Config
from web.server import log_to_stderr, serve
from web.texts import text

Command = Callable[[Config, argparse.Namespace], int]


def _port(config: Config, arguments: argparse.Namespace) -> int:
    """0 asks for any free port, so it is not the same as none given."""
    return config.port if arguments.port is None else int(arguments.port)


def _serve(config: Config, arguments: argparse.Namespace) -> int:
    log_to_stderr()
    wanted = replace(config, host=arguments.host or config.host, port=_port(config, arguments))
    asyncio.run(serve(wanted, started=lambda where: print(f"一网已启动：{where}", flush=True)))
    return 0


def _demo(config: Config, arguments: argparse.Namespace) -> int:
    from web.demo import start

    log_to_stderr()
    wanted = replace(
        config, demo=True, host=arguments.host or config.host, port=_port(config, arguments),
        data=Path(arguments.data) if arguments.data else config.data / "demo",
    )  # fmt: skip
    return start.run(wanted, full=arguments.full, only_load=arguments.load, fresh=arguments.new_passwords)


def _db(config: Config, arguments: argparse.Namespace) -> int:
    db = open_database(config)
    try:
        revision = db.read_now(migrate.current)
    finally:
        db.close()
    print(f"数据库已是最新：{revision}。")
    return 0 if arguments.what == "upgrade" else 2


def _verify(config: Config, arguments: argparse.Namespace) -> int:
    if arguments.history:
        return _verify_history(config)
    if not arguments.file:
        print("请写文件名：yiwang verify 文件.pdf，或 yiwang verify --history。", file=sys.stderr)
        return 2
    from web.verdict import sentence_of

    verdict = provider_of(config).verify(Path(arguments.file).read_bytes())
    for line in sentence_of(verdict):
        print(line)
    return 0 if verdict.outcome == "GENUINE" else 1


def _verify_history(config: Config) -> int:
    """Beside a running server: through a connection that cannot change anything."""
    if config.database_url.startswith("sqlite:///") and not Path(config.database_url[10:]).is_file():
        raise Invalid(f"没有找到数据库 {config.database_url[10:]}。请检查 YIWANG_DATA（演示城市在 var/demo）。")
    engine = reading_engine(config.database_url)
    try:
        with engine.connect() as connection:
            total, finding = history.count(connection), history.verify(connection)
            where = _organ_name(connection, finding.organ_id) if finding is not None else ""
    finally:
        engine.dispose()
    if finding is None:
        print(f"历史记录 {total} 条，逐条核对，没有发现改动。")
        return 0
    said = text("history.found", organ=where, seq=finding.organ_seq, what=text(f"history.what.{finding.what}"))
    which = "" if finding.event_id is None else f"（全库第 {finding.event_id} 条）"
    print(f"历史记录被改动：{said}{which}")
    return 1


def _organ_name(connection: Connection, organ_id: int) -> str:
    return str(connection.execute(select(organ.c.title).where(organ.c.id == organ_id)).scalar() or organ_id)


def _backup(config: Config, arguments: argparse.Namespace) -> int:
    from web.backup import backup

    print(backup(config, Path(arguments.to)))
    return 0


def _restore(config: Config, arguments: argparse.Namespace) -> int:
    from web.backup import restore

    print(restore(config, Path(arguments.source)))
    return 0


def parser() -> argparse.ArgumentParser:
    """The commands and what they take."""
    top = argparse.ArgumentParser(prog="yiwang", description="一网：公文与会议。设置用 YIWANG_… 环境变量，见 README。")
    commands = top.add_subparsers(dest="command", required=True, metavar="命令")

    def add(name: str, says: str, run: Command) -> argparse.ArgumentParser:
        one = commands.add_parser(name, help=says, description=says)
        one.set_defaults(run=run)
        return one

    serving = add("serve", "启动服务", _serve)
    demo = add("demo", "装入演示咸阳并启动", _demo)
    for one in (serving, demo):
        one.add_argument("--host", help="监听地址，默认 127.0.0.1；要让别的机器访问写 0.0.0.0")
        one.add_argument("--port", type=int, help="端口，默认 8443")
    demo.add_argument("--full", action="store_true", help="六万个账号")
    demo.add_argument("--data", help="数据放在哪个文件夹")
    demo.add_argument("--new-passwords", action="store_true", help="给演示账号换新密码，打印一次")
    demo.add_argument("--load", action="store_true", help="只装入，不启动")
    database = add("db", "数据库升级到本版本", _db)
    database.add_argument("what", choices=["upgrade"], nargs="?", default="upgrade")
    verifying = add("verify", "验证文件真伪，或核对历史记录", _verify)
    verifying.add_argument("file", nargs="?", help="PDF 文件")
    verifying.add_argument("--history", action="store_true", help="逐条核对历史记录，指出第一条被改动的")
    saving = add("backup", "备份数据库和文件到一个文件夹，服务不用停", _backup)
    saving.add_argument("to", help="放到哪个文件夹")
    restoring = add("restore", "从备份恢复到空的数据文件夹", _restore)
    restoring.add_argument("source", help="备份文件夹")
    return top


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit status."""
    chosen = parser().parse_args(arguments)
    try:
        run: Command = chosen.run
        return run(settings.read(), chosen)
    except (OfficeError, BadSetting, UnsafeSqlite, migrate.UnknownRevision, OSError) as error:
        print(f"没有办成：{error}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
