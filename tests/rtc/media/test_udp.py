"""The port and its peers over real sockets: who is answered, who is heard, who is cut."""

import asyncio
import struct
import time
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Any

import pytest
from aioice import stun
from aiortc.rtcdtlstransport import RTCCertificate, RTCDtlsTransport
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pylibsrtp import Session
from typing_extensions import override

from rtc.media import peer as peers
from rtc.media.peer import Gone, Peer
from rtc.media.sdp import Description
from rtc.media.udp import MOST_ADDRESSES, MOST_STUN, Address, UdpPort, bind
from tests.rtc.media.bot import Connection, check, packet, until


class Server:
    """A port with one peer, and what its callbacks heard."""

    def __init__(self) -> None:
        self.port = UdpPort(bind("127.0.0.1", 0))
        self.peer = Peer(self.port)
        self.rtp: list[bytes] = []
        self.rtcp: list[bytes] = []
        self.gone: list[Gone] = []
        self.up = asyncio.Event()
        self.peer.on_rtp = lambda data, _now: self.rtp.append(data)
        self.peer.on_rtcp = lambda data, _now: self.rtcp.append(data)
        self.peer.on_up = self.up.set
        self.peer.on_gone = self.gone.append

    def told(self) -> Description:
        """What a client would read in our SDP."""
        return Description("1", (), self.peer.ufrag, self.peer.password, self.peer.fingerprint, "passive")

    async def connect(self, bot: Connection) -> None:
        bot.connect(self.told(), self.port.address)
        self.peer.start(bot.peer.fingerprint)
        async with asyncio.timeout(10):
            await asyncio.gather(self.up.wait(), bot.up.wait())


class Asker(asyncio.DatagramProtocol):
    """A plain socket that sends what it likes and keeps what comes back."""

    def __init__(self) -> None:
        self.got: list[bytes] = []

    @override
    def connection_made(self, transport: asyncio.DatagramTransport) -> None:  # type: ignore[override]
        self.transport = transport

    @override
    def datagram_received(self, data: bytes, addr: Address) -> None:
        self.got.append(data)


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    made = Server()
    yield made
    made.peer.close()
    await asyncio.sleep(0)
    made.port.close()


@pytest.fixture
async def bot() -> AsyncIterator[Connection]:
    made = Connection()
    yield made
    await made.close()


@pytest.fixture
async def asker(server: Server) -> AsyncIterator[Asker]:
    transport, made = await asyncio.get_running_loop().create_datagram_endpoint(
        Asker, remote_addr=server.port.address
    )  # fmt: skip
    yield made
    transport.close()


def test_the_private_names_we_use_are_there() -> None:
    wire = peers._Wire(lambda _data: None)
    made: Any = RTCDtlsTransport(wire, [RTCCertificate.generateCertificate()])  # type: ignore[arg-type] # duck-typed
    assert callable(made._set_role)
    assert (made._rx_srtp, made._tx_srtp) == (None, None)
    assert Session()._srtp[0]


async def test_media_flows_both_ways_under_dtls(server: Server, bot: Connection) -> None:
    await server.connect(bot)
    bot.send(packet(77, 1, b"hello"))
    await until(lambda: server.rtp, "the packet arrives")
    assert server.rtp == [packet(77, 1, b"hello")]
    server.peer.send_rtcp(struct.pack("!BBHI", 0x80, 201, 1, 1))
    await until(lambda: bot.got_rtcp, "RTCP arrives")
    bot.peer.send_rtcp(struct.pack("!BBHI", 0x80, 201, 1, 9))
    await until(lambda: server.rtcp, "RTCP arrives")


async def test_a_wrong_fingerprint_is_no_connection(server: Server, bot: Connection) -> None:
    bot.connect(server.told(), server.port.address)
    server.peer.start(("sha-256", ":".join(["00"] * 32)))
    await until(lambda: server.gone, "it is cut")
    assert server.gone == ["failed"]
    assert not server.peer.up


