"""What hangs on the application and on a request, typed."""

from dataclasses import dataclass

from aiohttp import web

from office.domain.people import Actor
from office.paper.child import Readers
from office.service.signing_in import OpenSession
from office.sign.provider import SignatureProvider
from office.store.blobs import Blobs
from office.store.database import Database
from rtc.live.ballot_box import BallotBox
from rtc.live.hub import RoomHub
from web.config import Config
from web.live import Hub
from web.press import Press
from web.room_lines import RoomLines


@dataclass(frozen=True, slots=True)
class Services:
    """Everything the doors need, made once by `web.app`."""

    config: Config
    db: Database
    blobs: Blobs
    press: Press
    provider: SignatureProvider
    readers: Readers
    hub: Hub
    rooms: RoomHub
    lines: RoomLines
    ballots: BallotBox


SERVICES: web.AppKey[Services] = web.AppKey("services", Services)
SESSION: web.RequestKey[OpenSession] = web.RequestKey("session", OpenSession)


def services(request: web.Request) -> Services:
    """All of them."""
    return request.config_dict[SERVICES]


def db(request: web.Request) -> Database:
    """The database."""
    return services(request).db


def blobs(request: web.Request) -> Blobs:
    """The blob store."""
    return services(request).blobs


def press(request: web.Request) -> Press:
    """Setting and sealing."""
    return services(request).press


def readers(request: web.Request) -> Readers:
    """The limited children that read what comes in."""
    return services(request).readers


def session(request: web.Request) -> OpenSession:
    """The session of a signed-in person; the guard has put it there."""
    return request[SESSION]


def actor(request: web.Request) -> Actor:
    """Who acts."""
    return session(request).actor
