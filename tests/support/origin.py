"""The hostile origin: an HTTP server on loopback that misbehaves as its URLs tell it to.

The URLs' keys are explained in origin_script.py. As a program:

  python3 tests/support/origin.py [--port N] [--host ADDRESS] [--tls CERTIFICATE.pem] [--http2]

prints its port and serves until it is interrupted; /_control/requests lists what was asked, as JSON, and
/_control/release?TARGET and /_control/change?TARGET do what the methods of those names do.
"""

import argparse
import json
import os
import pathlib
import socket
import ssl
import sys
import threading
import urllib.parse
from dataclasses import asdict, dataclass, field

if __package__ in (None, ""):
    sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2]))

from tests.support import origin_http1  # noqa: E402
from tests.support.deadline import DEFAULT, Watched  # noqa: E402
from tests.support.origin_script import Script  # noqa: E402


@dataclass
class Seen:
    """One request as it arrived, and how far its answer went."""

    method: str
    target: str
    headers: dict = field(default_factory=dict)
    peer: tuple = ()
    turn: int = 0
    status: int = 0
    sent: int = 0  # body bytes handed to the kernel

    @property
    def path(self):
        return self.target.partition("?")[0]


class Origin:
    """Listens from construction to close(); safe to use from any thread."""

    def __init__(self, host="127.0.0.1", port=0, certificate=None, http2=False, handshake=True):
        """TLS with the certificate (and key) of that file; with `handshake` false TLS clients wait for ever."""
        self.host = host
        self.scheme = "https" if certificate or not handshake else "http"
        self.closing, self._closing = os.pipe()
        self._handshake = handshake
        self._context = _context(certificate, http2) if certificate else None
        self._watched = Watched()
        self._seen = []
        self._turns = {}
        self._changes = {}
        self._gates = {}
        self._sockets = set()
        self._threads = set()
        self._listener = socket.create_server((host, port), backlog=1024)
        self.port = self._listener.getsockname()[1]
        self._acceptor = threading.Thread(target=self._accept, daemon=True)
        self._acceptor.start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def url(self, path, userinfo="", host=None, **keys):
        """The URL of `path` with the orders `keys`; a true flag is "1"."""
        query = urllib.parse.urlencode({key: "1" if value is True else value for key, value in keys.items()})
        at = f"{userinfo}@" if userinfo else ""
        return f"{self.scheme}://{at}{host or self.host}:{self.port}{path}" + (f"?{query}" if query else "")

    # Looking at what happened

    def requests(self, url=None):
        """The requests so far, of one URL or of all."""
        with self._watched:
            return self._matching(url)

    def wait_for(self, url, count=1, timeout=DEFAULT):
        """The requests of `url` once there are `count`."""
        return self._watched.wait_for(lambda: len(seen := self._matching(url)) >= count and seen,
                                      f"{count} requests of {url}", timeout)

    def wait_sent(self, url, amount, timeout=DEFAULT):
        """Returns once `amount` body bytes of `url` have been sent, over all its requests."""
        self._watched.wait_for(lambda: sum(seen.sent for seen in self._matching(url)) >= amount,
                               f"{amount} bytes of {url}", timeout)

    def bytes_sent(self, url=None):
        return sum(seen.sent for seen in self.requests(url))

    def _matching(self, url):
        target = None if url is None else _target(url)
        return [seen for seen in self._seen if target is None or seen.target == target]

    # Changing what happens

    def release(self, url):
        """Lets the answers that `hold` stopped at go on, now and later."""
        os.write(self._gate(_target(url))[1], b"x")

    def change(self, url):
        """From now on the URL is another version of its file."""
        with self._watched:
            self._changes[_target(url)] = self._changes.get(_target(url), 0) + 1

    def control(self, target):
        parts = urllib.parse.urlsplit(target)
        if parts.path == "/_control/requests":
            return json.dumps([asdict(seen) for seen in self.requests()]) + "\n"
        {"/_control/release": self.release, "/_control/change": self.change}[parts.path](parts.query)
        return "ok\n"

    def close(self):
        """Hangs up on everybody and waits for the threads. Again is harmless."""
        if self._closing < 0:
            return
        with self._watched:
            closing, self._closing = self._closing, -1
            sockets, threads = list(self._sockets), list(self._threads)
        os.close(closing)
        self._listener.shutdown(socket.SHUT_RDWR)
        for sock in sockets:
            _shut(sock)
        for thread in [self._acceptor, *threads]:
            thread.join(DEFAULT)
        self._listener.close()
        os.close(self.closing)
        for gate in self._gates.values():
            for end in gate:
                os.close(end)

    # What the connections call

    def note(self, method, target, headers, peer):
        """Records a request; returns its record and its orders."""
        with self._watched:
            turn = self._turns.get(target, 0)
            if method != "HEAD":  # a look ahead, which some clients take, is not a turn
                self._turns[target] = turn + 1
            seen = Seen(method, target, headers, peer, turn)
            self._seen.append(seen)
            return seen, Script(target, turn, self._changes.get(target, 0))

    def answering(self, seen, status):
        with self._watched:
            seen.status = status

    def sent(self, seen, amount):
        with self._watched:
            seen.sent += amount

    def gate(self, target):
        return self._gate(target)[0]

    def _gate(self, target):
        with self._watched:
            if target not in self._gates:
                self._gates[target] = os.pipe()
            return self._gates[target]

    # Accepting

    def _accept(self):
        while self._closing >= 0:
            try:
                sock, peer = self._listener.accept()
            except OSError:
                return
            thread = threading.Thread(target=self._serve, args=(sock, peer), daemon=True)
            with self._watched:
                self._sockets.add(sock)
                self._threads.add(thread)
            thread.start()

    def _serve(self, sock, peer):
        try:
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if not self._handshake:
                while sock.recv(65536):
                    pass
            if self._context:
                sock = self._secured(sock)
            self._connection(sock, peer).serve()
        except OSError:
            pass
        finally:
            sock.close()
            with self._watched:
                self._sockets.discard(sock)
                self._threads.discard(threading.current_thread())

    def _secured(self, sock):
        """Wrapping detaches the plain socket, so close() has to know the new one before the handshake waits."""
        secured = self._context.wrap_socket(sock, server_side=True, do_handshake_on_connect=False)
        with self._watched:
            self._sockets.discard(sock)
            self._sockets.add(secured)
        try:
            secured.do_handshake()
        except BaseException:
            secured.close()
            raise
        return secured

    def _connection(self, sock, peer):
        if self._context and sock.selected_alpn_protocol() == "h2":
            from tests.support import origin_http2  # needs python3-h2, which only these tests do
            return origin_http2.Connection(self, sock, peer)
        return origin_http1.Connection(self, sock, peer)


def _context(certificate, http2):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    context.set_alpn_protocols(["h2", "http/1.1"] if http2 else ["http/1.1"])
    return context


def _target(url):
    """The request target of a URL; a target stays as it is."""
    parts = urllib.parse.urlsplit(url)
    return parts.path + (f"?{parts.query}" if parts.query else "")


def _shut(sock):
    try:
        sock.shutdown(socket.SHUT_RDWR)
    except OSError:
        pass


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--tls", metavar="FILE", help="a PEM file with certificate and key")
    parser.add_argument("--http2", action="store_true")
    options = parser.parse_args()
    with Origin(options.host, options.port, options.tls, options.http2) as origin:
        print(origin.port, flush=True)
        try:
            threading.Event().wait()
        except KeyboardInterrupt:
            pass


if __name__ == "__main__":
    main()