async def test_who_does_not_come_in_time_is_gone(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(peers, "CONNECT_WITHIN", 0.05)
    server.peer.start(("sha-256", ":".join(["00"] * 32)))
    await until(lambda: server.gone, "the deadline")
    assert server.gone == ["timeout"]


async def test_a_goodbye_is_noticed_at_once(server: Server, bot: Connection) -> None:
    await server.connect(bot)
    bot.peer.close()
    await until(lambda: server.gone, "the goodbye")
    assert server.gone == ["closed"]


async def test_silence_of_thirty_seconds_is_the_end(server: Server, bot: Connection) -> None:
    await server.connect(bot)
    server.peer.check(time.monotonic() + 29)
    assert not server.gone
    server.peer.check(time.monotonic() + 31)
    assert server.gone == ["silent"]


async def test_an_ice_restart_keeps_dtls(server: Server, bot: Connection) -> None:
    await server.connect(bot)
    before = server.peer.ufrag, server.peer.password
    server.peer.renew()
    assert before != (server.peer.ufrag, server.peer.password)
    moved = Connection()  # another address of the same client
    moved.remote = (server.peer.ufrag, server.peer.password, server.port.address)
    asked = check(*moved.remote[:2])
    moved.port.send(bytes(asked), server.port.address)
    await until(lambda: server.peer.address == moved.port.address, "the address follows")
    server.peer.checked(time.monotonic(), bot.port.address, nominated=True)
    bot.send(packet(77, 2, b"still here"))
    await until(lambda: server.rtp, "the old keys still work")
    await moved.close()


async def test_only_the_right_password_is_answered(server: Server, asker: Asker) -> None:
    asker.transport.sendto(bytes(check(server.peer.ufrag, "wrong" * 8)))
    asker.transport.sendto(bytes(check("nobody00", server.peer.password)))
    asker.transport.sendto(bytes(stun.Message(stun.Method.BINDING, stun.Class.REQUEST)))
    right = check(server.peer.ufrag, server.peer.password)
    asker.transport.sendto(bytes(right))
    await until(lambda: asker.got, "the answer")
    assert [stun.parse_message(data).transaction_id for data in asker.got] == [right.transaction_id]
    reply = stun.parse_message(asker.got[0])
    assert reply.attributes["XOR-MAPPED-ADDRESS"] == asker.transport.get_extra_info("sockname")
    assert "FINGERPRINT" in reply.attributes
    assert reply.check_message_integrity(server.peer.password.encode())


async def test_the_address_moves_only_when_nominated(server: Server) -> None:
    one, two = ("127.0.0.1", 1001), ("127.0.0.1", 1002)
    server.peer.checked(0.0, one, nominated=False)
    server.peer.checked(0.0, two, nominated=False)
    assert server.peer.address == one
    server.peer.checked(0.0, two, nominated=True)
    assert server.peer.address == two


async def test_learned_addresses_are_bounded_and_forgotten(server: Server) -> None:
    for number in range(30):
        server.port._learn(server.peer, ("127.0.0.1", 2000 + number))
    assert len(server.port._by_address) == MOST_ADDRESSES
    server.peer.close()
    assert not server.port._by_address
    assert not server.port._by_ufrag


async def test_checks_of_one_address_are_bounded(server: Server, asker: Asker) -> None:
    for _ in range(4 * MOST_STUN):
        asker.transport.sendto(bytes(check(server.peer.ufrag, server.peer.password)))
    asked = lambda: server.port._asked.get(asker.transport.get_extra_info("sockname"), 0) >= MOST_STUN  # noqa: E731
    await until(asked, "the limit")
    await until(lambda: len(asker.got) >= MOST_STUN, "the answers that are due")
    assert len(asker.got) <= 2 * MOST_STUN  # the second may turn over meanwhile


async def test_a_flood_is_dropped_and_then_cut(
    server: Server, bot: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(peers, "MOST_PACKETS", 50)
    await server.connect(bot)
    for second in range(4):
        for number in range(70):
            server.peer._budget.take(1e9 + second * 1.01)
            server.peer._budget.good += number < 50
    server.peer.check(0.0)
    assert server.gone == ["flood"]


async def test_more_than_the_budget_is_dropped(
    server: Server, bot: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    await server.connect(bot)
    monkeypatch.setattr(peers, "MOST_PACKETS", 20)
    for number in range(200):
        bot.send(packet(77, number, b"x"))
    await until(lambda: server.peer.counts["dropped"] > 100, "the excess is dropped")
    assert len(server.rtp) <= 60


async def test_ssrcs_are_bounded_and_the_one_that_rests_gives_way(server: Server, bot: Connection) -> None:
    await server.connect(bot)
    for ssrc in range(1, 30):
        bot.send(packet(ssrc, 1, b"x"))
    await until(lambda: server.peer.counts["dropped"] >= 13, "the seventeenth is dropped")
    assert len(server.rtp) == peers.MOST_SSRCS
    server.peer._heard[False][3] -= 2 * peers.SSRC_RESTS
    bot.send(packet(99, 1, b"new"))
    await until(lambda: len(server.rtp) == peers.MOST_SSRCS + 1, "a rested one gives way")
    assert 3 not in server.peer._heard[False]


async def test_dtls_datagrams_before_the_handshake_are_bounded(server: Server) -> None:
    for _ in range(1_000):
        server.peer.receive(b"\x16" + bytes(20), 1.0)
    assert server.peer._wire._queue.qsize() == peers.MOST_QUEUED


async def test_a_packet_that_breaks_our_code_costs_only_its_sender(server: Server, bot: Connection) -> None:
    def broken(_data: bytes, _now: float) -> None:
        raise ZeroDivisionError

    await server.connect(bot)
    server.peer.on_rtp = broken
    bot.send(packet(77, 1, b"x"))
    await until(lambda: server.gone, "it is cut")
    assert server.gone == ["fault"]
    other = Peer(server.port)
    assert server.port._by_ufrag == {other.ufrag: other}
    other.close()


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=600), st.sampled_from([b"", b"\x00\x01", b"\x16\xfe\xfd", b"\x80\x60", b"\x80\xc8"]))
def test_no_bytes_break_the_port(body: bytes, start: bytes) -> None:
    async def feed() -> None:
        server = Server()
        address = ("127.0.0.1", 9)
        server.port._learn(server.peer, address)
        data = start + body
        if data and data[0] < 4:
            server.port._stun(data, address, 1.0)
        elif data:
            server.peer.receive(data, 1.0)
        assert not server.gone
        server.peer.close()
        await asyncio.sleep(0)
        server.port.close()

    asyncio.run(feed())


@settings(max_examples=60, deadline=None)
@given(st.lists(st.binary(min_size=1, max_size=200), min_size=1, max_size=5))
def test_no_dtls_bytes_break_the_handshake(bodies: list[bytes]) -> None:
    async def feed() -> None:
        server = Server()
        server.peer.checked(0.0, ("127.0.0.1", 9), nominated=True)
        for body in bodies:
            server.peer.receive(b"\x16\xfe\xfd" + body, 1.0)
        server.peer.start(("sha-256", ":".join(["00"] * 32)))
        for _ in range(5):
            await asyncio.sleep(0)
        assert server.gone in ([], ["failed"])
        server.peer.close()
        with suppress(asyncio.CancelledError):
            assert server.peer._task is not None
            await server.peer._task
        await asyncio.sleep(0)
        server.port.close()

    asyncio.run(feed())
