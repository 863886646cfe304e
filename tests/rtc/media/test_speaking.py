"""Who speaks: loud enough, loudest first, and a pause in a sentence is no silence."""

from rtc.media.speaking import MOST, STAYS, Speakers


def test_the_loudest_comes_first_and_the_quiet_do_not_come() -> None:
    assert Speakers().hear({"a": -40.0, "b": -20.0, "c": -70.0}) == ("b", "a")


def test_it_is_told_only_when_it_changes() -> None:
    speakers = Speakers()
    assert speakers.hear({"a": -20.0}) == ("a",)
    assert speakers.hear({"a": -22.0}) is None
    assert speakers.hear({"a": -22.0, "b": -10.0}) == ("b", "a")
    assert speakers.hear({"a": -21.0, "b": -11.0}) is None


def test_a_short_pause_is_no_silence_and_a_long_one_is() -> None:
    speakers = Speakers()
    speakers.hear({"a": -20.0})
    for _ in range(STAYS - 1):
        assert speakers.hear({"a": -127.0}) is None
    assert speakers.hear({"a": -127.0}) == ()


def test_who_is_gone_does_not_speak() -> None:
    speakers = Speakers()
    speakers.hear({"a": -20.0, "b": -30.0})
    assert speakers.hear({"b": -30.0}) == ("b",)
    assert speakers.hear({}) == ()


def test_few_are_named() -> None:
    assert len(Speakers().hear({f"v{n}": -float(n) for n in range(20)}) or ()) == MOST
