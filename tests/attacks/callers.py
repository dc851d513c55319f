"""Callers of several users in one process, and a flood of them."""

import contextlib
import grp
import json
import os
import pwd
import resource
import selectors
import threading
import time
import unittest

from tests.integration.case import DaemonCase
from tests.support import varlink
from tests.support.account import Account, daemon_account, is_root
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
    """Connections of one user that send what they are given and read all that comes, on a thread of its own.
    `without_end`: once they have sent it they begin anew, and one that is given nothing sends a byte a second."""

    def __init__(self, daemon, user, count, without_end=False):
        self._without_end = without_end
        with as_user(user):
            self._sockets = [varlink.Client(daemon.socket).socket for _ in range(count)]
        self._frames = {}  # of each connection, in one piece
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
            self._frames[connection] = self._unsent[connection] = b"".join(frame + b"\0" for frame in frames)
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
        tick = time.monotonic() + 1
        while True:
            if self._without_end and time.monotonic() >= tick:
                self._trickle()
                tick += 1
            for key, events in self._selector.select(1):
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
        if not unsent and self._without_end:
            unsent = self._frames.get(connection, b"")
        self._unsent[connection] = unsent
        if not unsent:
            self._selector.modify(connection, selectors.EVENT_READ)

    def _trickle(self):
        for connection in [connection for connection, frames in self._frames.items() if not frames]:
            with contextlib.suppress(OSError):
                connection.send(b"{")

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


def call(method, **parameters):
    return json.dumps({"method": f"io.concd.{method}", "parameters": parameters}).encode()


def call_more(method, **parameters):
    return json.dumps({"method": f"io.concd.{method}", "parameters": parameters, "more": True}).encode()


def call_all(client, frames, burst=20):
    """The messages that answer the calls, in order; some are sent ahead, no more than fit into the socket."""
    answers = []
    for begin in range(0, len(frames), burst):
        some = frames[begin : begin + burst]
        client.send_raw(b"".join(frame + b"\0" for frame in some))
        answers += [client.receive() for _ in some]
    return answers


def submit(client, urls):
    """The ids of their jobs."""
    return [answer["parameters"]["id"] for answer in call_all(client, [call("Download", source=url) for url in urls])]


@unittest.skipUnless(is_root(), "needs root to be several users")
class CallersCase(DaemonCase):
    @classmethod
    def setUpClass(cls):
        allow_descriptors()
        super().setUpClass()

    def client(self, user, *groups):
        with as_user(user, *groups):
            client = varlink.Client(self.daemon.socket)
        self.addCleanup(client.close)
        return client

    def error(self, client, method, **parameters):
        with self.assertRaises(varlink.Error) as refused:
            client.call(method, **parameters)
        return refused.exception

    def resident(self):
        """Bytes of memory of the daemon."""
        with open(f"/proc/{self.daemon.pid}/statm") as file:
            return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")
