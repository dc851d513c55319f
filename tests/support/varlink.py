"""A Varlink client of our own: JSON objects ended by NUL over a Unix socket, descriptors by SCM_RIGHTS."""

import array
import json
import os
import socket

from tests.support.deadline import DEFAULT

INTERFACE = "io.concd."


class Error(Exception):
    """An error reply."""

    def __init__(self, name, parameters):
        super().__init__(f"{name} {parameters}")
        self.name = name.removeprefix(INTERFACE)
        self.parameters = parameters


class Client:
    """One connection. Methods are of io.concd unless they have a dot in them. For one thread."""

    def __init__(self, path, timeout=DEFAULT):
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.socket.settimeout(timeout)
        self.socket.connect(str(path))
        self.fds = []  # received and not yet taken; the caller closes what it takes
        self._buffer = b""

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        for fd in self.fds:
            os.close(fd)
        self.fds = []
        self.socket.close()

    def send(self, method, more=False, fds=(), **parameters):
        call = {"method": method if "." in method else INTERFACE + method, "parameters": parameters}
        if more:
            call["more"] = True
        self.send_raw(json.dumps(call).encode() + b"\0", fds)

    def send_raw(self, data, fds=()):
        if fds:
            data = data[socket.send_fds(self.socket, [data], fds):]
        self.socket.sendall(data)

    def receive(self):
        """The next message, as it is; ConnectionError when there is none any more."""
        while b"\0" not in self._buffer:
            data, control, _, _ = self.socket.recvmsg(65536, socket.CMSG_SPACE(16 * 4), socket.MSG_CMSG_CLOEXEC)
            for level, kind, value in control:
                if (level, kind) == (socket.SOL_SOCKET, socket.SCM_RIGHTS):
                    self.fds += array.array("i", value[: len(value) - len(value) % 4])
            if not data:
                raise ConnectionError("the daemon closed the connection")
            self._buffer += data
        frame, self._buffer = self._buffer.split(b"\0", 1)
        return json.loads(frame)

    def reply(self):
        """The parameters of the next reply and whether more follow; raises Error."""
        message = self.receive()
        if "error" in message:
            raise Error(message["error"], message.get("parameters", {}))
        return message.get("parameters", {}), message.get("continues", False)

    def call(self, method, **parameters):
        self.send(method, **parameters)
        return self.reply()[0]

    def call_more(self, method, **parameters):
        """The replies, one after the other."""
        self.send(method, more=True, **parameters)
        continues = True
        while continues:
            parameters, continues = self.reply()
            yield parameters
