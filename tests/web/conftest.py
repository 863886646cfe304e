"""A running application on each database, with the people of the small city and a password for each of them."""

import shutil
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import sqlalchemy
from aiohttp.test_utils import BaseTestServer, TestClient, TestServer
from aiohttp.web import Application, Request
from sqlalchemy import insert

from office.domain.people import Role
from office.store.database import Database
from office.store.tables import login
from office.store.work import Work
from tests import town
from tests.conftest import new_database
from web import passwords
from web.app import create_app, open_database
from web.config import Config
from web.keys import SERVICES, Services

PASSWORD = "Xian-yang-2026"  # of every person of the test city, and of nobody else
if TYPE_CHECKING:
    Client = TestClient[Request, None]
else:
    Client = TestClient


def login_name(organ_id: int, role: Role = Role.CLERK) -> str:
    """How a person of the test city signs in: 3-clerk."""
    return f"{organ_id}-{role.lower()}"


def populate(work: Work, password_hash: str) -> town.Town:
    """The small city, everybody with an account."""
    built = town.build(work)
    for role in (Role.SECURITY_ADMIN, Role.AUDITOR):
        built.actors[town.CITY, role] = town.seat(work, town.CITY, role, f"{role}")
    for (organ_id, role), person in built.actors.items():
        work.execute(
            insert(login).values(
                person_id=person.person_id, name=login_name(organ_id, role), password_hash=password_hash,
                must_change=False,
            )
        )  # fmt: skip
    return built


@dataclass(slots=True)
class House:
    """The running application: clients that are signed in, and the services behind the doors."""

    server: "BaseTestServer"
    app: Application
    people: town.Town
    stack: AsyncExitStack = field(default_factory=AsyncExitStack)

    @property
    def services(self) -> Services:
        """What the doors use, for checks past them."""
        return self.app[SERVICES]

    async def outside(self) -> Client:
        """A client that is not signed in."""
        client: Client = TestClient(self.server)
        await self.stack.enter_async_context(client)
        return client

    async def sign_in(self, organ_id: int, role: Role = Role.CLERK) -> Client:
        """A client that is signed in; its writes come from our own pages (Origin)."""
        client = await self.outside()
        fields = {"name": login_name(organ_id, role), "password": PASSWORD}
        answer = await client.post("/login", data=fields, headers=self.origin, allow_redirects=False)
        assert answer.status == 303, await answer.text()
        client.session.headers.update(self.origin)
        return client

    @property
    def origin(self) -> dict[str, str]:
        """The header that a page of ours sends with a write."""
        return {"Origin": f"http://{self.server.host}:{self.server.port}"}


@pytest.fixture(scope="session")
def password_hash() -> str:
    return passwords.hash_now(PASSWORD)


def _fill(url: str, folder: Path, password_hash: str) -> town.Town:
    db: Database = open_database(Config(data=folder, database=url))
    try:
        return db.write_now(populate, password_hash)
    finally:
        db.close()


@pytest.fixture(scope="session")
def sqlite_city(tmp_path_factory: pytest.TempPathFactory, password_hash: str) -> tuple[Path, town.Town]:
    """A file with the migrated tables and the small city."""
    folder = tmp_path_factory.mktemp("city")
    path = folder / "office.db"
    return path, _fill(f"sqlite:///{path}", folder, password_hash)


@pytest.fixture(scope="session")
def postgres_city(
    cluster: sqlalchemy.URL, tmp_path_factory: pytest.TempPathFactory, password_hash: str
) -> tuple[str, town.Town]:
    """The same in PostgreSQL, as a template."""
    url = new_database(cluster)
    people = _fill(url, tmp_path_factory.mktemp("city"), password_hash)
    return str(sqlalchemy.make_url(url).database), people


@pytest.fixture(params=["sqlite", "postgresql"])
def city(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[Config, town.Town]:
    """The settings of an installation with the small city in it, on each database."""
    if request.param == "sqlite":
        template, people = request.getfixturevalue("sqlite_city")
        shutil.copy(template, tmp_path / "office.db")
        url = f"sqlite:///{tmp_path}/office.db"
    else:
        name, people = request.getfixturevalue("postgres_city")
        url = new_database(request.getfixturevalue("cluster"), name)
    return Config(data=tmp_path, database=url, plain=True), people


@pytest.fixture
async def house(city: tuple[Config, town.Town]) -> AsyncIterator[House]:
    """The application, running on a free port."""
    config, people = city
    app = create_app(config)
    async with TestServer(app) as server:
        opened = House(server, app, people)
        async with opened.stack:
            yield opened


@pytest.fixture
async def sqlite_house(sqlite_city: tuple[Path, town.Town], tmp_path: Path) -> AsyncIterator[House]:
    """The application on SQLite alone: for pages whose database does not matter."""
    shutil.copy(sqlite_city[0], tmp_path / "office.db")
    config = Config(data=tmp_path, database=f"sqlite:///{tmp_path}/office.db", plain=True)
    app = create_app(config)
    async with TestServer(app) as server:
        opened = House(server, app, sqlite_city[1])
        async with opened.stack:
            yield opened
