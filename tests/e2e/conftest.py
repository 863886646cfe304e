"""The fixtures of the running application serve the end-to-end tests too."""

from tests.web.conftest import password_hash, sqlite_city

__all__ = ["password_hash", "sqlite_city"]
