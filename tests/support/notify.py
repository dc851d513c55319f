"""The service manager's end of sd_notify(3): collects what a daemon says, and lets barriers pass."""

import array
import os
import socket
import struct
import threading

from tests.support.deadline import DEFAULT, Watched


class NotifySocket:
    """Binds `path` at once; what arrives is kept, in order, as (pid of the sender, {NAME: value})."""

    def __init__(self, path):
        self.path = str(path)
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)
        self._socket.bind(self.path)
        os.chmod(self.path, 0o777)
        self._watched = Watched()
        self._messages = []
        self._thread = threading.Thread(target=self._receive, daemon=True)
        self._thread.start()

    def messages(self):
        with self._watched:
            return list(self._messages)

    def forget(self):
        with self._watched:
            self._messages.clear()

    def wait_for(self, name, value=None, count=1, timeout=DEFAULT):
        """The pid and the message once `count` of them have the name (with that value, if one is given)."""
        def matching():
            found = [entry for entry in self._messages
                     if name in entry[1] and (value is None or entry[1][name] == value)]
            return len(found) >= count and found[count - 1]
        return self._watched.wait_for(matching, f"the notification {name}={value or '…'}", timeout)

    def wake(self):
        """Lets all waits look again, because the sender may have ended."""
        with self._watched:
            pass

    def close(self):
        self._socket.shutdown(socket.SHUT_RDWR)
        self._thread.join(DEFAULT)
        self._socket.close()

    def _receive(self):
        space = socket.CMSG_SPACE(4 * 4) + socket.CMSG_SPACE(struct.calcsize("3i"))
        while True:
            data, control, _, _ = self._socket.recvmsg(65536, space, socket.MSG_CMSG_CLOEXEC)
            if not data:
                return
            pid, fds = 0, []
            for level, kind, value in control:
                if (level, kind) == (socket.SOL_SOCKET, socket.SCM_CREDENTIALS):
                    pid = struct.unpack("3i", value)[0]
                elif (level, kind) == (socket.SOL_SOCKET, socket.SCM_RIGHTS):
                    fds += array.array("i", value)
            lines = (line.partition("=") for line in data.decode().splitlines())
            with self._watched:
                self._messages.append((pid, {name: value for name, _, value in lines}))
            for fd in fds:  # closing it is what sd_notify_barrier(3) waits for
                os.close(fd)
