"""Offers of real browsers (captured from Debian's Chromium and Firefox), our answers, and our offers to viewers."""

from pathlib import Path

import pytest

from rtc.engine.control import Source
from rtc.media.gate import BadSdp
from rtc.media.lines import arrange, told
from rtc.media.negotiation import MID, RID, Codec, Here, Sent, accept, answer, offer
from rtc.media.sdp import Description, parse

OFFERS = Path(__file__).parent / "offers"
HERE = Here("192.0.2.1", 8444, "abcd1234", "p" * 32, ("sha-256", ":".join(["AB"] * 32)))
NAMES = ("chromium_simulcast", "chromium_screen", "firefox_simulcast", "firefox_screen")


def read(name: str) -> Description:
    return parse((OFFERS / f"{name}.sdp").read_text(), most_sections=20)


def answered(name: str, prefer: Codec = Codec.VP8) -> str:
    tree = read(name)
    accepted = {m.mid: accept(m, prefer=prefer) for m in tree.media if m.kind != "application"}
    return answer(tree, HERE, accepted, version=1)


@pytest.mark.parametrize("name", NAMES)
def test_an_answer_keeps_order_and_mids_and_offers_what_we_serve(name: str) -> None:
    tree, text = read(name), answered(name)
    back = parse(text, most_sections=20)
    assert [(m.kind, m.mid) for m in back.media] == [(m.kind, m.mid) for m in tree.media]
    assert "a=ice-lite" in text
    assert "transport-cc" not in text
    assert back.setup == "passive"
    for ours, theirs in zip(back.media, tree.media, strict=True):
        if theirs.kind == "application":
            assert (ours.port, ours.direction) == (0, "inactive")
            continue
        assert (ours.port, ours.direction) == (8444, "recvonly")
        assert ours.extensions.items() <= theirs.extensions.items()
        assert MID in ours.extensions
        assert {f.payload for f in ours.formats} <= {f.payload for f in theirs.formats}


@pytest.mark.parametrize("name", NAMES)
def test_simulcast_is_taken_as_offered(name: str) -> None:
    text = answered(name)
    camera = next(m for m in read(name).media if m.kind == "video")
    assert camera.rids == ("q", "h", "f")
    assert "a=rid:q recv\r\na=rid:h recv\r\na=rid:f recv\r\na=simulcast:recv q;h;f\r\n" in text
    assert accept(camera, prefer=Codec.VP8).ssrcs == ()  # bound late
    assert RID in accept(camera, prefer=Codec.VP8).extensions


@pytest.mark.parametrize("name", ["chromium_screen", "firefox_screen"])
def test_a_screen_beside_the_camera_has_its_ssrcs_media_first(name: str) -> None:
    text = (OFFERS / f"{name}.sdp").read_text()
    screen = read(name).media[2]
    assert screen.kind == "video"
    assert f"a=ssrc-group:FID {screen.ssrcs[0]} {screen.ssrcs[1]}" in text


def test_of_the_many_h264_lines_the_one_every_browser_decodes_is_taken() -> None:
    camera = read("chromium_simulcast").media[1]
    chosen = accept(camera, prefer=Codec.H264)
    text = (OFFERS / "chromium_simulcast.sdp").read_text()
    assert chosen.codec is Codec.H264
    given = next(line for line in text.splitlines() if line.startswith(f"a=fmtp:{chosen.payload} "))
    assert "packetization-mode=1" in given
    assert "42e01f" in given
    assert f"a=fmtp:{chosen.rtx} apt={chosen.payload}" in text


def test_without_h264_vp8_is_taken() -> None:
    assert accept(read("firefox_simulcast").media[1], prefer=Codec.H264).codec is Codec.VP8


def test_a_section_without_a_codec_of_ours_is_refused() -> None:
    text = (OFFERS / "chromium_simulcast.sdp").read_text().replace("opus", "speex")
    with pytest.raises(BadSdp) as refused:
        accept(parse(text, most_sections=20).media[0], prefer=Codec.VP8)
    assert refused.value.rule == "no-codec"


