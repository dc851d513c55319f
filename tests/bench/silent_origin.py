"""An origin that takes connections and never answers: what is queued for it stays queued."""

import socket


class SilentOrigin:
    """Listens from construction to close(); the kernel completes the connections."""

    def __init__(self):
        self._socket = socket.create_server(("127.0.0.1", 0), backlog=128)
        self.port = self._socket.getsockname()[1]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def url(self, number):
        return f"http://127.0.0.1:{self.port}/files/file-{number}"

    def close(self):
        self._socket.close()
