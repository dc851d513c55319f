"""A concd that says what a test tells it to, for the real client."""

import array
import contextlib
import json
import os
import socket
import threading


class Call:
    """What a client asked for; a handler answers it."""

    def __init__(self, connection, message):
        self._connection = connection
        self.method = message["method"].removeprefix("io.concd.")
        self.parameters = message.get("parameters", {})

    def send(self, text, fds=()):
        """Bytes as they are."""
        control = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", fds))] if fds else []
        while text:
            text = text[self._connection.sendmsg([text], control):]
            control = []

    def reply(self, parameters, fds=(), **members):
        self.send(json.dumps({"parameters": parameters, **members}).encode() + b"\0", fds)


class FakeDaemon:
    """Serves a socket; `handlers` is a dictionary from a method to a function that takes a Call."""

    def __init__(self, path):
        self.handlers, self.calls = {}, []
        self._listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._listener.bind(str(path))
        os.chmod(path, 0o666)
        self._listener.listen(16)
        self._connections = []
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self):
        for one in (self._listener, *self._connections):
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()

    def _accept(self):
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self._listener.accept()
                self._connections.append(connection)
                threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection):
        buffer = b""
        with contextlib.suppress(OSError):  # the client is gone
            while data := connection.recv(65536):
                *frames, buffer = (buffer + data).split(b"\0")
                for frame in frames:
                    call = Call(connection, json.loads(frame))
                    self.calls.append(call)
                    if call.method in self.handlers:
                        self.handlers[call.method](call)
