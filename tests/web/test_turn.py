"""TURN: what is handed out ends soon and is what a TURN server checks; the shipped configuration relays to us alone."""

import base64
import hashlib
import hmac
from datetime import UTC, datetime
from pathlib import Path

import pytest

from web import turn

NOW = datetime(2026, 11, 25, 9, tzinfo=UTC)
CONF = Path(__file__).resolve().parents[2] / "docker/turnserver.conf"


def test_credentials_end_within_an_hour_and_name_the_seat() -> None:
    made = turn.ice_server(("turns:turn.example:443?transport=tcp",), "secret", seat="seat-1", now=NOW)
    assert made is not None
    expiry, seat = made.username.split(":")
    assert seat == "seat-1"
    assert 0 < int(expiry) - NOW.timestamp() <= 3600
    wanted = hmac.new(b"secret", made.username.encode(), hashlib.sha1).digest()
    assert base64.b64decode(made.credential) == wanted


def test_without_a_server_or_a_secret_nothing_is_handed_out() -> None:
    assert turn.ice_server((), "secret", seat="a", now=NOW) is None
    assert turn.ice_server(("turn:a",), "", seat="a", now=NOW) is None


@pytest.mark.parametrize("url", ["https://turn.example", "turn:", "stun:a", "turn:a b", ""])
def test_other_addresses_are_refused(url: str) -> None:
    with pytest.raises(ValueError, match=url or "^$"):
        turn.checked([url])


def test_the_shipped_configuration_denies_all_peers_but_ours() -> None:
    lines = [line for line in CONF.read_text(encoding="utf-8").splitlines() if line and not line.startswith("#")]
    assert "denied-peer-ip=0.0.0.0-255.255.255.255" in lines
    assert [line for line in lines if line.startswith("allowed-peer-ip=")] == ["allowed-peer-ip=MEDIA_HOST"]
    assert {"use-auth-secret", "no-tcp-relay", "no-multicast-peers", "no-cli"} <= set(lines)
    assert "max-allocate-lifetime=3600" in lines
