"""A room recorded by a real worker and a real recorder process: files of who was heard, none of who was muted."""

import asyncio
from pathlib import Path

import msgspec

from rtc.engine.control import Recorded, Source
from tests.rtc.media.test_worker import Stage, stage

__all__ = ("stage",)  # the fixture
SOUND = Source.MICROPHONE


def index(folder: Path) -> list[dict[str, object]]:
    path = folder / "index.jsonl"
    return [msgspec.json.decode(line) for line in path.read_bytes().splitlines()] if path.exists() else []


def size(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.glob("*.webm*"))


async def test_who_is_heard_is_recorded_and_who_is_muted_is_not(stage: Stage, tmp_path: Path) -> None:
    folder = tmp_path / "1" / "2"
    loud, silent = await stage.bot("v1", SOUND), await stage.bot("v2", SOUND)
    await stage.engine.allow("1", ["v2"], SOUND, on=False)
    await stage.engine.record("1", str(folder))
    await silent.say_until(lambda: size(folder) == 0, "nothing of the muted one is written")
    await loud.say_until(lambda: bool(index(folder)), "the loud one is written")
    await silent.say_until(lambda: len(index(folder)) == 1, "the muted one adds nothing")
    await stage.engine.record("1", "")
    assert (await stage.told.first(Recorded)).folder == str(folder)
    began, ended = await asyncio.to_thread(index, folder)
    assert (began["seat"], began["source"], began["codec"]) == ("v1", "MICROPHONE", "opus")
    assert ended["bytes"] == await asyncio.to_thread(size, folder) > 0


async def test_a_recording_goes_on_with_who_comes_and_ends_with_the_room(stage: Stage, tmp_path: Path) -> None:
    folder = tmp_path / "1" / "2"
    await stage.engine.record("1", str(folder))
    late = await stage.bot("v1", SOUND)
    await late.say_until(lambda: bool(index(folder)), "the late one is written")
    await stage.engine.remove("1", "v1")
    again = await stage.bot("v1", SOUND)
    await again.say_until(lambda: sum(line["type"] == "Began" for line in index(folder)) == 2, "another file begins")
    await stage.engine.record("1", "")
    await stage.told.first(Recorded)
    lines = await asyncio.to_thread(index, folder)
    assert sorted(str(line["type"]) for line in lines) == ["Began", "Began", "Ended", "Ended"]
