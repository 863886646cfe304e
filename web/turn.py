"""TURN for lines that carry no UDP: short-lived credentials, as coturn's `use-auth-secret` checks them."""

import hashlib
import hmac
from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

LIFE = timedelta(hours=1)
MOST = 4  # addresses of one installation


@dataclass(frozen=True, slots=True)
class IceServer:
    """What RTCPeerConnection takes as one of its iceServers."""

    urls: tuple[str, ...]
    username: str
    credential: str


def checked(urls: Sequence[str]) -> tuple[str, ...]:
    """The addresses of a setting; ValueError names one that is no TURN address (RFC 7065)."""
    for url in urls:
        scheme, colon, rest = url.partition(":")
        if scheme not in {"turn", "turns"} or not colon or not rest or " " in rest:
            raise ValueError(url)
    if len(urls) > MOST:
        raise ValueError(f"more than {MOST}")
    return tuple(urls)


def ice_server(urls: Sequence[str], secret: str, *, seat: str, now: datetime) -> IceServer | None:
    """Credentials for one seat that end within an hour; None where the installation has no TURN server.

    `username` is "expiry:seat", the password HMAC-SHA1 of it (draft-uberti-behave-turn-rest-00, 2.2: SHA-1 is what
    servers check; the secret never leaves this machine).
    """
    if not urls or not secret:
        return None
    username = f"{int((now + LIFE).timestamp())}:{seat}"
    digest = hmac.new(secret.encode(), username.encode(), hashlib.sha1).digest()
    return IceServer(tuple(urls), username, b64encode(digest).decode())
