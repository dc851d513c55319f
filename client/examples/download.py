#!/usr/bin/python3
"""Downloads SOURCE, a URL or a name of the catalog, and writes the file to stdout:

download.py SOURCE > FILE
"""

import contextlib
import json
import os
import shutil
import socket
import sys


class Connection:
    """Varlink: JSON objects that end with NUL, see io.concd(7)."""

    def __init__(self, path):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.connect(path)
        self.fds = []  # that came with the last reply

    def call(self, method, **parameters):
        request = {"method": f"io.concd.{method}", "parameters": parameters}
        self.socket.sendall(json.dumps(request).encode() + b"\0")
        reply = json.loads(self._receive())
        if "error" in reply:
            raise RuntimeError(f"{reply['error']} {reply.get('parameters', {})}")
        return reply["parameters"]

    def _receive(self):
        """One call has one reply: nothing follows its NUL."""
        message, self.fds = b"", []
        while not message.endswith(b"\0"):
            data, fds, _, _ = socket.recv_fds(self.socket, 65536, 1, socket.MSG_CMSG_CLOEXEC)
            if not data:
                raise ConnectionError("concd closed the connection")
            message += data
            self.fds += fds
        return message[:-1]


def download(concd, source):
    """The finished file, open for reading."""
    id = concd.call("Download", source=source)["id"]
    job = concd.call("Wait", ids=[id])["jobs"][0]
    if job["state"] != "done":
        raise RuntimeError((job.get("failure") or {}).get("message", job["state"]))
    index = concd.call("OpenResult", id=id)["fd"]
    file = open(concd.fds[index], "rb")
    with contextlib.suppress(OSError, RuntimeError):  # the file is ours, whatever is replied
        concd.call("Release", id=id)
    return file


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    try:
        concd = Connection(os.environ.get("CONCD_SOCKET", "/run/concd/concd.sock"))
        with download(concd, sys.argv[1]) as file:
            shutil.copyfileobj(file, sys.stdout.buffer)
    except (OSError, RuntimeError) as error:
        sys.exit(f"{sys.argv[1]}: {error}")


if __name__ == "__main__":
    main()
