"""The small city in an empty database of each kind."""

import pytest

from office.store.database import Database
from tests.town import Town, build


@pytest.fixture
def town(db: Database) -> Town:
    return db.write_now(build)
