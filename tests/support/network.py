"""A network of our own that leads nowhere."""

import ctypes
import os
import subprocess
import threading

_CLONE_NEWNET = 0x40000000


class NotPermitted(Exception):
    """This process may not make network namespaces."""


class Namespace:
    """A network namespace with nothing but its loopback: whatever runs in it has no route to anywhere else."""

    def __init__(self):
        self._libc = ctypes.CDLL(None, use_errno=True)
        self._fd = self._on_a_thread(self._make)
        try:
            self._ip("link", "set", "lo", "up")
        except OSError as error:
            self.close()
            # A container may unshare(2) one and not have CAP_NET_ADMIN, without which it is of no use.
            if "Operation not permitted" not in str(error):
                raise
            raise NotPermitted(f"no network namespace that can be set up: {error}") from error

    def close(self):
        os.close(self._fd)

    def run(self, function):
        """What the function returns. The threads, processes and sockets that it makes are in the namespace for ever."""
        return self._on_a_thread(lambda: (self._enter(), function())[1])

    def add_address(self, address):
        """Whoever listens to all addresses can be reached at this one from now on."""
        self._ip("address", "add", f"{address}/32", "dev", "lo")

    def _ip(self, *words):
        done = self.run(lambda: subprocess.run(["ip", *words], capture_output=True, text=True,
                                               env={**os.environ, "LC_ALL": "C"}))
        if done.returncode != 0:
            raise OSError(f"ip {' '.join(words)}: {done.stderr.strip()}")

    def _make(self):
        if self._libc.unshare(_CLONE_NEWNET) != 0:
            raise NotPermitted(f"no network namespace: {os.strerror(ctypes.get_errno())}")
        return os.open("/proc/thread-self/ns/net", os.O_RDONLY | os.O_CLOEXEC)

    def _enter(self):
        if self._libc.setns(self._fd, _CLONE_NEWNET) != 0:
            raise OSError(ctypes.get_errno(), "setns")

    @staticmethod
    def _on_a_thread(function):
        """A namespace is that of a thread: this one ends at once."""
        result = {}

        def run():
            try:
                result["value"] = function()
            except BaseException as error:
                result["error"] = error
        thread = threading.Thread(target=run)
        thread.start()
        thread.join()
        if "error" in result:
            raise result["error"]
        return result["value"]
