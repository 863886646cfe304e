"""Settings come from the environment; what cannot be right is refused before anything is opened."""

from pathlib import Path

import pytest

from web.config import BadSetting, Config, read


def test_without_settings_everything_lies_in_one_folder_and_nobody_else_reaches_it() -> None:
    config = read({})
    assert config == Config()
    assert config.database_url == "sqlite:///var/office.db"
    assert config.blob_place == "var/blobs"
    assert config.host == "127.0.0.1"
    assert not config.demo
    assert not config.plain
    assert not config.allow_unsafe_sqlite


def test_every_setting_is_taken() -> None:
    config = read(
        {
            "YIWANG_DATA": "/srv/yiwang", "YIWANG_DATABASE": "postgresql+psycopg://db/yiwang",
            "YIWANG_BLOBS": "s3://papers/city", "YIWANG_HOST": "0.0.0.0", "YIWANG_PORT": "443",
            "YIWANG_CERT": "c.pem", "YIWANG_KEY": "k.pem", "YIWANG_PLAIN": "1",
            "YIWANG_ORIGINS": "https://a.example https://b.example", "YIWANG_DEMO": "yes",
            "YIWANG_ALLOW_UNSAFE_SQLITE": "on", "YIWANG_RECORD": "备案号", "HOME": "/root",
        }
    )  # fmt: skip
    assert config == Config(
        data=Path("/srv/yiwang"), database="postgresql+psycopg://db/yiwang", blobs="s3://papers/city", host="0.0.0.0",
        port=443, cert="c.pem", key="k.pem", plain=True, origins=("https://a.example", "https://b.example"), demo=True,
        allow_unsafe_sqlite=True, record="备案号",
    )  # fmt: skip
    assert config.database_url == "postgresql+psycopg://db/yiwang"
    assert config.blob_place == "s3://papers/city"


def test_an_unknown_name_is_refused_by_name() -> None:
    with pytest.raises(BadSetting, match="YIWANG_DATABSE"):
        read({"YIWANG_DATABSE": "sqlite:///x", "YIWANG_DATA": "x"})


def test_names_that_tests_and_fonts_read_are_known() -> None:
    assert read({"YIWANG_FONTS": "/usr/share/fonts", "YIWANG_SAMPLES": "/samples"}) == Config()


@pytest.mark.parametrize("port", ["", "-1", "65536", "8443x", "八千"])
def test_a_port_is_a_number_of_a_port(port: str) -> None:
    with pytest.raises(BadSetting, match="YIWANG_PORT"):
        read({"YIWANG_PORT": port})


@pytest.mark.parametrize(("text", "meant"), [("1", True), ("TRUE", True), ("on", True), ("0", False), ("", False)])
def test_a_switch_is_on_or_off(text: str, meant: bool) -> None:  # noqa: FBT001 - the expected value
    assert read({"YIWANG_DEMO": text}).demo is meant


def test_a_switch_that_is_neither_is_refused() -> None:
    with pytest.raises(BadSetting, match="开关"):
        read({"YIWANG_PLAIN": "maybe"})


def test_turn_needs_addresses_and_a_secret_and_shows_it_to_nobody() -> None:
    found = read({"YIWANG_TURN": "turn:a:3478 turns:a:443?transport=tcp", "YIWANG_TURN_SECRET": "geheim"})
    assert found.turn == ("turn:a:3478", "turns:a:443?transport=tcp")
    assert "geheim" not in repr(found)
    with pytest.raises(BadSetting, match="一起设置"):
        read({"YIWANG_TURN": "turn:a"})
    with pytest.raises(BadSetting, match="https"):
        read({"YIWANG_TURN": "https://a", "YIWANG_TURN_SECRET": "x"})
