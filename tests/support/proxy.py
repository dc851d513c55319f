"""A link that drops: a TCP proxy on loopback that resets all it carries every so often, and refuses for a moment.

As a program: proxy.py TARGET_PORT RATE EVERY PAUSE (bytes a second and seconds) prints its port and serves until its
standard input ends; then it prints, as JSON, how often it dropped, how many connections that cut, and how many
bytes it had handed to the kernel for the clients.
"""

import contextlib
import json
import selectors
import socket
import struct
import subprocess
import sys
import time

_PIECE = 16 * 1024
_TICK = 0.005  # seconds; the link's bytes are dealt out in such slices
_LINGER_NONE = struct.pack("ii", 1, 0)  # closing is a reset


class Proxy:
    """Serves from construction to close()."""

    def __init__(self, target_port, rate, every, pause):
        self._process = subprocess.Popen([sys.executable, __file__, *map(str, (target_port, rate, every, pause))],
                                         stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.port = int(self._process.stdout.readline())

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        """The counts: `drops`, `cut` and `bytes`; again is harmless."""
        if self._process.stdin.closed:
            return None
        self._process.stdin.close()
        counts = json.loads(self._process.stdout.readline())
        self._process.wait()
        self._process.stdout.close()
        return counts


class _Pair:
    """A client and what it talks to."""

    def __init__(self, client, server):
        self.client, self.server = client, server
        self.pending = b""  # for the client

    def close(self, reset):
        for sock in (self.client, self.server):
            if reset:
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _LINGER_NONE)
            sock.close()


class _Link:
    def __init__(self, target_port, rate, every, pause):
        self._target, self._rate, self._every, self._pause = target_port, rate, every, pause
        self._selector = selectors.DefaultSelector()
        self._pairs = set()
        self._listener = self._listen(0)
        self.port = self._listener.getsockname()[1]
        self._next_drop = time.monotonic() + every
        self._reopen = None
        self._budget, self._dealt = 0.0, time.monotonic()
        self.counts = {"drops": 0, "cut": 0, "bytes": 0}

    def _listen(self, port):
        listener = socket.create_server(("127.0.0.1", port), backlog=512)
        listener.setblocking(False)
        self._selector.register(listener, selectors.EVENT_READ, self._accept)
        return listener

    def run(self):
        self._selector.register(sys.stdin, selectors.EVENT_READ, None)
        while True:
            ready = self._selector.select(_TICK)
            if any(key.fileobj is sys.stdin for key, _ in ready):
                break
            self._deal()
            for key, _ in ready:
                if key.fileobj.fileno() >= 0:  # else it ended with its pair, a moment ago
                    key.data()
            self._drop_or_reopen(time.monotonic())
            if self._budget <= 0:
                time.sleep(_TICK)
        for pair in list(self._pairs):
            self._end(pair, False)

    def _deal(self):
        now = time.monotonic()
        self._budget = min(self._budget + self._rate * (now - self._dealt), self._rate * 4 * _TICK)
        self._dealt = now

    def _accept(self):
        with contextlib.suppress(BlockingIOError):
            client, _ = self._listener.accept()
            pair = _Pair(client, socket.create_connection(("127.0.0.1", self._target)))
            self._pairs.add(pair)
            for sock in (pair.client, pair.server):
                sock.setblocking(False)
                sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            pair.client.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4 * _PIECE)
            self._selector.register(pair.client, selectors.EVENT_READ, lambda: self._up(pair))
            self._selector.register(pair.server, selectors.EVENT_READ, lambda: self._down(pair))

    def _up(self, pair):
        """A request; what is no more than that is taken at once."""
        try:
            data = pair.client.recv(_PIECE)
            if data:
                pair.server.sendall(data)
            else:
                self._end(pair, False)
        except OSError:
            self._end(pair, False)

    def _down(self, pair):
        if self._budget <= 0:
            return
        try:
            data = pair.server.recv(_PIECE)
            if not data:
                return self._end(pair, False)
            pair.pending = data
            self._flush(pair)
        except OSError:
            self._end(pair, False)

    def _flush(self, pair):
        """Passes on what it can; what is left waits for the client, and the server for both."""
        with contextlib.suppress(BlockingIOError):
            sent = pair.client.send(pair.pending)
            self._budget -= sent
            self.counts["bytes"] += sent
            pair.pending = pair.pending[sent:]
        waits = bool(pair.pending)
        with contextlib.suppress(KeyError):
            self._selector.unregister(pair.server)
        if waits:
            self._selector.modify(pair.client, selectors.EVENT_WRITE, lambda: self._go_on(pair))
        else:
            self._selector.modify(pair.client, selectors.EVENT_READ, lambda: self._up(pair))
            self._selector.register(pair.server, selectors.EVENT_READ, lambda: self._down(pair))

    def _go_on(self, pair):
        try:
            self._flush(pair)
        except OSError:
            self._end(pair, False)

    def _end(self, pair, reset):
        for sock in (pair.client, pair.server):
            with contextlib.suppress(KeyError):
                self._selector.unregister(sock)
        self._pairs.discard(pair)
        pair.close(reset)

    def _drop_or_reopen(self, now):
        if self._reopen is not None and now >= self._reopen:
            self._reopen = None
            self._listener = self._listen(self.port)
        if now < self._next_drop:
            return
        self._next_drop = now + self._every
        self._reopen = now + self._pause
        self._selector.unregister(self._listener)
        self._listener.close()
        self.counts["drops"] += 1
        for pair in list(self._pairs):
            self.counts["cut"] += 1
            self._end(pair, True)


def main():
    link = _Link(int(sys.argv[1]), float(sys.argv[2]), float(sys.argv[3]), float(sys.argv[4]))
    print(link.port, flush=True)
    link.run()
    print(json.dumps(link.counts), flush=True)


if __name__ == "__main__":
    main()
