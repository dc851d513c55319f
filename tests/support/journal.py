"""journald's end of the native protocol: a datagram socket that collects entries, or takes none for a while."""

import os
import socket
import threading

from tests.support.deadline import DEFAULT, Watched


class Journal:
    """Binds `path` at once and reads until close(), but for the time between pause() and go_on()."""

    def __init__(self, path):
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        self._socket.bind(str(path))
        os.chmod(path, 0o666)
        self._watched = Watched()
        self._entries = []
        self._reads = True
        self._closed = False
        self._thread = threading.Thread(target=self._receive, daemon=True)
        self._thread.start()

    def pause(self):
        """Senders find the socket full from now on."""
        with self._watched:
            self._reads = False

    def go_on(self):
        with self._watched:
            self._reads = True

    def wait_for(self, event, job=None, timeout=DEFAULT):
        """The first entry of that CONCD_EVENT (and job)."""
        def matching():
            return next((entry for entry in self._entries if entry.get("CONCD_EVENT") == event
                         and (job is None or entry.get("CONCD_JOB_ID") == str(job))), None)
        return self._watched.wait_for(matching, f"the journal's entry {event} of job {job}", timeout)

    def close(self):
        """Again is harmless."""
        with self._watched:
            if self._closed:
                return
            self._closed = self._reads = True
        self._socket.shutdown(socket.SHUT_RDWR)
        self._thread.join(DEFAULT)
        self._socket.close()

    def _receive(self):
        while True:
            self._watched.wait_for(lambda: self._reads, "the end of the pause", timeout=10 * DEFAULT)
            data = self._socket.recv(1 << 20)
            if not data:
                return
            fields = (line.partition("=") for line in data.decode(errors="replace").splitlines())
            with self._watched:
                self._entries.append({name: value for name, _, value in fields})
