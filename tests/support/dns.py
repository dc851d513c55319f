"""A DNS server of our own, whose answers change from one question to the next."""

import ipaddress
import pathlib
import socket
import struct
import tempfile
import threading

from tests.support import mounts

_A, _AAAA = 1, 28
_NO_NAME = 3


class Dns:
    """Answers on port 53 of 127.0.0.1, of the network namespace that it is made in, from construction to close()."""

    def __init__(self):
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind(("127.0.0.1", 53))
        self._lock = threading.Lock()
        self._answers = {}
        self._asked = {}
        threading.Thread(target=self._serve, daemon=True).start()

    def answer(self, name, *steps):
        """A step is the addresses of one lookup; the last one is that of all that follow."""
        with self._lock:
            self._answers[name] = steps
            self._asked = {key: count for key, count in self._asked.items() if key[0] != name}

    def lookups(self, name):
        """How many times the name was looked up since its answers were set."""
        with self._lock:
            return max(self._asked.get((name, _A), 0), self._asked.get((name, _AAAA), 0))

    def close(self):
        self._socket.close()

    def _serve(self):
        while True:
            try:
                question, peer = self._socket.recvfrom(4096)
                self._socket.sendto(self._reply(question), peer)
            except OSError:
                return

    def _reply(self, message):
        labels, at = [], 12
        while message[at]:
            labels.append(message[at + 1:at + 1 + message[at]].decode())
            at += 1 + message[at]
        [kind] = struct.unpack_from("!H", message, at + 1)
        addresses = self._addresses(".".join(labels), kind)
        records = b"".join(struct.pack("!HHHIH", 0xc00c, kind, 1, 0, len(each)) + each for each in addresses or ())
        code = _NO_NAME if addresses is None else 0
        head = struct.pack("!HHHHHH", *struct.unpack_from("!H", message), 0x8580 | code, 1, len(addresses or ()), 0, 0)
        return head + message[12:at + 5] + records

    def _addresses(self, name, kind):
        """Those of that kind, packed; nothing when there is no such name."""
        with self._lock:
            steps = self._answers.get(name)
            if steps is None:
                return None
            count = self._asked.get((name, kind), 0)
            self._asked[name, kind] = count + 1
        found = map(ipaddress.ip_address, steps[min(count, len(steps) - 1)])
        return [each.packed for each in found if each.version == {_A: 4, _AAAA: 6}.get(kind)]


class Resolver:
    """Names are looked up in /etc/hosts and on 127.0.0.1, by this process and all that it starts. In private mounts."""

    _FILES = {"/etc/resolv.conf": "nameserver 127.0.0.1\n", "/etc/nsswitch.conf": "hosts: files dns\n"}

    def __init__(self):
        self._folder = tempfile.TemporaryDirectory(prefix="concd-dns-")
        folder = pathlib.Path(self._folder.name)
        folder.chmod(0o755)
        for path, text in self._FILES.items():
            file = folder / pathlib.Path(path).name
            file.write_text(text)
            file.chmod(0o644)
            mounts.mount("--bind", file, path)

    def close(self):
        for path in self._FILES:
            mounts.unmount(path)
        self._folder.cleanup()
