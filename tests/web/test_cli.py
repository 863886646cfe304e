"""Every command of `yiwang`: what it does when all is well, and what it says when it cannot."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import text

from office.domain.document import Content, Imprint, Issuer, Kind, Paper
from office.paper import layout
from office.sign.provider import SealPlace
from office.store import history, migrate
from office.store.work import Work
from tests.web.test_backup import PICTURE
from web.app import open_database, provider_of
from web.cli import main
from web.config import Config, read
from web.demo.city import load_city


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A data folder named in the environment, and no other setting."""
    for name in [name for name in os.environ if name.startswith("YIWANG_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("YIWANG_DATA", str(tmp_path / "data"))
    return tmp_path / "data"


def test_an_unknown_setting_is_told_and_nothing_is_made(
    data: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("YIWANG_PROT", "8443")
    assert main(["db"]) == 1
    assert "YIWANG_PROT" in capsys.readouterr().err
    assert not data.exists()


@pytest.mark.parametrize("wrong", [[], ["fly"], ["backup"], ["restore"], ["serve", "--port", "x"], ["db", "drop"]])
def test_a_wrong_command_is_refused(wrong: list[str], data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as refused:
        main(wrong)
    assert refused.value.code == 2
    assert "usage" in capsys.readouterr().err


def test_db_brings_the_tables_up_and_may_be_repeated(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for _ in range(2):
        assert main(["db", "upgrade"]) == 0
        assert migrate.newest() in capsys.readouterr().out
    assert (data / "office.db").exists()


def test_a_database_of_a_later_version_is_left_alone(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["db"]) == 0
    db = open_database(read())
    db.write_now(lambda work: work.execute(text("UPDATE alembic_version SET version_num = '9999'")))
    db.close()
    capsys.readouterr()
    assert main(["db"]) == 1
    assert "没有办成" in capsys.readouterr().err


def sealed(config: Config) -> bytes:
    """A file this installation sealed."""
    paper = Paper(Content(Kind.NOTICE, "关于验证的通知"), Issuer("咸阳市人民政府", "咸阳市人民政府文件"), Imprint())
    rendered = layout.render(paper)
    return provider_of(config).seal(rendered.pdf, [SealPlace(1, "咸阳市人民政府", 1, 120, 200, 42)], reason="用印")


def test_verify_tells_genuine_from_altered_and_unknown(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file, whole = tmp_path / "paper.pdf", sealed(read())
    file.write_bytes(whole)
    assert main(["verify", str(file)]) == 0
    assert "为真" in capsys.readouterr().out
    file.write_bytes(whole.replace(b"/Type", b"/Tipe", 1))
    assert main(["verify", str(file)]) == 1
    assert "为真" not in capsys.readouterr().out
    file.write_bytes(b"no paper at all")
    assert main(["verify", str(file)]) == 1


def test_verify_needs_something_to_verify(data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["verify"]) == 2
    assert "yiwang verify" in capsys.readouterr().err
    assert main(["verify", str(tmp_path / "absent.pdf")]) == 1
    assert "没有办成" in capsys.readouterr().err


def test_verify_history_names_what_was_changed(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    def two(work: Work) -> None:
        for kind in ("FIRST", "SECOND"):
            history.record(work, history.Entry(kind, history.By(7)))

    db = open_database(read())
    db.write_now(two)
    db.close()
    assert main(["verify", "--history"]) == 0
    assert "2 条" in capsys.readouterr().out
    db = open_database(read())
    for row in db.read_now(
        lambda work: work.execute(text("SELECT name FROM sqlite_master WHERE type='trigger'")).all()
    ):
        db.write_now(lambda work, name: work.execute(text(f"DROP TRIGGER {name}")), row[0])
    db.write_now(lambda work: work.execute(text("UPDATE event SET kind = 'OTHER' WHERE kind = 'FIRST'")))
    db.close()
    assert main(["verify", "--history"]) == 1
    assert "被改动" in capsys.readouterr().out


def test_backup_and_restore_from_the_command_line(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["db"]) == 0
    provider_of(read())
    saved = tmp_path / "saved"
    assert main(["backup", str(saved)]) == 0
    assert "清单指纹" in capsys.readouterr().out
    assert main(["backup", str(saved)]) == 1
    assert main(["restore", str(saved)]) == 1  # the data folder is not empty
    assert "不是空的" in capsys.readouterr().err
    monkeypatch.setenv("YIWANG_DATA", str(tmp_path / "other"))
    assert main(["restore", str(saved)]) == 0
    assert (tmp_path / "other" / "keys" / "root.pem").exists()
    assert PICTURE not in (tmp_path / "other" / "office.db").read_bytes()


def started(arguments: list[str], data: Path) -> "subprocess.Popen[str]":
    environment = {name: value for name, value in os.environ.items() if not name.startswith("YIWANG_")}
    return subprocess.Popen(
        [sys.executable, "-m", "web", *arguments], env=environment | {"YIWANG_DATA": str(data)},
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
    )  # fmt: skip


def test_serve_tells_its_address_takes_any_free_port_and_ends_when_told(tmp_path: Path) -> None:
    process = started(["serve", "--port", "0"], tmp_path / "data")
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        assert "https://127.0.0.1:" in line
        assert ":0/" not in line
        assert ":8443/" not in line
    finally:
        process.send_signal(signal.SIGTERM)
        code = process.wait(30)
        assert process.stdout is not None
        process.stdout.close()
    assert code == 0


def test_demo_never_touches_data_it_did_not_load(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    db = open_database(Config(data=data / "demo", demo=True))
    load_city(db, hasher=lambda _: "")
    db.close()
    assert main(["demo", "--load"]) == 1
    said = capsys.readouterr().out
    assert "没有动它" in said
    assert "--data" in said
