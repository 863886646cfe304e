"""What the child takes from itself before it touches a file: memory, time, network, writing, other programs."""

import os
import resource
import sys
from typing import Final

_NEW_USER: Final = 0x10000000
_NEW_NET: Final = 0x40000000
_FORBIDDEN: Final = ("socket.", "subprocess.", "os.exec", "os.fork", "os.posix_spawn", "os.system", "os.remove")
_WRITING: Final = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND


def enter(*, memory: int) -> None:
    """Bound memory, files and core dumps for good, and leave the network where the system allows it."""
    _leave_network()
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))


def start_clock(*, cpu: int) -> None:
    """From now on `cpu` seconds of processor time; the kernel ends the process after them."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    end = int(used.ru_utime + used.ru_stime) + cpu
    resource.setrlimit(resource.RLIMIT_CPU, (end, end + 1))


def lock() -> None:
    """From now on no socket, no program, no file written: second fence behind the first."""
    sys.addaudithook(_watch)


def _watch(event: str, arguments: tuple[object, ...]) -> None:
    if event.startswith(_FORBIDDEN):
        raise PermissionError(event)
    if event == "open" and len(arguments) > 2 and isinstance(arguments[2], int) and arguments[2] & _WRITING:
        raise PermissionError("open for writing")


def _leave_network() -> None:
    """An empty network namespace; as root at once, else through a user namespace; some systems allow neither."""
    import ctypes  # only here: its import costs time

    library = ctypes.CDLL(None, use_errno=True)
    if library.unshare(_NEW_NET) != 0:
        library.unshare(_NEW_USER | _NEW_NET)
