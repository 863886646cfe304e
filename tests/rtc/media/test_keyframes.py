"""One request a second for each layer, and none is forgotten."""

from rtc.media.keyframes import Keyframes


def test_wishes_are_joined_and_stay_until_a_key_frame_comes() -> None:
    wishes = Keyframes()
    assert not wishes.due(0.0)
    for _ in range(50):
        wishes.wish()
    assert [now for now in range(30) if wishes.due(now / 10)] == [0, 10, 20]
    wishes.came()
    assert not wishes.due(5.0)


def test_a_wish_soon_after_a_request_waits_its_second() -> None:
    wishes = Keyframes()
    wishes.wish()
    assert wishes.due(0.0)
    wishes.came()
    wishes.wish()
    assert not wishes.due(0.9)
    assert wishes.due(1.0)
