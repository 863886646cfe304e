"""Passwords: argon2id in a few threads, the same time for every answer, and what a password must be."""

import asyncio
import secrets
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from office.domain.errors import Invalid

THREADS = 3
SHORTEST = 10
LONGEST = 128
# No look-alikes: people type these from a terminal into a phone.
_LETTERS = "abcdefghjkmnpqrstuvwxyz"
_CAPITALS = "ABCDEFGHJKLMNPQRSTUVWXYZ"
_DIGITS = "23456789"

_hasher = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
_threads = ThreadPoolExecutor(THREADS, thread_name_prefix="argon2")


def hash_now(password: str) -> str:
    """The hash that is stored: argon2id with 19 MiB, two passes, one lane."""
    return _hasher.hash(password)


@lru_cache(maxsize=1)
def _nobody() -> str:
    """A hash that no password fits: an unknown name costs as much as a wrong password."""
    return hash_now(secrets.token_urlsafe(32))


def _matches(stored: str, password: str) -> bool:
    try:
        return _hasher.verify(stored, password)
    except (VerificationError, InvalidHashError):
        return False


async def hash_password(password: str) -> str:
    """The hash, made in a thread."""
    return await asyncio.get_running_loop().run_in_executor(_threads, hash_now, password)


async def matches(stored: str | None, password: str) -> bool:
    """Whether the password is the one; takes the same time without an account."""
    loop = asyncio.get_running_loop()
    fits = await loop.run_in_executor(_threads, _matches, stored or _nobody(), password[:LONGEST])
    return fits and stored is not None


def check_new(password: str, login_name: str) -> None:
    """GB/T 22239-2019, third level: length and three classes, not the login name. Invalid says what is missing."""
    classes = sum(
        any(test(c) for c in password) for test in (str.islower, str.isupper, str.isdigit, lambda c: not c.isalnum())
    )
    if not SHORTEST <= len(password) <= LONGEST:
        raise Invalid(f"新密码要有 {SHORTEST} 到 {LONGEST} 个字符。")
    if classes < 3:
        raise Invalid("新密码要有大写字母、小写字母、数字、符号里的至少三种。")
    if login_name and login_name.lower() in password.lower():
        raise Invalid("新密码里不能有登录名。")


def fresh() -> str:
    """A one-time password: 14 characters of three classes, about 78 bits, easy to type from a screen."""
    parts = [secrets.choice(_CAPITALS), secrets.choice(_LETTERS), secrets.choice(_DIGITS)]
    parts += [secrets.choice(_LETTERS + _CAPITALS + _DIGITS) for _ in range(11)]
    secrets.SystemRandom().shuffle(parts)
    return "".join(parts)