def test_a_line_that_was_not_accepted_is_inactive_and_a_rejected_one_stays_rejected() -> None:
    text = (OFFERS / "chromium_screen.sdp").read_text()
    closed = text.replace("m=video 9", "m=video 0", 1)
    tree = parse(closed, most_sections=20)
    back = answer(tree, HERE, {"0": accept(tree.media[0], prefer=Codec.VP8)}, version=2)
    media = parse(back, most_sections=20).media
    assert [(m.port, m.direction) for m in media] == [
        (8444, "recvonly"), (0, "inactive"), (8444, "inactive"), (0, "inactive"),
    ]  # fmt: skip
    assert "a=group:BUNDLE 0 2\r\n" in back


def test_nothing_of_a_hostile_text_is_echoed() -> None:
    evil = (OFFERS / "chromium_simulcast.sdp").read_text().replace("a=mid:1", "a=mid:1 evil")
    with pytest.raises(BadSdp) as refused:
        parse(evil, most_sections=20)
    assert refused.value.rule == "bad-token"


CAMERA = Sent("", "video", "v12", Source.CAMERA, Codec.VP8, 1111, 2222)
SOUND = Sent("", "audio", "v12", Source.MICROPHONE, Codec.OPUS, 3333)
OTHER = Sent("", "video", "v13", Source.CAMERA, Codec.H264, 4444, 5555)


def test_a_line_that_rests_is_used_again_for_its_kind() -> None:
    first = arrange((), {("v12", Source.MICROPHONE): SOUND, ("v12", Source.CAMERA): CAMERA})
    assert [(row.mid, row.kind, row.ssrc) for row in first] == [("0", "audio", 3333), ("1", "video", 1111)]
    gone = arrange(first, {("v12", Source.CAMERA): CAMERA})
    assert [(row.mid, row.ssrc) for row in gone] == [("0", 0), ("1", 1111)]
    third = arrange(gone, {("v12", Source.CAMERA): CAMERA, ("v13", Source.CAMERA): OTHER})
    assert [row.mid for row in third] == ["0", "1", "2"]  # a resting audio line carries no picture
    swapped = arrange(third, {("v13", Source.CAMERA): OTHER, ("v12", Source.MICROPHONE): SOUND})
    assert [(row.mid, row.seat, row.ssrc) for row in swapped] == [("0", "v12", 3333), ("1", "", 0), ("2", "v13", 4444)]
    assert [(line.mid, line.seat) for line in told(swapped)] == [("0", "v12"), ("1", ""), ("2", "v13")]


def test_a_track_that_began_anew_is_told_under_its_new_numbers_on_the_same_line() -> None:
    first = arrange((), {("v12", Source.CAMERA): CAMERA})
    anew = Sent("", "video", "v12", Source.CAMERA, Codec.VP8, 7777, 8888)
    assert [(row.mid, row.ssrc) for row in arrange(first, {("v12", Source.CAMERA): anew})] == [("0", 7777)]


def test_lines_are_bounded() -> None:
    many = {(f"v{i}", Source.CAMERA): Sent("", "video", f"v{i}", Source.CAMERA, Codec.VP8, i + 1) for i in range(80)}
    assert len(arrange((), many)) == 64


def test_an_offer_to_a_viewer_says_whose_track_is_where() -> None:
    rows = arrange((), {("v12", Source.MICROPHONE): SOUND, ("v12", Source.CAMERA): CAMERA})
    rows = arrange(rows, {("v12", Source.MICROPHONE): SOUND})
    text = offer(rows, HERE, session="77", version=3)
    tree = parse(text, most_sections=64)
    assert "o=- 77 3 IN IP4" in text
    assert tree.setup == "actpass"
    assert [(m.mid, m.kind, m.direction) for m in tree.media] == [
        ("0", "audio", "sendonly"), ("1", "video", "inactive"),
    ]  # fmt: skip
    assert "a=msid:v12 MICROPHONE" in text
    assert "useinbandfec=1" in text
    assert "transport-cc" not in text
    assert {f.payload: f.name for f in tree.media[1].formats} == {96: "vp8", 97: "rtx", 102: "h264", 103: "rtx"}
