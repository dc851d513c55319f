"""Callers of several users in one process, and a flood of them."""

import contextlib
import grp
import os
import pwd
import resource
import selectors
import threading

from tests.support import varlink
from tests.support.account import Account, daemon_account
from tests.support.deadline import DEFAULT

EVE, ANA, ADMIN = "games", "man", "news"  # accounts that every Debian has, and that own no daemon
ADMIN_GROUP = "operator"


def allow_descriptors():
    """For this process and the daemons that it starts."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    return hard


@contextlib.contextmanager
def as_user(name, *groups):
    """Root is somebody else meanwhile, in the daemon's group: who connects a socket is its peer for good, unix(7)."""
    os.setgroups([grp.getgrnam(group).gr_gid for group in groups])
    os.setegid(daemon_account().gid)
    os.seteuid(pwd.getpwnam(name).pw_uid)
    try:
        yield
    finally:
        os.seteuid(0)
        os.setegid(0)
        os.setgroups([])


def account_of(name):
    return Account(pwd.getpwnam(name).pw_uid, daemon_account().gid)


class Flood:
    """Connections of one user that send what they are given and read all that comes, on a thread of its own."""

    def __init__(self, daemon, user, count):
        with as_user(user):
            self._sockets = [varlink.Client(daemon.socket).socket for _ in range(count)]
        self._unsent = {}
        self._selector = selectors.DefaultSelector()
        self._quit = os.pipe()
        self._selector.register(self._quit[0], selectors.EVENT_READ)
        for connection in self._sockets:
            connection.setblocking(False)
            self._selector.register(connection, selectors.EVENT_READ | selectors.EVENT_WRITE)
        self.sent = self.answered = self.ended = 0
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def send(self, make):
        """Each connection sends make(number), a list of frames without their ends; begins."""
        for number, connection in enumerate(self._sockets):
            frames = make(number)
            self.sent += len(frames)
            self._unsent[connection] = b"".join(frame + b"\0" for frame in frames)
        self._thread.start()
        return self

    def close(self):
        os.write(self._quit[1], b"x")
        self._thread.join(DEFAULT)
        self._selector.close()
        for connection in self._sockets:
            connection.close()
        for fd in self._quit:
            os.close(fd)

    def _run(self):
        while True:
            for key, events in self._selector.select():
                if key.fileobj == self._quit[0]:
                    return
                if events & selectors.EVENT_WRITE:
                    self._write(key.fileobj)
                if events & selectors.EVENT_READ:
                    self._read(key.fileobj)

    def _write(self, connection):
        unsent = self._unsent.get(connection, b"")
        try:
            unsent = unsent[connection.send(unsent[:65536]):] if unsent else b""
        except BlockingIOError:
            return
        except (BrokenPipeError, ConnectionResetError):
            unsent = b""
        self._unsent[connection] = unsent
        if not unsent:
            self._selector.modify(connection, selectors.EVENT_READ)

    def _read(self, connection):
        try:
            data = connection.recv(1 << 18)
        except BlockingIOError:
            return
        except ConnectionResetError:
            data = b""
        if not data:
            self.ended += 1
            self._selector.unregister(connection)
            return
        self.answered += data.count(b"\0")
