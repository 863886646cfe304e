"""Write a migration: the difference between the migrations so far and the tables in the code."""

import sys
import tempfile
from pathlib import Path

from office.store import migrate
from office.store.database import Database


def main() -> None:
    revision, message = sys.argv[1], sys.argv[2]
    with tempfile.TemporaryDirectory() as folder:
        db = Database.open(f"sqlite:///{Path(folder) / 'new.db'}", allow_unsafe_sqlite=True)
        migrate.upgrade(db.engine)
        migrate.write_revision(db.engine, message, revision)
        db.close()


if __name__ == "__main__":
    main()
