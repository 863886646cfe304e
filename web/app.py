"""The composition root: opens what the doors need, puts every route on the application, closes all of it again."""

import asyncio
from collections.abc import AsyncIterator

from aiohttp import web

from office.paper.child import Readers
from office.sign.local import LocalProvider
from office.store import migrate
from office.store.blobs import Blobs
from office.store.database import Database
from rtc.engine.builtin import BuiltinEngine
from rtc.engine.port import MediaEngine
from rtc.live.hub import RoomHub
from web import guard
from web.ballots import ballot_box
from web.bridge import Bridge
from web.config import Config
from web.errors import errors
from web.jobs import Worker
from web.keys import SERVICES, Services
from web.live import Hub
from web.press import Press
from web.room_files import RECORDINGS, forget_outlived
from web.room_lines import RoomLines
from web.routes import ROUTES
from web.routing import add_routes
from web.uploads import INCOMING

FORM_BYTES = 2 * 1024 * 1024  # of a form or JSON body; uploads are streamed


def open_database(config: Config) -> Database:
    """The database, brought to the newest tables."""
    config.data.mkdir(parents=True, exist_ok=True)
    db = Database.open(config.database_url, demo=config.demo, allow_unsafe_sqlite=config.allow_unsafe_sqlite)
    try:
        migrate.upgrade(db)
    except BaseException:
        db.close()
        raise
    return db


def provider_of(config: Config) -> LocalProvider:
    """The local signature provider; its authority is made at the first call."""
    return LocalProvider(config.data / "keys", demo=config.demo)


def engine_of(config: Config) -> BuiltinEngine:
    """The built-in media engine; its worker is started when the first room opens."""
    return BuiltinEngine(host=config.media_address, bind=config.media_bind, port=config.media_port)


def create_app(config: Config, *, engine: MediaEngine | None = None) -> web.Application:
    """The application, ready to be run. `engine` carries the media of meetings; None: the built-in one."""
    app = web.Application(client_max_size=FORM_BYTES, middlewares=[guard.headers, errors, guard.guard])
    guard.buckets(app)
    app.on_shutdown.append(_say_goodbye)
    app.cleanup_ctx.append(lambda running: _services(running, config, engine))
    add_routes(app, ROUTES)
    return app


async def _say_goodbye(app: web.Application) -> None:
    """Sockets close first: the server waits for every open answer, and theirs would never end."""
    await app[SERVICES].rooms.close()
    await app[SERVICES].lines.close()
    await app[SERVICES].hub.close()


async def _services(app: web.Application, config: Config, engine: MediaEngine | None) -> AsyncIterator[None]:
    db = await asyncio.to_thread(open_database, config)
    provider = await asyncio.to_thread(provider_of, config)
    blobs = Blobs.open(config.blob_place)
    press, readers, hub = Press(blobs, provider), Readers(folder=config.data / INCOMING), Hub(db)
    recordings = config.data / RECORDINGS
    worker, bridge = Worker(db, blobs, nightly=lambda: forget_outlived(db, recordings)), Bridge(db)
    rooms, lines = RoomHub(db, engine or engine_of(config), recordings), RoomLines(db)
    ballots = ballot_box(db, rooms, config.data)
    app[SERVICES] = Services(config, db, blobs, press, provider, readers, hub, rooms, lines, ballots)
    await readers.open()
    hub.start()
    lines.start()
    worker.start()
    bridge.start()
    yield
    await ballots.aclose()
    await bridge.close()
    await worker.close()
    await readers.close()
    await press.close()
    await db.aclose()
