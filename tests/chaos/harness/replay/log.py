"""The log of tests/chaos/preload/layer: every call that changed the watched folder, in order."""

import contextlib
import enum
import fcntl
import json
import os
import struct
from dataclasses import dataclass

_HEAD = struct.Struct("<IHHHHIiiQQQqI")


class Kind(enum.IntEnum):
    CREATE = 1
    WRITE = 2
    TRUNCATE = 3
    RENAME = 4
    UNLINK = 5
    MAKE_FOLDER = 6
    LINK = 7
    SYMLINK = 8
    SYNC_BEGIN = 9
    SYNC_END = 10
    MODE = 11
    MARK = 12
    FAULT = 13
    UNKNOWN = 14


class Sync(enum.IntEnum):
    DATA = 0
    ALL = 1
    FILE_SYSTEM = 2


EXCHANGE = 2  # RENAME_EXCHANGE, rename(2)

# The calls that the layer counts and makes fail, in its order.
CALLS = ("open", "write", "ftruncate", "fallocate", "rename", "unlink", "mkdir", "link", "symlink", "fsync",
         "fdatasync", "syncfs", "fchmod", "futimens")


@dataclass(frozen=True)
class Entry:
    kind: Kind
    pid: int
    error: int
    inode: int
    folder: int
    other_folder: int
    offset: int
    flags: int
    name: str
    other_name: str
    data: bytes

    def mark(self):
        """What a test noted."""
        return json.loads(self.data)

    def __str__(self):
        if self.kind == Kind.MARK:
            return f"mark {self.mark()}"
        words = [self.kind.name.lower(), f"pid={self.pid}"]
        for key in ("error", "inode", "folder", "name", "other_folder", "other_name", "offset", "flags"):
            if getattr(self, key):
                words.append(f"{key}={getattr(self, key)}")
        return " ".join(words + ([f"bytes={len(self.data)}"] if self.data else []))


def read(path):
    """All entries."""
    with open(path, "rb") as file:
        data = file.read()
    entries, position = [], 0
    while position < len(data):
        length, kind, names, others, _, size, pid, error, inode, folder, other, offset, flags = \
            _HEAD.unpack_from(data, position)
        start = position + _HEAD.size
        name = os.fsdecode(data[start : start + names])
        other_name = os.fsdecode(data[start + names : start + names + others])
        start += names + others
        entries.append(Entry(Kind(kind), pid, error, inode, folder, other, offset, flags, name, other_name,
                             data[start : start + size]))
        position += length
    return entries


class Writer:
    """Notes marks between the entries of the layer, under the same lock."""

    def __init__(self, path):
        self._fd = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o666)
        os.fchmod(self._fd, 0o666)  # the daemon is another user

    def mark(self, **fields):
        data = json.dumps(fields).encode()
        head = _HEAD.pack(_HEAD.size + len(data), Kind.MARK, 0, 0, 0, len(data), os.getpid(), 0, 0, 0, 0, 0, 0)
        with self.locked():
            os.write(self._fd, head + data)

    @contextlib.contextmanager
    def locked(self):
        """Meanwhile no call on the folder is under way, but for syncs: each is done and written down, or not begun."""
        fcntl.flock(self._fd, fcntl.LOCK_EX)
        try:
            yield
        finally:
            fcntl.flock(self._fd, fcntl.LOCK_UN)

    def close(self):
        os.close(self._fd)
