"""Waiting for a folder to look as it should, by inotify(7)."""

import ctypes
import os
import select
import struct
import time

from tests.support.deadline import DEFAULT, Expired

MODIFY, CLOSE_WRITE, MOVED_FROM, MOVED_TO, CREATE, DELETE, OVERFLOW = 0x2, 0x8, 0x40, 0x80, 0x100, 0x200, 0x4000
_NAMES = CREATE | DELETE | MOVED_FROM | MOVED_TO | CLOSE_WRITE
_HEADER = struct.Struct("iIII")


class Watch:
    """Sees every name that appears in a folder or leaves it, or what else `mask` says, from construction to close()."""

    def __init__(self, folder, mask=_NAMES):
        libc = ctypes.CDLL(None, use_errno=True)
        self._fd = libc.inotify_init1(os.O_CLOEXEC | os.O_NONBLOCK)
        if self._fd < 0 or libc.inotify_add_watch(self._fd, os.fsencode(folder), mask) < 0:
            raise OSError(ctypes.get_errno(), f"inotify on {folder}")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        os.close(self._fd)

    def fileno(self):
        return self._fd

    def changes(self, timeout):
        """The (mask, name) of what has happened; empty when nothing does within `timeout` seconds."""
        if not select.select([self._fd], [], [], timeout)[0]:
            return []
        data, found = os.read(self._fd, 65536), []
        while data:
            _, mask, _, length = _HEADER.unpack_from(data)
            found.append((mask, os.fsdecode(data[_HEADER.size : _HEADER.size + length].rstrip(b"\0"))))
            data = data[_HEADER.size + length :]
        return found


def wait_until(folder, predicate, what, timeout=DEFAULT):
    """Returns once `predicate` holds for the names in `folder`; raises Expired."""
    until = time.monotonic() + timeout
    with Watch(folder) as watch:
        while not predicate(os.listdir(folder)):
            if not watch.changes(max(0, until - time.monotonic())) and time.monotonic() >= until:
                raise Expired(f"{what}: {sorted(os.listdir(folder))}")
